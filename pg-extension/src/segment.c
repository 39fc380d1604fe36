/*-------------------------------------------------------------------------
 *
 * segment.c
 *	  The shared segment: made by the postmaster, inherited by its children.
 *
 * The file is <ring_directory>/pg_trace.<cluster>.<postmaster pid>, or has a
 * number behind that where the name is taken.  It is sparse: header and slots
 * are reserved when it is made, a ring when a session claims its slot, or when
 * somebody offers it one.  Nothing in it may be touched that is not reserved, or a
 * full file system would end the toucher with SIGBUS.
 *
 * Locking: a slot changes hands by compare-and-swap of its state.  File locks
 * only show who is alive, to whoever looks at the file from any container; they
 * are taken when the server starts and when a session claims its slot.
 *
 * Without a segment (no room, no permission) the server runs as if nothing
 * were traced, and who asks for a trace is told why.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "miscadmin.h"
#include "postmaster/postmaster.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "utils/guc.h"

#include "aio.h"
#include "client_port.h"
#include "pg_trace.h"
#include "ticks.h"
#include "wait_calls.h"

/* Files of dead servers with this pid that one has to step aside for. */
#define PGT_NAMES_MAX 1000

PgtSegment *pgt_segment = NULL;

static char segment_path[MAXPGPATH];
static int	segment_fd = -1;

/* A session's own descriptor, which holds the lock of its slot. */
static int	slot_lock_fd = -1;
static char why_not[512] = "pg_trace has not been started";

static bool create_segment(void);
static bool open_new_file(const char *prefix);
static void stop_segment(int code, Datum arg);
static void remove_old_segments(const char *prefix);

const char *
pgt_segment_path(void)
{
	return segment_path;
}

const char *
pgt_segment_why_not(void)
{
	return why_not;
}

PgtSlot *
pgt_segment_slot(uint32 index)
{
	return (PgtSlot *) ((char *) pgt_segment + PGT_SEGMENT_HEADER_SIZE +
						(size_t) index * PGT_SLOT_SIZE);
}

uint8 *
pgt_segment_ring(uint32 index)
{
	return (uint8 *) pgt_segment + pgt_segment->rings_offset +
		(size_t) index * pgt_segment->ring_size;
}

bool
pgt_segment_daemon_attached(void)
{
	return pgt_segment != NULL && pgt_ring_reader_attached(pgt_segment, pgt_clock_ns());
}

/*
 * Called in the postmaster at start, and again after a crash of one of its
 * children: what the dead sessions wrote is still to be drained.
 */
void
pgt_segment_startup(void)
{
	if (pgt_segment != NULL || IsUnderPostmaster || !IsPostmasterEnvironment)
		return;
	pgt_ticks_init();
	if (create_segment())
	{
		why_not[0] = '\0';
		pgt_control_generation = &pgt_segment->control_generation;
		on_proc_exit(stop_segment, 0);
	}
	else
	{
		if (segment_fd >= 0)
		{
			close(segment_fd);
			unlink(segment_path);
			segment_fd = -1;
		}
		ereport(WARNING,
				(errmsg("pg_trace cannot trace: %s", why_not),
				 errhint("Make room in the folder or set pg_trace.ring_directory to another one, and restart the server.")));
	}
}

/* Field 22 of /proc/<pid>/stat: with the pid, who a process is. */
static uint64
start_ticks(pid_t pid)
{
	char		path[64];
	char		buffer[1024];
	char	   *field;
	int			fd;
	ssize_t		length;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	length = read(fd, buffer, sizeof(buffer) - 1);
	close(fd);
	if (length <= 0)
		return 0;
	buffer[length] = '\0';
	field = strrchr(buffer, ')');
	for (int i = 2; field != NULL && i < 22; i++)
		field = strchr(field + 1, ' ');
	return field == NULL ? 0 : strtoull(field + 1, NULL, 10);
}

/*
 * Lock a byte of the file for this open file description, which fork()ed
 * children share; false where somebody else has it.
 */
static bool
lock_byte(int fd, off_t byte)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

static void
unlock_byte(int fd, off_t byte)
{
	struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

	fcntl(fd, F_OFD_SETLK, &lock);
}

static bool
is_byte_locked(int fd, off_t byte)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static off_t
slot_offset(uint32 index)
{
	return PGT_SEGMENT_HEADER_SIZE + (off_t) index * PGT_SLOT_SIZE;
}

