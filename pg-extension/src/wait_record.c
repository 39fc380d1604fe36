/*-------------------------------------------------------------------------
 *
 * wait_record.c
 *	  The record of a wait: which event, which block or lock, for whom.
 *
 * Written where the wait has ended, that is anywhere in the server: with locks
 * held, in critical sections, between statements.  So there is no allocation,
 * no lock, no catalog and no error here, and a full ring is waited for only
 * where the server may be interrupted too.  System calls: getrusage() before
 * and after a read (page cache or disk), and readlink() once for each file that
 * is opened.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/resource.h>

#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/wait_event.h"

#include "buffer_table.h"
#include "compat.h"
#include "cpu_clock.h"
#include "descriptors.h"
#include "node_account.h"
#include "parallel.h"
#include "ticks.h"
#include "waits.h"

#ifndef RUSAGE_THREAD
#define RUSAGE_THREAD 1			/* Linux */
#endif

#define EVENT_CLASS(event)	((event) & 0xFF000000)

/* Wait events whose names have been sent, by their number. */
#define NAMES	512				/* power of two */

typedef struct SentName
{
	uint32		event;
	uint32		generation;
} SentName;

static SentName names[NAMES];
static uint32 last_file_number = 0;

void
pgt_files_begin_at(uint32 number)
{
	last_file_number = number;
}

bool		pgt_waits_on = false;
PgtWaited	pgt_waited;

/* A wait has been written whose statement is not known yet. */
static bool statement_unknown = false;

static int64
device_reads(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_inblock : 0;
}

/* The links of the server's lists in shared memory: SHM_QUEUE, dlist_node. */
typedef struct Link
{
	struct Link *prev;
	struct Link *next;
} Link;

StaticAssertDecl(sizeof(((PROCLOCK *) 0)->lockLink) == sizeof(Link) &&
				 sizeof(((LOCK *) 0)->procLocks) == sizeof(Link),
				 "the lists of locks are not made of two pointers");

#define HOLDERS_MAX		1000

/*
 * The pid of one who holds the lock in a mode that conflicts; 0 where none is
 * found.  The list is read without the lock that guards it: its entries lie in
 * shared memory that is never given back, so each pointer is good, but an entry
 * may have come to another lock's list in between.  That is seen by its tag,
 * and the walk is bounded.
 */
static uint32
lock_holder(const LOCK *lock, LOCKMODE mode)
{
	LOCKMASK	conflicts = GetLocksMethodTable(lock)->conflictTab[mode];
	const volatile Link *head = (const volatile Link *) &lock->procLocks;
	const volatile Link *link = head->next;

	for (int i = 0; i < HOLDERS_MAX && link != NULL && link != head; i++)
	{
		const volatile PROCLOCK *entry =
		(const volatile PROCLOCK *) ((const char *) link - offsetof(PROCLOCK, lockLink));
		const volatile PGPROC *holder = entry->tag.myProc;
		bool		conflicting = (entry->holdMask & conflicts) != 0;

		if (conflicting && holder != NULL && holder != MyProc && entry->tag.myLock == lock)
			return (uint32) holder->pid;
		link = link->next;
	}
	return 0;
}

/* What the lock that is waited for is, and who has it. */
static void
take_lock(PgtWaiting *waiting)
{
	const LOCK *lock = MyProc->waitLock;

	if (lock == NULL)
		return;
	waiting->kind = PGT_WAIT_LOCK;
	waiting->number[0] = lock->tag.locktag_field1;
	waiting->number[1] = lock->tag.locktag_field2;
	waiting->number[2] = lock->tag.locktag_field3;
	waiting->number[3] = lock->tag.locktag_field4;
	waiting->lock_type = lock->tag.locktag_type;
	waiting->lock_mode = (uint8) MyProc->waitLockMode;
	waiting->holder = lock_holder(lock, MyProc->waitLockMode);
}

#define MEMBERS_MAX		1024

/*
 * Who is waited for in a parallel query: a worker waits for its leader, a
 * leader for its worker if it has no other.  Read without the lock, as above.
 */
