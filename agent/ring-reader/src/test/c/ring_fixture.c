/*
 * ring_fixture.c
 *	  The real writing side of a ring (ring.c), callable from Java tests.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ring.c"

typedef struct Fixture
{
	PgtSegment *segment;
	uint64_t	size;
	int			fd;				/* holds the server's lock */
	char	   *path;
} Fixture;

/* A session's ring, and the descriptor that holds the lock of its slot. */
typedef struct Session
{
	PgtRing		ring;			/* first: a Session is given as a PgtRing */
	int			fd;
} Session;

static void
lock_byte(int fd, off_t byte)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

	fcntl(fd, F_OFD_SETLK, &lock);
}

/* A segment as a server makes it; NULL where the file cannot be made. */
void *
fixture_create(const char *path, uint32_t slots, uint64_t ring_size,
			   const char *cluster, int32_t server_pid, uint64_t server_ticks,
			   const char *boot_id, int64_t mono, int64_t wall)
{
	Fixture    *fixture = calloc(1, sizeof(Fixture));
	uint64_t	rings = (sizeof(PgtSegment) + 2 * slots * sizeof(PgtSlot) + 4095) & ~UINT64_C(4095);
	int			fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	PgtSegment *s;

	fixture->size = rings + 2 * slots * ring_size;
	if (fd < 0 || ftruncate(fd, (off_t) fixture->size) != 0)
		return NULL;
	s = mmap(NULL, fixture->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	/* One of its own: a mapping keeps the description that it was made from. */
	fixture->fd = open(path, O_RDWR);
	fixture->path = strdup(path);
	lock_byte(fixture->fd, PGT_LOCK_SERVER);
	if (s == MAP_FAILED)
		return NULL;
	fixture->segment = s;
	s->magic = PGT_MAGIC;
	s->endian = PGT_ENDIAN;
	s->layout_major = PGT_LAYOUT_MAJOR;
	s->layout_minor = PGT_LAYOUT_MINOR;
	s->header_size = sizeof(PgtSegment);
	s->slot_size = sizeof(PgtSlot);
	s->slot_count = slots;
	s->record_align = PGT_RECORD_ALIGN;
	s->rings_offset = rings;
	s->ring_size = ring_size;
	s->segment_size = fixture->size;
	s->server_pid = server_pid;
	s->server_start_ticks = server_ticks;
	s->server_version_num = 150020;
	s->clock_id = PGT_CLOCK_MONOTONIC;
	s->anchor_mono_ns = mono;
	s->anchor_wall_ns = wall;
	s->port = 5432;
	s->block_size = 8192;
	strncpy(s->cluster, cluster, sizeof(s->cluster) - 1);
	strncpy(s->server_version, "15.20 (test)", sizeof(s->server_version) - 1);
	strncpy(s->data_directory, "/srv/data", sizeof(s->data_directory) - 1);
	strncpy(s->boot_id, boot_id, sizeof(s->boot_id) - 1);
	__atomic_store_n(&s->state, PGT_SEGMENT_READY, __ATOMIC_RELEASE);
	return fixture;
}

void *
fixture_segment(Fixture *fixture)
{
	return fixture->segment;
}

void *
fixture_slot(Fixture *fixture, uint32_t slot)
{
	return (uint8_t *) fixture->segment + fixture->segment->header_size +
		slot * fixture->segment->slot_size;
}

/* A session claims a free slot. */
void *
fixture_claim(Fixture *fixture, uint32_t number, int32_t pid, uint64_t ticks,
			  const char *database, const char *role, const char *application,
			  const char *identifier)
{
	PgtSegment *segment = fixture->segment;
	PgtSlot    *slot = fixture_slot(fixture, number);
	uint32_t	expected = PGT_SLOT_FREE;
	Session    *session;
	PgtRing    *ring;

	if (!__atomic_compare_exchange_n(&slot->state, &expected, PGT_SLOT_CLAIMED, false,
									 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return NULL;
	slot->pid = pid;
	slot->start_ticks = ticks;
	slot->backend_type = PGT_BACKEND_CLIENT;
	slot->session_number = __atomic_add_fetch(&segment->session_counter, 1, __ATOMIC_RELAXED);
	slot->anchor_mono_ns = segment->anchor_mono_ns;
	slot->anchor_wall_ns = segment->anchor_wall_ns;
	slot->enabled = 1;
	slot->level = 12;
	strncpy(slot->database, database, sizeof(slot->database) - 1);
	strncpy(slot->role, role, sizeof(slot->role) - 1);
	strncpy(slot->application, application, sizeof(slot->application) - 1);
	strncpy(slot->identifier, identifier, sizeof(slot->identifier) - 1);
	session = calloc(1, sizeof(Session));
	session->fd = open(fixture->path, O_RDWR);
	lock_byte(session->fd, (uint8_t *) slot - (uint8_t *) segment);
	ring = &session->ring;
	pgt_ring_attach(ring, segment, slot,
					(uint8_t *) segment + segment->rings_offset + number * segment->ring_size,
					segment->ring_size);
	__atomic_store_n(&slot->state, PGT_SLOT_ACTIVE, __ATOMIC_RELEASE);
	return ring;
}

/* The slot of the workers' ring of the session that has this slot. */
static PgtSlot *
workers_slot(PgtSegment *segment, PgtSlot *slot)
{
	return slot + segment->slot_count;
}

/*
 * A process that writes for the session of the slot: the parallel worker of
 * this number, or with 0 another one.  The first one gives the ring its memory.
 */
void *
fixture_worker(Fixture *fixture, uint32_t number, uint16_t worker)
{
	PgtSegment *segment = fixture->segment;
	PgtSlot    *slot = fixture_slot(fixture, number);
	PgtSlot    *workers = workers_slot(segment, slot);
	Session    *session = calloc(1, sizeof(Session));

	session->fd = -1;
	if (workers->state != PGT_SLOT_ACTIVE)
	{
		workers->session_number = slot->session_number;
		__atomic_store_n(&workers->state, PGT_SLOT_ACTIVE, __ATOMIC_RELEASE);
	}
	pgt_ring_attach_shared(&session->ring, segment, workers,
						   (uint8_t *) segment + segment->rings_offset +
						   (number + segment->slot_count) * segment->ring_size,
						   segment->ring_size, slot->session_number, worker);
	return &session->ring;
}

void
fixture_wait_when_full(PgtRing *ring, int64_t timeout_ns)
{
	ring->wait_when_full = timeout_ns > 0;
	ring->full_timeout_ns = timeout_ns;
}

/* One record; body is what follows PgtRecord.  0: dropped. */
int
fixture_write(PgtRing *ring, int type, int flags, const uint8_t *body, uint32_t length,
			  int64_t time_ns)
{
	PgtRecord  *rec = pgt_ring_begin(ring, (uint16_t) type, (uint16_t) flags,
									 (uint32_t) sizeof(PgtRecord) + length, time_ns);

	if (rec == NULL)
		return 0;
	memcpy(rec + 1, body, length);
	pgt_ring_end(ring, (uint32_t) sizeof(PgtRecord) + length);
	return 1;
}

/* Begins a record and never ends it, as a process that dies. */
int
fixture_die_while_writing(PgtRing *ring, int64_t time_ns)
{
	return pgt_ring_begin(ring, PGT_EV_CALL, 0, sizeof(PgtCall), time_ns) != NULL;
}

/* `count` calls whose rows are first, first + 1, ...; returns how many were dropped. */
int64_t
fixture_flood(PgtRing *ring, int64_t first, int64_t count, int64_t time_ns)
{
	int64_t		dropped = 0;

	for (int64_t i = first; i < first + count; i++)
	{
		PgtCall    *call = pgt_ring_begin(ring, PGT_EV_CALL, 0, sizeof(PgtCall), time_ns + i * 1000);

		if (call == NULL)
		{
			dropped++;
			continue;
		}
		memset((char *) call + sizeof(PgtRecord), 0, sizeof(PgtCall) - sizeof(PgtRecord));
		call->cursor = 101;
		call->kind = PGT_CALL_FETCH;
		call->start_ns = time_ns + i * 1000 - 900;
		call->rows = (uint64_t) i;
		pgt_ring_end(ring, sizeof(PgtCall));
	}
	return dropped;
}

/* The process of a session, or a worker, dies: the kernel takes its lock away. */
void
fixture_die(PgtRing *ring)
{
	if (((Session *) ring)->fd >= 0)
		close(((Session *) ring)->fd);
	free(ring);
}

void
fixture_close(PgtRing *ring)
{
	PgtSlot    *workers = workers_slot(ring->segment, ring->slot);

	if (workers->state == PGT_SLOT_ACTIVE)
		pgt_ring_close_shared(workers);
	__atomic_store_n(&ring->slot->state, PGT_SLOT_CLOSED, __ATOMIC_RELEASE);
	fixture_die(ring);
}

/* The server dies. */
void
fixture_server_dies(Fixture *fixture)
{
	close(fixture->fd);
	fixture->fd = -1;
}

void
fixture_unmap(Fixture *fixture)
{
	if (fixture->fd >= 0)
		fixture_server_dies(fixture);
	free(fixture->path);
	munmap(fixture->segment, fixture->size);
	free(fixture);
}