static void
read_boot_id(char *to, size_t size)
{
	int			fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t		length;

	if (fd < 0)
		return;
	length = read(fd, to, size - 1);
	close(fd);
	to[length > 0 ? length : 0] = '\0';
	to[strcspn(to, "\n")] = '\0';
}

static void
take_anchor(int64_t *mono_ns, int64_t *wall_ns)
{
	struct timespec wall;
	int64_t		before = pgt_clock_ns();
	int64_t		after;

	clock_gettime(CLOCK_REALTIME, &wall);
	after = pgt_clock_ns();
	*mono_ns = before + (after - before) / 2;
	*wall_ns = (int64_t) wall.tv_sec * 1000000000 + wall.tv_nsec;
}

/* cluster_name, or pg<port>, fit for a file name. */
static void
cluster_label(char *to, size_t size)
{
	if (cluster_name != NULL && cluster_name[0] != '\0')
		strlcpy(to, cluster_name, size);
	else
		snprintf(to, size, "pg%d", PostPortNumber);
	for (char *c = to; *c != '\0'; c++)
	{
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
			  (*c >= '0' && *c <= '9') || *c == '_' || *c == '-'))
			*c = '_';
	}
}

/*
 * Make the file.  Its name may be taken: by events of an earlier server with
 * this pid, or by a server of another container that shares the folder.
 */
static bool
open_new_file(const char *prefix)
{
	for (int number = 1; number <= PGT_NAMES_MAX; number++)
	{
		char		suffix[16] = "";

		if (number > 1)
			snprintf(suffix, sizeof(suffix), ".%d", number);
		snprintf(segment_path, sizeof(segment_path), "%s/%s%d%s",
				 pgt_guc_ring_directory, prefix, MyProcPid, suffix);
		segment_fd = open(segment_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (segment_fd >= 0 || errno != EEXIST)
			break;
	}
	if (segment_fd < 0)
	{
		snprintf(why_not, sizeof(why_not), "could not create file \"%s\": %m", segment_path);
		return false;
	}
	if (!lock_byte(segment_fd, PGT_LOCK_SERVER))
	{
		snprintf(why_not, sizeof(why_not), "could not lock file \"%s\": %m", segment_path);
		return false;
	}
	return true;
}

static bool
create_segment(void)
{
	char		cluster[64];
	char		prefix[128];
	uint64		rings_offset;
	uint64		ring_size = (uint64) pgt_guc_ring_size * 1024;
	uint64		size;
	PgtSegment *segment;
	int			rc;
	long		page = sysconf(_SC_PAGESIZE);

	cluster_label(cluster, sizeof(cluster));
	snprintf(prefix, sizeof(prefix), PGT_FILE_PREFIX "%s.", cluster);
	remove_old_segments(prefix);

	rings_offset = PGT_SEGMENT_HEADER_SIZE + 2 * (uint64) pgt_guc_rings * PGT_SLOT_SIZE;
	rings_offset = TYPEALIGN(page, rings_offset);
	ring_size = TYPEALIGN(page, ring_size);
	size = rings_offset + 2 * (uint64) pgt_guc_rings * ring_size;

	if (!open_new_file(prefix))
		return false;
	rc = ftruncate(segment_fd, (off_t) size);
	if (rc != 0)
	{
		snprintf(why_not, sizeof(why_not), "could not make file \"%s\" " UINT64_FORMAT " bytes long: %m",
				 segment_path, size);
		return false;
	}
	rc = posix_fallocate(segment_fd, 0, (off_t) rings_offset);
	if (rc != 0)
	{
		errno = rc;
		snprintf(why_not, sizeof(why_not), "could not reserve " UINT64_FORMAT " bytes in folder \"%s\": %m",
				 rings_offset, pgt_guc_ring_directory);
		return false;
	}
	segment = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, segment_fd, 0);
	if (segment == MAP_FAILED)
	{
		snprintf(why_not, sizeof(why_not), "could not map file \"%s\" of " UINT64_FORMAT " bytes: %m",
				 segment_path, size);
		return false;
	}

	segment->magic = PGT_MAGIC;
	segment->endian = PGT_ENDIAN;
	segment->layout_major = PGT_LAYOUT_MAJOR;
	segment->layout_minor = PGT_LAYOUT_MINOR;
	segment->header_size = PGT_SEGMENT_HEADER_SIZE;
	segment->slot_size = PGT_SLOT_SIZE;
	segment->slot_count = (uint32) pgt_guc_rings;
	segment->record_align = PGT_RECORD_ALIGN;
	segment->rings_offset = rings_offset;
	segment->ring_size = ring_size;
	segment->segment_size = size;
	segment->server_pid = MyProcPid;
	segment->server_start_ticks = start_ticks(MyProcPid);
	segment->server_version_num = PGT_SERVER_VERSION_NUM;
	segment->clock_id = PGT_CLOCK_MONOTONIC;
	take_anchor(&segment->anchor_mono_ns, &segment->anchor_wall_ns);
	segment->port = (uint32) PostPortNumber;
	segment->block_size = BLCKSZ;
	strlcpy(segment->cluster, cluster, sizeof(segment->cluster));
	strlcpy(segment->server_version, GetConfigOption("server_version", true, false),
			sizeof(segment->server_version));
	strlcpy(segment->data_directory, DataDir, sizeof(segment->data_directory));
	read_boot_id(segment->boot_id, sizeof(segment->boot_id));
	if (pgt_wait_calls_why_not(NULL) != NULL)
		strlcpy(segment->no_requests, pgt_wait_calls_why_not(NULL), sizeof(segment->no_requests));
	__atomic_store_n(&segment->state, PGT_SEGMENT_READY, __ATOMIC_RELEASE);

	pgt_segment = segment;
	return true;
}