static uint32
parallel_partner(void)
{
	const volatile PGPROC *leader = MyProc->lockGroupLeader;
	const volatile dlist_node *head = &MyProc->lockGroupMembers.head;
	const volatile dlist_node *link = head->next;
	uint32		partner = 0;

	if (leader == NULL)
		return 0;
	if (leader != MyProc)
		return (uint32) leader->pid;
	for (int i = 0; i < MEMBERS_MAX && link != NULL && link != head; i++, link = link->next)
	{
		const volatile PGPROC *member =
			(const volatile PGPROC *) ((const char *) link - offsetof(PGPROC, lockGroupLink));

		if (member == MyProc)
			continue;
		if (partner != 0)
			return 0;
		partner = (uint32) member->pid;
	}
	return partner;
}

/* What another process has to do before this one goes on. */
static void
take_target(PgtWaiting *waiting)
{
	if (waiting->event == WAIT_EVENT_SYNC_REP)
	{
		waiting->kind = PGT_WAIT_IPC;
		waiting->number[0] = (uint32) (MyProc->waitLSN >> 32);
		waiting->number[1] = (uint32) MyProc->waitLSN;
	}
	else if (pgt_compat_is_parallel_wait(waiting->event))
	{
		waiting->kind = PGT_WAIT_IPC;
		waiting->holder = parallel_partner();
	}
}

void
pgt_wait_begin(PgtWaiting *waiting, uint8 call)
{
	if (unlikely(pgt_is_worker))
		(void) pgt_worker_counts();
	waiting->event = *(volatile uint32 *) my_wait_event_info;
	waiting->call = call;
	waiting->kind = PGT_WAIT_PLAIN;
	waiting->lock_mode = 0;
	waiting->lock_type = 0;
	waiting->holder = 0;
	memset(waiting->number, 0, sizeof(waiting->number));
	if (EVENT_CLASS(waiting->event) == PG_WAIT_LOCK && MyProc != NULL)
		take_lock(waiting);
	else if (EVENT_CLASS(waiting->event) == PG_WAIT_LWLOCK && MyProc != NULL)
		waiting->lock_mode = MyProc->lwWaitMode;
	else if (EVENT_CLASS(waiting->event) == PG_WAIT_IPC && MyProc != NULL)
		take_target(waiting);
	waiting->device_reads = call == PGT_CALLED_READ ? device_reads() : 0;
	waiting->cpu_ns = pgt_cpu_ns(&waiting->start_ns);
}

/* ---- Names, each sent before it is needed ---- */

static void
tell_event(uint32 event, int64 time_ns)
{
	SentName   *entry = &names[(event ^ event >> 20) & (NAMES - 1)];
	const char *type;
	const char *name;
	char		number[32];
	size_t		type_length;
	size_t		name_length;
	uint32		size;
	PgtWaitName *rec;

	if (likely(entry->event == event && entry->generation == pgt_cursors_generation()))
		return;
	if (pgt_compat_wait_name_needs_lock(event))
	{
		type = EVENT_CLASS(event) == PG_WAIT_LWLOCK ? "LWLock" :
			EVENT_CLASS(event) == PG_WAIT_EXTENSION ? "Extension" : "InjectionPoint";
		snprintf(number, sizeof(number), "#%u", event & 0xFFFF);
		name = number;
	}
	else
	{
		type = pgstat_get_wait_event_type(event);
		name = pgstat_get_wait_event(event);
	}
	if (type == NULL || name == NULL)
		return;
	type_length = strlen(type);
	name_length = Min(strlen(name), 256);
	size = (uint32) (sizeof(PgtWaitName) + type_length + name_length);
	rec = pgt_ring_begin(&pgt_ring, PGT_EV_WAIT_NAME, 0, size, time_ns);
	if (rec == NULL)
		return;
	rec->event = event;
	rec->type_length = (uint16) type_length;
	rec->name_length = (uint16) name_length;
	memcpy(rec + 1, type, type_length);
	memcpy((char *) (rec + 1) + type_length, name, name_length);
	pgt_ring_end(&pgt_ring, size);
	entry->event = event;
	entry->generation = pgt_cursors_generation();
}

static uint32
tell_file(PgtFile *file, int64 time_ns)
{
	size_t		length = strlen(file->path);
	uint32		size = (uint32) (sizeof(PgtFileName) + length);
	PgtFileName *rec;

	if (likely(file->number != 0 && file->sent == pgt_cursors_generation()))
		return file->number;
	if (file->number == 0)
		file->number = ++last_file_number;
	rec = pgt_ring_begin(&pgt_ring, PGT_EV_FILE_NAME, 0, size, time_ns);
	if (rec == NULL)
		return file->number;
	rec->number = file->number;
	rec->path_length = (uint32) length;
	memcpy(rec + 1, file->path, length);
	pgt_ring_end(&pgt_ring, size);
	file->sent = pgt_cursors_generation();
	return file->number;
}

