/*-------------------------------------------------------------------------
 *
 * ring.c
 *	  The writing side of one ring: reserve, fill, publish.
 *
 * pgt_ring_begin and pgt_ring_end are on the path of every event: no system
 * call, no lock, no allocation, except that a full ring may be waited for
 * (nanosleep), bounded by full_timeout_ns, and only while a daemon is attached.
 *
 * A workers' ring is locked from begin to end: it has writers in several
 * processes, which are never many and hold it for less than a microsecond,
 * without a call into the system: so whoever needs it waits for it, as for a
 * spinlock, unless its holder has died.
 *
 * Re-entrancy: a record that is begun while another is being begun, is open or
 * is being ended (a signal handler) is dropped and counted, never mixed into
 * the other one.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "ring.h"

#define ALIGN_UP(n)  (((n) + (PGT_RECORD_ALIGN - 1)) & ~(uint32_t) (PGT_RECORD_ALIGN - 1))

#define likely_(x)	 __builtin_expect((x) != 0, 1)
#define unlikely_(x) __builtin_expect((x) != 0, 0)

/* How long one sleep is while the ring is full, and the pause after a time-out. */
#define FULL_SLEEP_NS		INT64_C(200000)
#define FULL_PAUSE_NS		INT64_C(1000000000)

/* How often a lock is tried without a pause in between. */
#define LOCK_SPINS			200
/* How often the processor is given to others meanwhile. */
#define LOCK_YIELDS			1000
/* A writer that has held the lock this long has died: it may be kept from running. */
#define LOCK_DEAD_NS		INT64_C(200000000)

/* PgtRing.open while a record is being begun. */
#define BEGINNING(ring)		((PgtRecord *) (ring))

static bool make_room(PgtRing *ring, uint64_t needed);

int64_t
pgt_clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}

bool
pgt_ring_reader_attached(const PgtSegment *segment, int64_t now_ns)
{
	int64_t		beat = __atomic_load_n(&segment->daemon_heartbeat_ns, __ATOMIC_ACQUIRE);

	/*
	 * The beat may be a little later than now_ns, and is anything at all in a
	 * damaged segment: unsigned, so that it cannot overflow.
	 */
	return __atomic_load_n(&segment->daemon_pid, __ATOMIC_RELAXED) != 0 &&
		(uint64_t) now_ns - (uint64_t) beat + PGT_HEARTBEAT_TIMEOUT_NS <
		2 * (uint64_t) PGT_HEARTBEAT_TIMEOUT_NS;
}

void
pgt_ring_attach(PgtRing *ring, PgtSegment *segment, PgtSlot *slot,
				uint8_t *data, uint64_t size)
{
	memset(ring, 0, sizeof(*ring));
	ring->segment = segment;
	ring->slot = slot;
	ring->data = data;
	ring->size = size;
	ring->head = __atomic_load_n(&slot->head, __ATOMIC_RELAXED);
	ring->read_pos = __atomic_load_n(&slot->read_pos, __ATOMIC_ACQUIRE);
	ring->broken = ring->read_pos > ring->head ||
		ring->head - ring->read_pos > size ||
		ring->head % PGT_RECORD_ALIGN != 0;
}

void
pgt_ring_attach_shared(PgtRing *ring, PgtSegment *segment, PgtSlot *slot, uint8_t *data,
					   uint64_t size, uint32_t session_number, uint16_t worker)
{
	memset(ring, 0, sizeof(*ring));
	ring->segment = segment;
	ring->slot = slot;
	ring->data = data;
	ring->size = size;
	ring->shared = true;
	ring->session_number = session_number;
	ring->source = (uint16_t) (worker << PGT_RF_WORKER_SHIFT);
}

/* Take over the reader's position, unless it cannot be true. */
static inline void
load_read_pos(PgtRing *ring)
{
	uint64_t	pos = __atomic_load_n(&ring->slot->read_pos, __ATOMIC_ACQUIRE);

	if (unlikely_(pos > ring->head || ring->head - pos > ring->size || pos < ring->read_pos))
		ring->broken = true;
	else
		ring->read_pos = pos;
}

static inline bool
has_room(const PgtRing *ring, uint64_t needed)
{
	return ring->size - (ring->head - ring->read_pos) >= needed;
}

static inline bool
has_gap(const PgtRing *ring)
{
	/* Of a workers' ring it is counted without the lock, too. */
	return (__atomic_load_n(&ring->slot->gap_full, __ATOMIC_RELAXED) |
			__atomic_load_n(&ring->slot->gap_too_big, __ATOMIC_RELAXED)) != 0;
}