static bool
slots_all_free(const PgtSegment *segment)
{
	const char *slots = (const char *) segment + PGT_SEGMENT_HEADER_SIZE;

	for (uint32 i = 0; i < segment->slot_count; i++)
		if (((const PgtSlot *) (slots + (size_t) i * PGT_SLOT_SIZE))->state != PGT_SLOT_FREE)
			return false;
	return true;
}

/*
 * The postmaster ends.  A daemon takes the file away when it has drained it;
 * with nothing to drain it can go now.
 */
static void
stop_segment(int code, Datum arg)
{
	if (MyProcPid != PostmasterPid || pgt_segment == NULL)
		return;
	__atomic_store_n(&pgt_segment->state, PGT_SEGMENT_STOPPED, __ATOMIC_RELEASE);
	if (slots_all_free(pgt_segment))
		unlink(segment_path);
}

/*
 * Remove what servers of this cluster that are no more have left, unless a
 * session's events are still in it, for a daemon to drain.
 */
static void
remove_old_segments(const char *prefix)
{
	DIR		   *dir = opendir(pgt_guc_ring_directory);
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
	{
		char		path[MAXPGPATH];
		size_t		prefix_length = strlen(prefix);
		struct stat st;
		int			fd;
		PgtSegment *old;
		size_t		head;
		bool		removable = false;

		if (strncmp(entry->d_name, prefix, prefix_length) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", pgt_guc_ring_directory, entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0)
			continue;
		head = PGT_SEGMENT_HEADER_SIZE;
		if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && (size_t) st.st_size >= head)
		{
			old = mmap(NULL, head, PROT_READ, MAP_SHARED, fd, 0);
			if (old != MAP_FAILED)
			{
				bool		same_server = old->magic == PGT_MAGIC &&
				strncmp(old->data_directory, DataDir, sizeof(old->data_directory)) == 0;
				bool		alive = is_byte_locked(fd, PGT_LOCK_SERVER);
				uint32		count = old->slot_count;

				munmap(old, head);
				if (same_server && !alive && count > 0 && count <= PGT_SLOTS_MAX)
				{
					head += (size_t) count * PGT_SLOT_SIZE;
					old = (size_t) st.st_size < head ? MAP_FAILED :
						mmap(NULL, head, PROT_READ, MAP_SHARED, fd, 0);
					if (old != MAP_FAILED)
					{
						removable = slots_all_free(old);
						munmap(old, head);
					}
					if (!removable)
						ereport(LOG,
								(errmsg("pg_trace: file \"%s\" holds events of an earlier server run that no daemon has read", path),
								 errhint("Start \"pgtrace daemon\" to have them written, or remove the file.")));
				}
			}
		}
		close(fd);
		if (removable)
			unlink(path);
	}
	closedir(dir);
}

static off_t
ring_offset(uint32 index)
{
	return (off_t) (pgt_segment->rings_offset + (uint64) index * pgt_segment->ring_size);
}