/* ---- The record ---- */

static uint16
executing_node(void)
{
	const PgtNodeAccount *node = pgt_current_node;

	/* Not while the execution is being closed: its nodes go away. */
	if (node == NULL && pgt_frame != NULL && pgt_frame->exec != NULL &&
		pgt_frame->kind != PGT_CALL_CLOSE && pgt_frame->exec->nodes != NULL)
		node = pgt_nodes_executing(pgt_frame->exec->nodes);
	return node != NULL ? node->shown_id : 0;
}

void
pgt_wait_measure(const PgtWaiting *waiting, PgtMoved *moved)
{
	int64		cpu_ns = pgt_cpu_ns(&moved->now) - waiting->cpu_ns;

	moved->cpu_ns = Max(Min(cpu_ns, moved->now - waiting->start_ns), 0);
	if (waiting->call == PGT_CALLED_READ && moved->bytes >= 0)
		moved->tier = device_reads() != waiting->device_reads ? PGT_TIER_DISK : PGT_TIER_CACHE;
}

/*
 * Account for the wait: its time without the CPU time inside of it, which is in
 * that of the process.
 */
static void
end_now(const PgtWaiting *waiting, PgtMoved *moved)
{
	int64		off_cpu_ns;

	pgt_wait_measure(waiting, moved);
	off_cpu_ns = moved->now - waiting->start_ns - moved->cpu_ns;
	pgt_waited.wait_ns += off_cpu_ns;
	if (waiting->event == WAIT_EVENT_CLIENT_READ && pgt_frame == NULL)
		pgt_waited.think_ns += off_cpu_ns;
}

/* The statement that waits. */
static uint32
cursor_now(bool client)
{
	if (pgt_own_work || (unlikely(pgt_is_worker) && !pgt_worker_counts()))
		return 0;
	if (pgt_frame != NULL)
	{
		const PgtFrame *frame = pgt_frame;

		/* A worker's parse is a part of the call that it is in. */
		while (pgt_is_worker && frame->cursor == 0 && frame->outer != NULL)
			frame = frame->outer;
		if (frame->cursor != 0 || frame->kind != PGT_CALL_PARSE)
			return frame->cursor;
	}
	else if (client || pgt_depth > 0 || !pgt_message_may_parse())
		return 0;
	statement_unknown = true;
	return PGT_CURSOR_NEXT_PARSE;
}

void
pgt_wait_fill(PgtWait *rec, const PgtWaiting *waiting, const PgtMoved *moved)
{
	rec->start_ns = waiting->start_ns;
	rec->cpu_ns = moved->cpu_ns;
	rec->event = waiting->event;
	rec->kind = waiting->kind;
	rec->call = waiting->call;
	rec->tier = moved->tier;
	rec->lock_mode = waiting->lock_mode;
	memcpy(rec->number, waiting->number, sizeof(rec->number));
	rec->block = moved->block;
	rec->count = moved->count;
	rec->offset = moved->offset;
	rec->bytes = moved->bytes;
	rec->lock_type = waiting->lock_type;
	rec->holder = waiting->holder;
}

static void
write_record(const PgtWaiting *waiting, const PgtMoved *moved)
{
	PgtWait    *rec;

	tell_event(waiting->event, moved->now);
	rec = pgt_ring_begin(&pgt_ring, PGT_EV_WAIT, pgt_own_work ? PGT_RF_OWN_WORK : 0,
						 sizeof(PgtWait), moved->now);
	if (rec == NULL)
		return;
	pgt_wait_fill(rec, waiting, moved);
	rec->cursor = cursor_now(waiting->kind == PGT_WAIT_CLIENT);
	rec->depth = pgt_frame != NULL ? pgt_frame->depth : 0;
	rec->node = executing_node();
	pgt_ring_end(&pgt_ring, sizeof(PgtWait));
}

void
pgt_wait_statement(uint32 *cursor, uint16 *depth, uint16 *node)
{
	*cursor = cursor_now(false);
	*depth = pgt_frame != NULL ? pgt_frame->depth : 0;
	*node = executing_node();
}