static void
drop(PgtRing *ring, uint64_t *slot_counter, uint64_t *gap_counter, int64_t time_ns)
{
	if (!has_gap(ring))
		__atomic_store_n(&ring->slot->gap_from_ns, time_ns, __ATOMIC_RELAXED);
	__atomic_add_fetch(gap_counter, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(slot_counter, 1, __ATOMIC_RELAXED);
}

/*
 * Wait for the reader to make room, as far as the settings and a living reader
 * allow.
 */
static bool
make_room(PgtRing *ring, uint64_t needed)
{
	int64_t		begin;
	int64_t		now;
	int			save_errno = errno;

	load_read_pos(ring);
	if (ring->broken)
		return false;
	if (has_room(ring, needed))
		return true;
	if (!ring->wait_when_full || ring->shared)
		return false;

	begin = now = pgt_clock_ns();
	if (now < ring->full_until_ns)
		return false;
	while (pgt_ring_reader_attached(ring->segment, now))
	{
		struct timespec nap = {0, FULL_SLEEP_NS};

		if (now - begin >= ring->full_timeout_ns)
		{
			/* The reader is too slow: do not stop the session at each event. */
			ring->full_until_ns = now + FULL_PAUSE_NS;
			break;
		}
		nanosleep(&nap, NULL);
		load_read_pos(ring);
		if (ring->broken || has_room(ring, needed))
			break;
		now = pgt_clock_ns();
	}
	now = pgt_clock_ns();
	__atomic_store_n(&ring->slot->waited_ns,
					 ring->slot->waited_ns + (uint64_t) (now - begin), __ATOMIC_RELAXED);
	errno = save_errno;
	return !ring->broken && has_room(ring, needed);
}

/*
 * Reserve `length` (aligned) bytes in one piece; pads the end of the ring where
 * the record would wrap.  The caller has checked that length <= PGT_RECORD_MAX.
 */
static inline PgtRecord *
reserve(PgtRing *ring, uint32_t length)
{
	uint64_t	offset = ring->head % ring->size;
	uint64_t	to_end = ring->size - offset;
	uint64_t	needed = length;

	if (unlikely_(to_end < length))
		needed += to_end;
	if (unlikely_(!has_room(ring, needed)) && !make_room(ring, needed))
		return NULL;
	if (unlikely_(to_end < length))
	{
		PgtRecord  *pad = (PgtRecord *) (ring->data + offset);

		/* All records are multiples of 8, so at least a length fits. */
		pad->length = (uint32_t) to_end;
		pad->type = PGT_EV_PAD;
		pad->flags = 0;
		ring->head += to_end;
		offset = 0;
	}
	__atomic_store_n(&ring->slot->reserved_to, ring->head + length, __ATOMIC_RELAXED);
	return (PgtRecord *) (ring->data + offset);
}

static inline void
publish(PgtRing *ring, uint32_t length)
{
	ring->head += length;
	__atomic_store_n(&ring->slot->events, ring->slot->events + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&ring->slot->head, ring->head, __ATOMIC_RELEASE);
}

/* Write the gap where it is: before the first record that fits again. */
static bool
write_gap(PgtRing *ring, int64_t time_ns)
{
	PgtLost    *lost = (PgtLost *) reserve(ring, sizeof(PgtLost));
	int64_t		from_ns = __atomic_load_n(&ring->slot->gap_from_ns, __ATOMIC_RELAXED);

	if (lost == NULL)
		return false;
	lost->rec.length = sizeof(PgtLost);
	lost->rec.type = PGT_EV_LOST;
	lost->rec.flags = ring->source;
	lost->rec.time_ns = time_ns;
	/* Events end in an order of their own: the first one dropped may be later. */
	lost->from_ns = from_ns < time_ns ? from_ns : time_ns;
	lost->full = __atomic_exchange_n(&ring->slot->gap_full, 0, __ATOMIC_RELAXED);
	lost->too_big = __atomic_exchange_n(&ring->slot->gap_too_big, 0, __ATOMIC_RELAXED);
	publish(ring, sizeof(PgtLost));
	ring->last_time_ns = time_ns;
	return true;
}

/* ---- The lock of a workers' ring ---- */

static bool
try_lock(PgtSlot *slot)
{
	for (int i = 0; i < LOCK_SPINS; i++)
	{
		uint32_t	free = 0;

		if (__atomic_load_n(&slot->lock, __ATOMIC_RELAXED) == 0 &&
			__atomic_compare_exchange_n(&slot->lock, &free, 1, false,
										__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
	}
	return false;
}

static void
unlock(PgtRing *ring)
{
	if (ring->shared)
		__atomic_store_n(&ring->slot->lock, 0, __ATOMIC_RELEASE);
}

void
pgt_ring_close_shared(PgtSlot *slot)
{
	int64_t		begin = pgt_clock_ns();

	for (int yields = 0; !try_lock(slot) && pgt_clock_ns() - begin < LOCK_DEAD_NS; yields++)
	{
		struct timespec nap = {0, FULL_SLEEP_NS};

		if (yields < LOCK_YIELDS)
			sched_yield();
		else
			nanosleep(&nap, NULL);
	}
	__atomic_store_n(&slot->state, PGT_SLOT_CLOSED, __ATOMIC_RELEASE);
	__atomic_store_n(&slot->lock, 0, __ATOMIC_RELEASE);
}

/* Is it still that session's ring?  Then go on where the last writer ended. */
static void
enter(PgtRing *ring)
{
	PgtSlot    *slot = ring->slot;

	ring->broken = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != PGT_SLOT_ACTIVE ||
		slot->session_number != ring->session_number;
	ring->head = __atomic_load_n(&slot->head, __ATOMIC_RELAXED);
	ring->read_pos = 0;
	if (!ring->broken)
		load_read_pos(ring);
}

static bool
may_wait_since(PgtRing *ring, int64_t begin, int64_t now)
{
	if (!ring->wait_when_full || now < ring->full_until_ns ||
		!pgt_ring_reader_attached(ring->segment, now))
		return false;
	if (now - begin < ring->full_timeout_ns)
		return true;
	ring->full_until_ns = now + FULL_PAUSE_NS;
	return false;
}

/*
 * Have the ring for this process; where it is full, wait for room without
 * keeping it from others.  False: it is not to be had.
 */
static bool
lock_shared(PgtRing *ring, uint32_t length)
{
	/* A gap's record may have to go before it, and the end of the ring is padded. */
	uint64_t	room = 2 * (uint64_t) length + sizeof(PgtLost);
	int64_t		begin = 0;
	int			save_errno = errno;

	for (int yields = 0;; yields++)
	{
		struct timespec nap = {0, FULL_SLEEP_NS};
		bool		locked = try_lock(ring->slot);
		int64_t		now;

		if (locked)
		{
			enter(ring);
			if (ring->broken || has_room(ring, room))
				break;
		}
		now = pgt_clock_ns();
		if (begin == 0)
			begin = now;
		if (locked && !may_wait_since(ring, begin, now))
			break;
		if (locked)
		{
			unlock(ring);
			nanosleep(&nap, NULL);
		}
		else if (yields < LOCK_YIELDS)
			sched_yield();
		else if (now - begin < LOCK_DEAD_NS)
			nanosleep(&nap, NULL);
		else
		{
			errno = save_errno;
			return false;
		}
	}
	errno = save_errno;
	return true;
}

void *
pgt_ring_begin(PgtRing *ring, uint16_t type, uint16_t flags,
			   uint32_t length, int64_t time_ns)
{
	PgtRecord  *rec = NULL;

	if (unlikely_(ring->open != NULL))
	{
		drop(ring, &ring->slot->lost_full, &ring->slot->gap_full, time_ns);
		return NULL;
	}
	if (unlikely_(ring->before != NULL))
	{
		void		(*before) (void) = ring->before;

		ring->before = NULL;
		before();
	}
	if (unlikely_(length > PGT_RECORD_MAX))
	{
		drop(ring, &ring->slot->lost_too_big, &ring->slot->gap_too_big, time_ns);
		return NULL;
	}
	ring->open = BEGINNING(ring);
	atomic_signal_fence(memory_order_seq_cst);
	length = ALIGN_UP(length);
	if (unlikely_(ring->shared))
	{
		if (!lock_shared(ring, length))
		{
			drop(ring, &ring->slot->lost_full, &ring->slot->gap_full, time_ns);
			ring->open = NULL;
			return NULL;
		}
	}
	else if (unlikely_(time_ns < ring->last_time_ns))
		time_ns = ring->last_time_ns;

	if (likely_(!ring->broken) &&
		(likely_(!has_gap(ring)) ||
		 write_gap(ring, time_ns)))
		rec = reserve(ring, length);
	if (unlikely_(rec == NULL))
	{
		if (!ring->shared || !ring->broken)
			drop(ring, &ring->slot->lost_full, &ring->slot->gap_full, time_ns);
		unlock(ring);
		atomic_signal_fence(memory_order_seq_cst);
		ring->open = NULL;
		return NULL;
	}
	ring->last_time_ns = time_ns;
	rec->length = length;
	rec->type = type;
	rec->flags = flags | ring->source;
	rec->time_ns = time_ns;
	ring->open_length = length;
	ring->open = rec;
	return rec;
}

void
pgt_ring_end(PgtRing *ring, uint32_t length)
{
	PgtRecord  *rec = ring->open;

	length = ALIGN_UP(length);
	if (unlikely_(length > ring->open_length || length < sizeof(PgtRecord)))
		length = ring->open_length;
	rec->length = length;
	if (unlikely_(length < ring->open_length))
		__atomic_store_n(&ring->slot->reserved_to, ring->head + length, __ATOMIC_RELAXED);
	publish(ring, length);
	unlock(ring);
	/* Last: until here a signal handler must find the ring in use. */
	atomic_signal_fence(memory_order_seq_cst);
	ring->open = NULL;
}