static bool
reserve_ring(uint32 index, PgtClaimError *error)
{
	int			rc;

	do
	{
		rc = posix_fallocate(segment_fd, ring_offset(index), (off_t) pgt_segment->ring_size);
	} while (rc == EINTR);
	if (rc == 0)
		return true;
	errno = rc;
	snprintf(error->message, sizeof(error->message),
			 "could not reserve " UINT64_FORMAT " bytes for a trace ring in folder \"%s\": %m",
			 (uint64) pgt_segment->ring_size, pgt_guc_ring_directory);
	snprintf(error->detail, sizeof(error->detail),
			 "The session is not traced. The ring is part of file \"%s\".", segment_path);
	snprintf(error->hint, sizeof(error->hint),
			 "Make room in that folder (a container: a larger --shm-size), lower pg_trace.ring_size, "
			 "or set pg_trace.ring_directory to a folder with more room; the last two need a restart.");
	return false;
}

/* What the backend is, for the slot. */
static uint32
backend_type(void)
{
	switch (MyBackendType)
	{
		case B_BACKEND:
			return PGT_BACKEND_CLIENT;
		case B_WAL_SENDER:
			return PGT_BACKEND_WALSENDER;
		case B_AUTOVAC_WORKER:
			return PGT_BACKEND_AUTOVACUUM;
		case B_BG_WORKER:
			return PGT_BACKEND_BACKGROUND;
		default:
			return PGT_BACKEND_AUXILIARY;
	}
}

/* The process's own open file description, whose locks end with it. */
static bool
open_lock_file(PgtClaimError *error)
{
	if (slot_lock_fd >= 0)
		return true;
	slot_lock_fd = open(segment_path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (slot_lock_fd >= 0)
	{
		ReserveExternalFD();
		return true;
	}
	snprintf(error->message, sizeof(error->message),
			 "could not open file \"%s\": %m", segment_path);
	snprintf(error->detail, sizeof(error->detail), "The session is not traced.");
	snprintf(error->hint, sizeof(error->hint),
			 "If the file has been removed, restart the server.");
	return false;
}

/* ---- Workers' rings ---- */

/* The number of the slot of a session's workers' ring. */
static uint32
workers_index(const PgtSlot *slot)
{
	return (uint32) (slot - pgt_segment_slot(0)) + pgt_segment->slot_count;
}

PgtSlot *
pgt_segment_workers(const PgtSlot *slot)
{
	return pgt_segment_slot(workers_index(slot));
}

bool
pgt_segment_has_workers(const PgtSlot *slot)
{
	const PgtSlot *workers = pgt_segment_workers(slot);

	return __atomic_load_n(&workers->state, __ATOMIC_ACQUIRE) == PGT_SLOT_ACTIVE &&
		workers->session_number == slot->session_number;
}

bool
pgt_segment_reserve_workers(PgtSlot *slot, PgtClaimError *error)
{
	uint32		index = workers_index(slot);
	PgtSlot    *workers = pgt_segment_slot(index);

	if (pgt_segment_has_workers(slot))
		return true;
	memset(error, 0, sizeof(*error));
	if (!reserve_ring(index, error))
		return false;
	memset(workers, 0, sizeof(PgtSlot));
	workers->session_number = slot->session_number;
	__atomic_store_n(&workers->state, PGT_SLOT_ACTIVE, __ATOMIC_RELEASE);
	return true;
}

bool
pgt_segment_attach_workers(PgtSlot *slot, uint16 worker, PgtRing *ring)
{
	uint32		index = workers_index(slot);
	PgtSlot    *workers = pgt_segment_slot(index);

	if (!pgt_segment_has_workers(slot))
		return false;
	pgt_ring_attach_shared(ring, pgt_segment, workers, pgt_segment_ring(index),
						   pgt_segment->ring_size, slot->session_number, worker);
	return true;
}

PgtSlot *
pgt_segment_session(int32 pid)
{
	for (uint32 i = 0; pgt_segment != NULL && i < pgt_segment->slot_count; i++)
	{
		PgtSlot    *slot = pgt_segment_slot(i);

		if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == PGT_SLOT_ACTIVE &&
			slot->pid == pid)
			return slot;
	}
	return NULL;
}