bool
pgt_wait_other_counts(void)
{
	uint32		event = *(volatile uint32 *) my_wait_event_info;

	return EVENT_CLASS(event) == PG_WAIT_IO || pgt_compat_is_parallel_wait(event);
}

/* Other sessions may need what this one holds: then nothing is waited for. */
bool
pgt_wait_may_wait(void)
{
	return CritSectionCount == 0 && InterruptHoldoffCount == 0;
}

void
pgt_wait_announce(uint32 event)
{
	bool		wait_when_full = pgt_ring.wait_when_full;

	pgt_ring.wait_when_full = wait_when_full && pgt_wait_may_wait();
	tell_event(event, pgt_now_ns());
	pgt_ring.wait_when_full = wait_when_full;
}

static void
write_now(const PgtWaiting *waiting, const PgtMoved *moved, PgtFile *file)
{
	bool		wait_when_full = pgt_ring.wait_when_full;
	PgtWaiting	with_file;

	if (!pgt_wait_may_wait())
		pgt_ring.wait_when_full = false;
	if (file != NULL)
	{
		with_file = *waiting;
		with_file.number[0] = tell_file(file, moved->now);
		waiting = &with_file;
	}
	write_record(waiting, moved);
	pgt_ring.wait_when_full = wait_when_full;
}

void
pgt_wait_end(const PgtWaiting *waiting, int64 bytes)
{
	int			save_errno = errno;
	PgtMoved	moved = {.offset = -1, .bytes = bytes};

	end_now(waiting, &moved);
	write_now(waiting, &moved, NULL);
	errno = save_errno;
}

/* Is the buffer one of the shared ones?  Then its tag names the block. */
static bool
is_shared_buffer(const void *buffer, PgtWaiting *waiting, uint32 *block)
{
	const char *first = (const char *) BufferBlocks;
	const char *at = buffer;

	if (first == NULL || at < first || at >= first + (Size) NBuffers * BLCKSZ)
		return false;
	pgt_compat_buffer_tag((int) ((at - first) / BLCKSZ), waiting->number, block);
	return true;
}

void
pgt_wait_end_file(PgtWaiting *waiting, int fd, const void *buffer, int64 offset, int64 bytes)
{
	int			save_errno = errno;
	PgtMoved	moved = {.offset = offset, .bytes = bytes};
	PgtFile    *file = NULL;

	end_now(waiting, &moved);
	if (buffer != NULL && is_shared_buffer(buffer, waiting, &moved.block))
		waiting->kind = PGT_WAIT_BLOCKS;
	else if ((file = pgt_descriptor_file(fd, DataDir)) != NULL && file->is_relation)
	{
		waiting->kind = PGT_WAIT_BLOCKS;
		waiting->number[0] = file->tablespace;
		waiting->number[1] = file->database;
		waiting->number[2] = file->file;
		waiting->number[3] = file->fork;
		moved.block = file->segment * RELSEG_SIZE + (uint32) (Max(offset, 0) / BLCKSZ);
		file = NULL;
	}
	else
		waiting->kind = PGT_WAIT_FILE;
	if (unlikely(pgt_blocks() == PGT_BLOCKS_ALL))
		pgt_buffer_table_find_local();
	if (waiting->kind == PGT_WAIT_BLOCKS)
	{
		moved.count = (uint32) ((Max(bytes, 0) + BLCKSZ - 1) / BLCKSZ);
		if (pgt_own_work || MyBackendType == PGT_IO_WORKER)
			 /* not in the server's counters either */ ;
		else if (moved.tier == PGT_TIER_DISK)
			pgt_waited.disk_blocks += moved.count;
		else if (moved.tier == PGT_TIER_CACHE)
			pgt_waited.cache_blocks += moved.count;
		if (pgt_blocks() == PGT_BLOCKS_OFF)
		{
			errno = save_errno;
			return;
		}
	}
	write_now(waiting, &moved, file);
	errno = save_errno;
}

void
pgt_wait_idle(void)
{
	if (!statement_unknown)
		return;
	statement_unknown = false;
	if (pgt_ring_begin(&pgt_ring, PGT_EV_IDLE, 0, sizeof(PgtRecord), pgt_now_ns()) != NULL)
		pgt_ring_end(&pgt_ring, sizeof(PgtRecord));
}