/* The session ends: what it has written is the daemon's. */
void
pgt_segment_leave(PgtSlot *slot)
{
	if (pgt_segment_has_workers(slot))
		pgt_ring_close_shared(pgt_segment_workers(slot));
	__atomic_store_n(&slot->state, PGT_SLOT_CLOSED, __ATOMIC_RELEASE);
	close(slot_lock_fd);
	ReleaseExternalFD();
	slot_lock_fd = -1;
}

/* Is this process gone?  Another one may have its pid by now. */
static bool
is_gone(int32 pid, uint64 ticks)
{
	return start_ticks(pid) != ticks;
}

/* Take a free slot, with the lock of its byte; false: it is not free. */
static bool
take_slot(uint32 index, uint32 from_state)
{
	uint32		expected = from_state;

	if (__atomic_load_n(&pgt_segment_slot(index)->state, __ATOMIC_RELAXED) != from_state ||
		!lock_byte(slot_lock_fd, slot_offset(index)))
		return false;
	if (__atomic_compare_exchange_n(&pgt_segment_slot(index)->state, &expected,
									PGT_SLOT_CLAIMED, false, __ATOMIC_ACQ_REL,
									__ATOMIC_RELAXED))
		return true;
	unlock_byte(slot_lock_fd, slot_offset(index));
	return false;
}

static void
give_back(uint32 index, uint32 to_state)
{
	__atomic_store_n(&pgt_segment_slot(index)->state, to_state, __ATOMIC_RELEASE);
	unlock_byte(slot_lock_fd, slot_offset(index));
}

/* An offered slot that nobody will take: give its memory back. */
static void
withdraw(uint32 index)
{
	if (!take_slot(index, PGT_SLOT_OFFERED))
		return;
	(void) fallocate(segment_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
					 ring_offset(index), (off_t) pgt_segment->ring_size);
	pgt_segment_slot(index)->pid = 0;
	give_back(index, PGT_SLOT_FREE);
}

/* Slots that were offered to processes which have ended since. */
static void
withdraw_stale_offers(void)
{
	for (uint32 i = 0; i < pgt_segment->slot_count; i++)
	{
		const PgtSlot *slot = pgt_segment_slot(i);

		if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == PGT_SLOT_OFFERED &&
			is_gone(slot->pid, slot->start_ticks))
			withdraw(i);
	}
}

/* Is there a segment?  Clears the error, or fills it in. */
static bool
has_segment(PgtClaimError *error)
{
	memset(error, 0, sizeof(*error));
	if (pgt_segment != NULL)
		return true;
	snprintf(error->message, sizeof(error->message), "pg_trace cannot trace: %.200s", why_not);
	snprintf(error->hint, sizeof(error->hint),
			 "Make room in the folder or set pg_trace.ring_directory to another one, and restart the server.");
	return false;
}

/*
 * A free slot, in state CLAIMED and locked, whose ring has its memory and no
 * events.
 */
static bool
find_slot(uint32 *index, int32 pid, PgtClaimError *error)
{
	if (!has_segment(error) || !open_lock_file(error))
		return false;
	withdraw_stale_offers();

	for (uint32 i = 0; i < pgt_segment->slot_count; i++)
	{
		PgtSlot    *slot = pgt_segment_slot(i);

		if (!take_slot(i, PGT_SLOT_FREE))
			continue;
		slot->pid = pid;
		slot->start_ticks = start_ticks(pid);
		if (!reserve_ring(i, error))
		{
			slot->pid = 0;
			give_back(i, PGT_SLOT_FREE);
			return false;
		}
		slot->leader_pid = 0;
		slot->backend_type = PGT_BACKEND_CLIENT;
		slot->session_number =
			__atomic_add_fetch(&pgt_segment->session_counter, 1, __ATOMIC_RELAXED);
		take_anchor(&slot->anchor_mono_ns, &slot->anchor_wall_ns);
		slot->enabled = 0;
		slot->level = 0;
		slot->control = 0;
		slot->head = slot->reserved_to = slot->events = 0;
		slot->lost_full = slot->lost_too_big = slot->waited_ns = 0;
		slot->gap_from_ns = 0;
		slot->gap_full = slot->gap_too_big = 0;
		slot->read_pos = 0;
		slot->commit_seq = 0;
		memset(slot->commit, 0, sizeof(slot->commit));
		slot->resend = 0;
		memset(slot->database, 0, offsetof(PgtSlot, trace_file) - offsetof(PgtSlot, database));
		memset(slot->trace_file, 0, sizeof(slot->trace_file));
		*index = i;
		return true;
	}

	snprintf(error->message, sizeof(error->message),
			 "all %u trace rings are in use", pgt_segment->slot_count);
	snprintf(error->detail, sizeof(error->detail),
			 "A ring is free again when its session has ended and the daemon has read it.");
	snprintf(error->hint, sizeof(error->hint),
			 pgt_segment_daemon_attached() ?
			 "Raise pg_trace.rings and restart the server, or end a traced session." :
			 "No daemon is attached: start \"pgtrace daemon\".");
	return false;
}

/* The slot is this process's from now on. */
static void
move_in(PgtSlot *slot)
{
	PgtClaimError error;

	/*
	 * Now, because it is written in critical sections later.  Without it the
	 * session is traced all the same, see pgt_aio_why_not.
	 */
	if (pgt_aio_needs_ring())
		(void) pgt_segment_reserve_workers(slot, &error);
	slot->backend_type = backend_type();
	if (MyProcPort != NULL)
	{
		strlcpy(slot->database, MyProcPort->database_name ? MyProcPort->database_name : "",
				sizeof(slot->database));
		strlcpy(slot->role, MyProcPort->user_name ? MyProcPort->user_name : "",
				sizeof(slot->role));
	}
	strlcpy(slot->application, application_name ? application_name : "",
			sizeof(slot->application));
	strlcpy(slot->identifier, pgt_guc_tracefile_identifier ? pgt_guc_tracefile_identifier : "",
			sizeof(slot->identifier));
	__atomic_store_n(&slot->state, PGT_SLOT_ACTIVE, __ATOMIC_RELEASE);
}

bool
pgt_segment_claim(uint32 *index, PgtClaimError *error)
{
	if (!find_slot(index, MyProcPid, error))
		return false;
	move_in(pgt_segment_slot(*index));
	return true;
}

bool
pgt_segment_take_offer(uint32 *index)
{
	PgtClaimError error;

	for (uint32 i = 0; pgt_segment != NULL && i < pgt_segment->slot_count; i++)
	{
		const PgtSlot *slot = pgt_segment_slot(i);

		if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != PGT_SLOT_OFFERED ||
			slot->pid != MyProcPid || is_gone(MyProcPid, slot->start_ticks))
			continue;
		if (!open_lock_file(&error) || !take_slot(i, PGT_SLOT_OFFERED))
			return false;
		move_in(pgt_segment_slot(i));
		*index = i;
		return true;
	}
	return false;
}

/* ---- Asking something of other sessions ---- */

/* The slot that the process has or is offered; its number, or -1. */
static int
slot_of(int32 pid)
{
	for (uint32 i = 0; i < pgt_segment->slot_count; i++)
	{
		const PgtSlot *slot = pgt_segment_slot(i);
		uint32		state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);

		if ((state == PGT_SLOT_ACTIVE || state == PGT_SLOT_OFFERED) && slot->pid == pid &&
			!is_gone(pid, slot->start_ticks))
			return (int) i;
	}
	return -1;
}

/* Later requests have greater counters, whatever they are of. */
static void
set_control(uint64_t *control, uint8 action, int level, int blocks, int plan_stat)
{
	uint32		before = __atomic_load_n(&pgt_segment->control_generation, __ATOMIC_RELAXED);

	__atomic_store_n(control, PGT_CONTROL(action, level, blocks, plan_stat, before + 1),
					 __ATOMIC_RELEASE);
}

/* Each process looks at its slot at its next call into the system. */
static void
tell_all(void)
{
	__atomic_add_fetch(&pgt_segment->control_generation, 1, __ATOMIC_RELEASE);
}

bool
pgt_segment_switch_on(int32 pid, int level, int blocks, int plan_stat, PgtClaimError *error)
{
	int			known = pgt_segment != NULL ? slot_of(pid) : -1;
	uint32		index = (uint32) known;

	if (known < 0 && !find_slot(&index, pid, error))
		return false;
	set_control(&pgt_segment_slot(index)->control, PGT_CONTROL_ON, level, blocks, plan_stat);
	/* With the request in it: the process may be there at once. */
	if (known < 0)
		give_back(index, PGT_SLOT_OFFERED);
	tell_all();
	return true;
}

bool
pgt_segment_switch_off(int32 pid)
{
	PgtClaimError error;
	int			index = pgt_segment != NULL ? slot_of(pid) : -1;
	PgtSlot    *slot;
	bool		was_on;

	if (index < 0)
		return false;
	slot = pgt_segment_slot((uint32) index);
	was_on = __atomic_load_n(&slot->enabled, __ATOMIC_RELAXED) != 0 ||
		PGT_CONTROL_ACTION(__atomic_load_n(&slot->control, __ATOMIC_RELAXED)) == PGT_CONTROL_ON;
	set_control(&slot->control, PGT_CONTROL_OFF, 0, 0, 0);
	tell_all();
	if (open_lock_file(&error))
		withdraw((uint32) index);
	return was_on;
}

/* ---- Sessions by what they are ---- */

bool
pgt_segment_offer(int32 pid, PgtClaimError *error)
{
	uint32		index;

	if (pgt_segment != NULL && slot_of(pid) >= 0)
		return true;
	if (!find_slot(&index, pid, error))
		return false;
	give_back(index, PGT_SLOT_OFFERED);
	return true;
}

const PgtRule *
pgt_segment_rule(int index)
{
	const PgtRule *rule;

	if (pgt_segment == NULL || index < 0 || index >= PGT_RULES)
		return NULL;
	rule = &pgt_segment->rules[index];
	switch (__atomic_load_n(&rule->kind, __ATOMIC_ACQUIRE))
	{
		case PGT_RULE_APPLICATION:
		case PGT_RULE_ROLE:
		case PGT_RULE_DATABASE:
			return rule;
		default:
			return NULL;
	}
}

static PgtRule *
rule_of(uint32 kind, const char *name)
{
	for (int i = 0; i < PGT_RULES; i++)
	{
		PgtRule    *rule = (PgtRule *) pgt_segment_rule(i);

		if (rule != NULL && rule->kind == kind &&
			strncmp(rule->name, name, sizeof(rule->name)) == 0)
			return rule;
	}
	return NULL;
}

bool
pgt_segment_rule_on(uint32 kind, const char *name, int level, int blocks, int plan_stat,
					PgtClaimError *error)
{
	PgtRule    *rule;

	if (!has_segment(error))
		return false;
	rule = rule_of(kind, name);
	for (int i = 0; i < PGT_RULES && rule == NULL; i++)
	{
		uint32		expected = PGT_RULE_NONE;

		if (__atomic_compare_exchange_n(&pgt_segment->rules[i].kind, &expected,
										PGT_RULE_CHANGING, false, __ATOMIC_ACQ_REL,
										__ATOMIC_RELAXED))
		{
			rule = &pgt_segment->rules[i];
			memset(rule->name, 0, sizeof(rule->name));
			strlcpy(rule->name, name, sizeof(rule->name));
		}
	}
	if (rule == NULL)
	{
		snprintf(error->message, sizeof(error->message),
				 "all %d places for applications, roles and databases to be traced are taken",
				 PGT_RULES);
		snprintf(error->hint, sizeof(error->hint), "Disable one of them; pg_trace_status() shows them.");
		return false;
	}
	set_control(&rule->control, PGT_CONTROL_ON, level, blocks, plan_stat);
	__atomic_store_n(&rule->kind, kind, __ATOMIC_RELEASE);
	tell_all();
	return true;
}

bool
pgt_segment_rule_off(uint32 kind, const char *name)
{
	PgtRule    *rule = pgt_segment != NULL ? rule_of(kind, name) : NULL;

	if (rule == NULL)
		return false;
	__atomic_store_n(&rule->kind, PGT_RULE_NONE, __ATOMIC_RELEASE);
	tell_all();
	return true;
}

uint64
pgt_segment_rule_for(const char *application, const char *role, const char *database)
{
	uint64		last = 0;

	for (int i = 0; i < PGT_RULES; i++)
	{
		const PgtRule *rule = pgt_segment_rule(i);
		const char *name;
		uint64		control;

		if (rule == NULL)
			continue;
		name = rule->kind == PGT_RULE_APPLICATION ? application :
			rule->kind == PGT_RULE_ROLE ? role : database;
		if (name == NULL || strncmp(name, rule->name, sizeof(rule->name)) != 0)
			continue;
		control = __atomic_load_n(&rule->control, __ATOMIC_ACQUIRE);
		if (PGT_CONTROL_COUNTER(control) > PGT_CONTROL_COUNTER(last))
			last = control;
	}
	return last;
}
