/*-------------------------------------------------------------------------
 *
 * ring_test.c
 *	  The rules of the ring's writing side, without a server.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "ring.h"
#include "ring_reader.h"

#define MS			INT64_C(1000000)	/* ns */
#define SMALL		4096		/* bytes of ring in most tests */
#define SHARED		65536		/* bytes of ring with two threads */

/* One ring in memory of its own, exactly as long as it may be. */
static PgtSegment *segment;
static PgtSlot *slot;
static uint8_t *data;
static PgtRing ring;

static void
setup(uint64_t size)
{
	segment = aligned_alloc(64, sizeof(PgtSegment));
	slot = aligned_alloc(64, sizeof(PgtSlot));
	data = aligned_alloc(64, size);
	if (segment == NULL || slot == NULL || data == NULL)
		abort();
	memset(segment, 0, sizeof(*segment));
	memset(slot, 0, sizeof(*slot));
	memset(data, 0, size);
	pgt_ring_attach(&ring, segment, slot, data, size);
}

static void
teardown(void)
{
	free(segment);
	free(slot);
	free(data);
}

static void
beat(void)
{
	__atomic_store_n(&segment->daemon_pid, 4712, __ATOMIC_RELAXED);
	__atomic_store_n(&segment->daemon_heartbeat_ns, pgt_clock_ns(), __ATOMIC_RELEASE);
}

/* Write a record of `length` bytes whose body is zero. */
static bool
put(uint16_t type, uint32_t length, int64_t time_ns)
{
	PgtRecord  *rec = pgt_ring_begin(&ring, type, 0, length, time_ns);

	if (rec == NULL)
		return false;
	memset(rec + 1, 0, rec->length - sizeof(*rec));
	pgt_ring_end(&ring, length);
	return true;
}

/* The types used for records that only have to be somewhere. */
#define ANY PGT_EV_CALL
#define ANY_LENGTH ((uint32_t) sizeof(PgtCall))

static void
fill(uint64_t bytes)
{
	while (bytes > 0)
	{
		uint32_t	length = bytes >= 2 * ANY_LENGTH ? ANY_LENGTH : (uint32_t) bytes;

		CHECK(put(length == ANY_LENGTH ? ANY : 60000, length, 1));
		bytes -= length;
	}
}

static void
drain(void)
{
	RingReader	reader;
	const PgtRecord *rec;

	ring_reader_init(&reader, slot, data, ring.size);
	while (ring_reader_next(&reader, &rec) == RING_RECORD)
		;
	CHECK(reader.reason == NULL);
	ring_reader_release(&reader);
}

/* Move the ring's end to `bytes` before the end of its memory, all read. */
static void
advance_to_end_minus(uint64_t bytes)
{
	fill(ring.size - bytes);
	drain();
}

/* ---- attach ---- */

static void
attach_goes_on_at_the_slots_positions(void)
{
	fill(272);
	drain();
	fill(136);
	pgt_ring_attach(&ring, segment, slot, data, SMALL);
	CHECK_EQUAL(ring.head, 408);
	CHECK_EQUAL(ring.read_pos, 272);
	CHECK(!ring.broken);
	CHECK(put(ANY, ANY_LENGTH, 2));
	CHECK_EQUAL(slot->head, 544);
}

static void
attach_refuses_impossible_positions(void)
{
	static const uint64_t impossible[][2] = {	/* head, read_pos */
		{800, 808}, {8192, 8192 - SMALL - 8}, {804, 800}
	};

	for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++)
	{
		slot->head = impossible[i][0];
		slot->read_pos = impossible[i][1];
		pgt_ring_attach(&ring, segment, slot, data, SMALL);
		CHECK(!put(ANY, ANY_LENGTH, 1));
		CHECK_EQUAL(slot->head, impossible[i][0]);
	}
	for (size_t i = 0; i < SMALL; i++)
		CHECK_EQUAL(data[i], 0);
}

/* ---- begin and end ---- */

static void
record_is_visible_only_after_end(void)
{
	PgtCall    *call = pgt_ring_begin(&ring, PGT_EV_CALL, PGT_RF_MORE, sizeof(PgtCall), 77);

	CHECK(call == (PgtCall *) data);
	CHECK_EQUAL(call->rec.length, sizeof(PgtCall));
	CHECK_EQUAL(call->rec.type, PGT_EV_CALL);
	CHECK_EQUAL(call->rec.flags, PGT_RF_MORE);
	CHECK_EQUAL(call->rec.time_ns, 77);
	CHECK_EQUAL(slot->head, 0);
	CHECK_EQUAL(slot->reserved_to, sizeof(PgtCall));
	CHECK_EQUAL(slot->events, 0);
	pgt_ring_end(&ring, sizeof(PgtCall));
	CHECK_EQUAL(slot->head, sizeof(PgtCall));
	CHECK_EQUAL(slot->reserved_to, sizeof(PgtCall));
	CHECK_EQUAL(slot->events, 1);
}

static void
length_is_rounded_up_to_8(void)
{
	CHECK(put(60000, 17, 1));
	CHECK_EQUAL(slot->head, 24);
	CHECK_EQUAL(((PgtRecord *) data)->length, 24);
}

static void
end_may_shorten_the_record(void)
{
	PgtRecord  *rec = pgt_ring_begin(&ring, 60000, 0, 1000, 1);

	pgt_ring_end(&ring, 33);
	CHECK_EQUAL(rec->length, 40);
	CHECK_EQUAL(slot->head, 40);
	/* Nothing is being written any more, and it must not look so. */
	CHECK_EQUAL(slot->reserved_to, 40);
	CHECK(put(60000, 24, 2));
	CHECK_EQUAL(slot->head, 64);
}

static void
end_never_makes_the_record_longer_or_headless(void)
{
	static const uint32_t lengths[] = {0, 8, 48, UINT32_MAX};

	for (size_t i = 0; i < 4; i++)
	{
		CHECK(pgt_ring_begin(&ring, 60000, 0, 40, 1) != NULL);
		pgt_ring_end(&ring, lengths[i]);
		CHECK_EQUAL(slot->head, 40 * (i + 1));
	}
}

static void
time_never_decreases(void)
{
	CHECK(put(60000, 16, 50));
	CHECK(put(60000, 16, 40));
	CHECK(put(60000, 16, 60));
	CHECK_EQUAL(((PgtRecord *) data)->time_ns, 50);
	CHECK_EQUAL(((PgtRecord *) (data + 16))->time_ns, 50);
	CHECK_EQUAL(((PgtRecord *) (data + 32))->time_ns, 60);
}

/* ---- wrap and padding ---- */

static void
record_that_ends_at_the_rings_end_needs_no_pad(void)
{
	advance_to_end_minus(136);
	CHECK(put(ANY, ANY_LENGTH, 2));
	CHECK_EQUAL(slot->head, SMALL);
	CHECK(put(ANY, ANY_LENGTH, 3));
	CHECK_EQUAL(((PgtRecord *) data)->time_ns, 3);
}

static void
pad_fills_the_end_and_appears_with_its_record(void)
{
	PgtRecord  *pad = (PgtRecord *) (data + SMALL - 128);
	PgtRecord  *rec;

	advance_to_end_minus(128);
	rec = pgt_ring_begin(&ring, ANY, 0, ANY_LENGTH, 2);
	CHECK(rec == (PgtRecord *) data);
	CHECK_EQUAL(slot->head, SMALL - 128);
	memset(rec + 1, 0, ANY_LENGTH - sizeof(*rec));
	pgt_ring_end(&ring, ANY_LENGTH);
	CHECK_EQUAL(pad->type, PGT_EV_PAD);
	CHECK_EQUAL(pad->length, 128);
	CHECK_EQUAL(slot->head, SMALL + ANY_LENGTH);
	CHECK_EQUAL(slot->reserved_to, SMALL + ANY_LENGTH);
	drain();
	CHECK_EQUAL(slot->read_pos, SMALL + ANY_LENGTH);
}

static void
pad_of_8_bytes_stays_inside_the_ring(void)
{
	PgtRecord  *pad = (PgtRecord *) (data + SMALL - 8);

	advance_to_end_minus(8);
	CHECK(put(60000, 16, 2));
	CHECK_EQUAL(pad->length, 8);
	CHECK_EQUAL(pad->type, PGT_EV_PAD);
	drain();
	CHECK_EQUAL(slot->read_pos, SMALL + 16);
}

static void
pad_needs_room_as_the_record_does(void)
{
	advance_to_end_minus(64);
	/* Unread: from here on.  64 to the end and 136 more do not fit ... */
	fill(56);
	CHECK_EQUAL(slot->head, SMALL - 8);
	fill(SMALL - 56 - 8 - 136 + 8);
	CHECK(!put(ANY, ANY_LENGTH, 2));
	CHECK_EQUAL(slot->lost_full, 1);
	/* ... and do once they are read. */
	drain();
	CHECK(put(ANY, ANY_LENGTH, 3));
}

/* ---- what is dropped ---- */

static void
begin_while_open_is_dropped_and_counted(void)
{
	PgtRecord  *rec = pgt_ring_begin(&ring, 60000, 0, 40, 5);

	CHECK(pgt_ring_begin(&ring, 60001, 0, 16, 6) == NULL);
	CHECK(pgt_ring_begin(&ring, 60001, 0, 16, 7) == NULL);
	CHECK_EQUAL(rec->type, 60000);
	CHECK_EQUAL(slot->lost_full, 2);
	CHECK_EQUAL(slot->gap_full, 2);
	CHECK_EQUAL(slot->gap_from_ns, 6);
	pgt_ring_end(&ring, 40);
	CHECK_EQUAL(slot->head, 40);
	CHECK_EQUAL(slot->events, 1);
}

static void
longest_record_fits_and_one_byte_more_is_dropped_and_counted(void)
{
	teardown();
	setup(SHARED);
	CHECK(put(60000, PGT_RECORD_MAX, 1));
	CHECK(!put(60000, PGT_RECORD_MAX + 1, 2));
	CHECK(!put(60000, UINT32_MAX, 3));
	CHECK_EQUAL(slot->lost_too_big, 2);
	CHECK_EQUAL(slot->gap_too_big, 2);
	CHECK_EQUAL(slot->lost_full, 0);
	CHECK_EQUAL(slot->head, PGT_RECORD_MAX);
	CHECK(put(60000, 16, 4));
}

static void
full_ring_drops_without_waiting(void)
{
	int64_t		begin;

	beat();
	fill(SMALL);
	begin = pgt_clock_ns();
	for (int i = 0; i < 1000; i++)
		CHECK(!put(ANY, ANY_LENGTH, 2));
	CHECK(pgt_clock_ns() - begin < 100 * MS);
	CHECK_EQUAL(slot->lost_full, 1000);
	CHECK_EQUAL(slot->waited_ns, 0);
	CHECK_EQUAL(slot->head, SMALL);
}

static void
gap_is_written_where_it_is(void)
{
	PgtLost    *lost = (PgtLost *) data;

	fill(SMALL);
	CHECK(!put(ANY, ANY_LENGTH, 100));
	CHECK(!put(ANY, ANY_LENGTH, 110));
	CHECK(!put(60000, PGT_RECORD_MAX + 8, 120));
	CHECK_EQUAL(slot->gap_full, 2);
	CHECK_EQUAL(slot->gap_too_big, 1);
	drain();
	CHECK(put(ANY, ANY_LENGTH, 130));
	CHECK_EQUAL(lost->rec.type, PGT_EV_LOST);
	CHECK_EQUAL(lost->rec.length, sizeof(PgtLost));
	CHECK_EQUAL(lost->rec.time_ns, 130);
	CHECK_EQUAL(lost->from_ns, 100);
	CHECK_EQUAL(lost->full, 2);
	CHECK_EQUAL(lost->too_big, 1);
	CHECK_EQUAL(((PgtRecord *) (lost + 1))->type, ANY);
	CHECK_EQUAL(((PgtRecord *) (lost + 1))->time_ns, 130);
	CHECK_EQUAL(slot->gap_full, 0);
	CHECK_EQUAL(slot->gap_too_big, 0);
	CHECK_EQUAL(slot->lost_full, 2);
	CHECK_EQUAL(slot->lost_too_big, 1);

	/* The next gap begins anew. */
	CHECK(!put(60000, PGT_RECORD_MAX + 8, 140));
	CHECK_EQUAL(slot->gap_from_ns, 140);
	CHECK_EQUAL(slot->gap_full, 0);
	CHECK_EQUAL(slot->gap_too_big, 1);
}

static void
time_does_not_decrease_after_a_gap_whose_record_did_not_fit(void)
{
	RingReader	reader;
	const PgtRecord *rec;
	int64_t		last = 0;

	fill(SMALL);
	CHECK(!put(ANY, ANY_LENGTH, 100));
	/* Room for the LOST record, not for what follows it. */
	slot->read_pos = ANY_LENGTH;
	CHECK(!put(ANY, ANY_LENGTH, 500));
	CHECK_EQUAL(slot->head, SMALL + sizeof(PgtLost));
	CHECK_EQUAL(slot->gap_full, 1);
	slot->read_pos = SMALL;
	CHECK(put(ANY, ANY_LENGTH, 400));

	ring_reader_init(&reader, slot, data, SMALL);
	while (ring_reader_next(&reader, &rec) == RING_RECORD)
	{
		CHECK(rec->time_ns >= last);
		last = rec->time_ns;
	}
	CHECK_EQUAL(last, 500);
}

/* ---- waiting ---- */

static void *
drain_after_20_ms(void *arg)
{
	struct timespec nap = {0, 20 * MS};

	/* Not before the other one is at it. */
	while (!__atomic_load_n((bool *) arg, __ATOMIC_ACQUIRE))
		sched_yield();
	nanosleep(&nap, NULL);
	drain();
	return NULL;
}

static void
full_ring_waits_for_a_living_reader(void)
{
	pthread_t	thread;
	bool		begun = false;

	ring.wait_when_full = true;
	ring.full_timeout_ns = 5000 * MS;
	fill(SMALL);
	CHECK(pthread_create(&thread, NULL, drain_after_20_ms, &begun) == 0);
	beat();
	__atomic_store_n(&begun, true, __ATOMIC_RELEASE);
	CHECK(put(ANY, ANY_LENGTH, 2));
	pthread_join(thread, NULL);
	CHECK_EQUAL(slot->lost_full, 0);
	CHECK((int64_t) slot->waited_ns > 5 * MS);
	CHECK((int64_t) slot->waited_ns < 5000 * MS);
}

static void
wait_ends_at_the_timeout_and_is_not_repeated_at_once(void)
{
	int64_t		begin;

	ring.wait_when_full = true;
	ring.full_timeout_ns = 50 * MS;
	fill(SMALL);
	beat();
	begin = pgt_clock_ns();
	CHECK(!put(ANY, ANY_LENGTH, 2));
	CHECK(pgt_clock_ns() - begin >= 50 * MS);
	CHECK((int64_t) slot->waited_ns >= 50 * MS);
	CHECK_EQUAL(slot->lost_full, 1);

	begin = pgt_clock_ns();
	CHECK(!put(ANY, ANY_LENGTH, 3));
	CHECK(pgt_clock_ns() - begin < 40 * MS);
	CHECK_EQUAL(slot->lost_full, 2);

	drain();
	CHECK(put(ANY, ANY_LENGTH, 4));
}

static void
no_reader_is_never_waited_for(void)
{
	static const int64_t dead[] = {-3000 * MS, INT64_MIN / 2, INT64_MAX / 2};
	int64_t		begin = pgt_clock_ns();

	ring.wait_when_full = true;
	ring.full_timeout_ns = 5000 * MS;
	fill(SMALL);
	CHECK(!put(ANY, ANY_LENGTH, 2));	/* no pid */
	segment->daemon_pid = 4712;
	for (size_t i = 0; i < 3; i++)
	{
		segment->daemon_heartbeat_ns = pgt_clock_ns() + dead[i];
		CHECK(!put(ANY, ANY_LENGTH, 2));
	}
	segment->daemon_heartbeat_ns = INT64_MIN;
	CHECK(!put(ANY, ANY_LENGTH, 2));
	segment->daemon_heartbeat_ns = INT64_MAX;
	CHECK(!put(ANY, ANY_LENGTH, 2));
	CHECK(pgt_clock_ns() - begin < 1000 * MS);
	CHECK_EQUAL(slot->lost_full, 6);
}

static void
reader_is_attached_while_its_heart_beats(void)
{
	int64_t		now = 1000000 * MS;

	segment->daemon_heartbeat_ns = now;
	CHECK(!pgt_ring_reader_attached(segment, now));
	segment->daemon_pid = 4712;
	CHECK(pgt_ring_reader_attached(segment, now));
	CHECK(pgt_ring_reader_attached(segment, now + PGT_HEARTBEAT_TIMEOUT_NS - 1));
	CHECK(!pgt_ring_reader_attached(segment, now + PGT_HEARTBEAT_TIMEOUT_NS));
	/* It may beat between the caller's stamp and the look at it. */
	CHECK(pgt_ring_reader_attached(segment, now - 1));
}

static volatile sig_atomic_t alarms;

static void
count_alarm(int signal_number)
{
	(void) signal_number;
	alarms++;
}

static void
set_timer(long microseconds)
{
	struct itimerval timer = {{0, microseconds}, {0, microseconds}};

	if (setitimer(ITIMER_REAL, &timer, NULL) != 0)
		abort();
}

static void
errno_is_kept(void)
{
	struct sigaction action = {.sa_handler = count_alarm};

	ring.wait_when_full = true;
	ring.full_timeout_ns = 30 * MS;
	fill(SMALL);
	beat();
	sigaction(SIGALRM, &action, NULL);
	set_timer(300);				/* so that nanosleep fails */
	errno = ENOENT;
	(void) pgt_ring_begin(&ring, ANY, 0, ANY_LENGTH, 2);
	CHECK_EQUAL(errno, ENOENT);
	set_timer(0);
	CHECK(alarms > 0);
	CHECK_EQUAL(slot->lost_full, 1);
}

/* ---- a reader that is wrong ---- */

/* After `bad` in read_pos the ring must stop, for good, and touch nothing. */
static void
check_stops(uint64_t good, uint64_t bad)
{
	uint8_t    *before = malloc(SMALL);

	if (before == NULL)
		abort();
	teardown();
	setup(SMALL);
	fill(SMALL);
	__atomic_store_n(&slot->read_pos, good, __ATOMIC_RELEASE);
	if (good > 0)
	{
		CHECK(put(ANY, ANY_LENGTH, 2));
		fill(good - ANY_LENGTH);
	}
	memcpy(before, data, SMALL);
	__atomic_store_n(&slot->read_pos, bad, __ATOMIC_RELEASE);
	CHECK(!put(ANY, ANY_LENGTH, 3));
	CHECK(ring.broken);
	__atomic_store_n(&slot->read_pos, slot->head, __ATOMIC_RELEASE);
	CHECK(!put(ANY, ANY_LENGTH, 4));
	CHECK_EQUAL(slot->head, SMALL + good);
	CHECK_EQUAL(slot->lost_full, 2);
	CHECK_EQUAL(slot->gap_full, 2);
	CHECK(memcmp(before, data, SMALL) == 0);
	free(before);
}

static void
read_position_beyond_head_stops_the_ring(void)
{
	check_stops(0, SMALL + 8);
	check_stops(0, UINT64_MAX);
}

static void
read_position_that_goes_back_stops_the_ring(void)
{
	check_stops(272, 264);

	/* Also where the position by itself could be true. */
	teardown();
	setup(SMALL);
	advance_to_end_minus(0);
	fill(SMALL - 64);
	slot->read_pos = SMALL - 8;
	CHECK(!put(ANY, ANY_LENGTH, 3));
	CHECK(ring.broken);
}

static void
read_position_more_than_the_ring_behind_stops_it(void)
{
	check_stops(272, 0);
}

static void
waiting_ends_when_the_reader_goes_wrong(void)
{
	int64_t		begin = pgt_clock_ns();

	ring.wait_when_full = true;
	ring.full_timeout_ns = 5000 * MS;
	fill(SMALL);
	beat();
	slot->read_pos = SMALL + 8;
	CHECK(!put(ANY, ANY_LENGTH, 2));
	CHECK(pgt_clock_ns() - begin < 1000 * MS);
}

/* ---- a signal handler that writes, too ---- */

#define MAIN_TYPE	60000		/* its body repeats its number */
#define HANDLER_TYPE 60001
#define HANDLER_MARK UINT64_C(0x5a5a5a5a5a5a5a5a)

static volatile uint64_t handler_written;
static volatile uint64_t handler_dropped;

static void
write_in_handler(int signal_number)
{
	int			save_errno = errno;
	uint64_t   *body;

	(void) signal_number;
	body = pgt_ring_begin(&ring, HANDLER_TYPE, 0, 24, 1);
	if (body == NULL)
		handler_dropped++;
	else
	{
		body[2] = HANDLER_MARK;
		pgt_ring_end(&ring, 24);
		handler_written++;
	}
	errno = save_errno;
}

static uint32_t
main_length(uint64_t number)
{
	return 24 + (uint32_t) (number % 12) * 8;
}

static void
write_main_record(uint64_t *number)
{
	uint32_t	length = main_length(*number);
	uint64_t   *body = pgt_ring_begin(&ring, MAIN_TYPE, 0, length, 1);

	if (body == NULL)
		return;
	for (uint32_t at = 2; at < length / 8; at++)
		body[at] = *number;
	pgt_ring_end(&ring, length);
	(*number)++;
}

static void
read_main_records(uint64_t *number)
{
	RingReader	reader;
	const PgtRecord *rec;

	ring_reader_init(&reader, slot, data, SMALL);
	while (ring_reader_next(&reader, &rec) == RING_RECORD)
	{
		const uint64_t *body = (const uint64_t *) rec;

		if (rec->type == HANDLER_TYPE)
		{
			CHECK_EQUAL(rec->length, 24);
			CHECK_EQUAL(body[2], HANDLER_MARK);
		}
		else if (rec->type == MAIN_TYPE)
		{
			CHECK_EQUAL(rec->length, main_length(*number));
			for (uint32_t at = 2; at < rec->length / 8; at++)
				CHECK_EQUAL(body[at], *number);
			(*number)++;
		}
		else
			CHECK(rec->type == PGT_EV_PAD || rec->type == PGT_EV_LOST);
	}
	CHECK(reader.reason == NULL);
	ring_reader_release(&reader);
}

static void
signal_handler_never_gets_into_another_record(void)
{
	struct sigaction action = {.sa_handler = write_in_handler};
	int64_t		stop_at = pgt_clock_ns() + 400 * MS;
	uint64_t	written = 0;
	uint64_t	read = 0;

	handler_written = handler_dropped = 0;
	sigaction(SIGALRM, &action, NULL);
	set_timer(20);
	while ((pgt_clock_ns() < stop_at || written <= 1000) && test_failures == 0)
	{
		for (int i = 0; i < 20; i++)
			write_main_record(&written);
		read_main_records(&read);
	}
	set_timer(0);
	CHECK_EQUAL(read, written);
	CHECK(written > 1000);
	CHECK(handler_written > 0);
}

#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define CAN_STEP

/* The processor's trap flag: SIGTRAP after each instruction. */
#define SET_TRAP_FLAG(instruction) \
	__asm__ volatile("lea -128(%%rsp), %%rsp; pushfq; " instruction "; popfq; " \
					 "lea 128(%%rsp), %%rsp" ::: "memory", "cc")

static void
signal_after_any_instruction_does_no_harm(void)
{
	struct sigaction action = {.sa_handler = write_in_handler};
	uint64_t	written = 0;
	uint64_t	read = 0;

	handler_written = handler_dropped = 0;
	sigaction(SIGTRAP, &action, NULL);
	for (int i = 0; i < 300 && test_failures == 0; i++)
	{
		SET_TRAP_FLAG("orq $0x100, (%%rsp)");
		write_main_record(&written);
		SET_TRAP_FLAG("andq $~0x100, (%%rsp)");
		read_main_records(&read);
	}
	CHECK_EQUAL(read, written);
	CHECK(written > 0);
	CHECK(handler_written > 0);
	CHECK(handler_dropped > 0);
}
#endif

/* ---- one writer, one reader ---- */

#define STREAM_RECORDS UINT64_C(1500000)
#define STREAM_TYPE 60000

typedef struct StreamRecord
{
	PgtRecord	rec;
	uint64_t	number;			/* from 0, without a hole where nothing is lost */
	uint64_t	checksum;		/* of what follows, and of the number */
} StreamRecord;

typedef struct Stream
{
	uint64_t	records;		/* read */
	uint64_t	lost;			/* by LOST records */
	uint64_t	lost_records;
	uint64_t	errors;
	bool		writer_done;
} Stream;

static inline uint64_t
mix(uint64_t x)
{
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	return x;
}

static uint64_t
checksum(const StreamRecord *e)
{
	const uint64_t *body = (const uint64_t *) (e + 1);
	uint64_t	sum = mix(e->number + e->rec.length);

	for (size_t i = 0; i < (e->rec.length - sizeof(*e)) / 8; i++)
		sum = mix(sum ^ body[i]);
	return sum;
}

static void
read_stream_record(Stream *stream, const PgtRecord *rec, int64_t *last_time)
{
	const StreamRecord *e = (const StreamRecord *) rec;

	if (rec->type == PGT_EV_PAD)
		return;
	if (rec->time_ns < *last_time)
		stream->errors++;
	*last_time = rec->time_ns;
	if (rec->type == PGT_EV_LOST)
	{
		stream->lost += ((const PgtLost *) rec)->full;
		stream->lost_records++;
		if (((const PgtLost *) rec)->from_ns > rec->time_ns)
			stream->errors++;
		return;
	}
	/* Each once, in order, and after exactly those that are said to be lost. */
	if (rec->type != STREAM_TYPE || e->number != stream->records + stream->lost ||
		checksum(e) != e->checksum)
		stream->errors++;
	stream->records++;
}

static void *
read_stream(void *arg)
{
	Stream	   *stream = arg;
	RingReader	reader;
	const PgtRecord *rec;
	int64_t		last_time = 0;
	RingRead	read;
	bool		done;

	ring_reader_init(&reader, slot, data, SHARED);
	/* A reader that keeps up would see no loss. */
	while (!ring.wait_when_full && __atomic_load_n(&slot->lost_full, __ATOMIC_RELAXED) == 0)
		sched_yield();
	do
	{
		uint64_t	batch = 0;

		done = __atomic_load_n(&stream->writer_done, __ATOMIC_ACQUIRE);
		while ((read = ring_reader_next(&reader, &rec)) == RING_RECORD)
		{
			read_stream_record(stream, rec, &last_time);
			if (++batch % 64 == 0)
				ring_reader_release(&reader);
		}
		ring_reader_release(&reader);
		beat();
		if (batch == 0)
			sched_yield();
	} while (!done && read != RING_DAMAGED);
	if (read == RING_DAMAGED)
	{
		fprintf(stderr, "damaged: %s\n", reader.reason);
		stream->errors++;
	}
	return NULL;
}

static void
write_stream(uint64_t records)
{
	uint64_t	seed = 42;

	for (uint64_t number = 0; number < records; number++)
	{
		uint32_t	length;
		StreamRecord *e;
		uint64_t   *body;

		seed = mix(seed + 1);
		length = (uint32_t) (sizeof(StreamRecord) + (seed & 31) * 8);
		e = pgt_ring_begin(&ring, STREAM_TYPE, 0, length, pgt_clock_ns());
		if (e == NULL)
			continue;
		e->number = number;
		body = (uint64_t *) (e + 1);
		for (uint32_t i = 0; i < (length - sizeof(*e)) / 8; i++)
			body[i] = seed + i;
		e->checksum = checksum(e);
		pgt_ring_end(&ring, length);
	}
}

static void
run_stream(Stream *stream, bool wait_when_full)
{
	pthread_t	thread;

	memset(stream, 0, sizeof(*stream));
	teardown();
	setup(SHARED);
	beat();
	ring.wait_when_full = wait_when_full;
	ring.full_timeout_ns = 60000 * MS;
	if (pthread_create(&thread, NULL, read_stream, stream) != 0)
		abort();
	write_stream(STREAM_RECORDS);
	__atomic_store_n(&stream->writer_done, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	CHECK_EQUAL(stream->errors, 0);
}

static void
two_threads_pass_each_record_once_and_in_order(void)
{
	Stream		stream;

	run_stream(&stream, true);
	CHECK_EQUAL(stream.records, STREAM_RECORDS);
	CHECK_EQUAL(stream.lost_records, 0);
	CHECK_EQUAL(slot->lost_full, 0);
	CHECK_EQUAL(slot->events, STREAM_RECORDS);
	CHECK_EQUAL(slot->read_pos, slot->head);
}

static void
two_threads_account_for_each_record_that_is_dropped(void)
{
	Stream		stream;

	run_stream(&stream, false);
	CHECK(slot->lost_full > 0);
	CHECK_EQUAL(stream.lost + slot->gap_full, slot->lost_full);
	CHECK_EQUAL(stream.records + slot->lost_full, STREAM_RECORDS);
	CHECK_EQUAL(slot->events, stream.records + stream.lost_records);
}

/* ---- a writer that is killed ---- */

static void
write_until_killed(uint64_t number)
{
	pgt_ring_attach(&ring, segment, slot, data, SHARED);
	for (;;)
	{
		uint32_t	length = (uint32_t) (sizeof(StreamRecord) + number % 40 * 8);
		StreamRecord *e = pgt_ring_begin(&ring, STREAM_TYPE, 0, length, (int64_t) number);

		if (e == NULL)
			continue;			/* full; only the reader's positions help */
		e->number = number++;
		memset(e + 1, (int) number, length - sizeof(*e));
		e->checksum = checksum(e);
		pgt_ring_end(&ring, length);
	}
}

/* Each round a process is killed somewhere, and the next one goes on. */
static void
killed_writer_leaves_whole_records_only(void)
{
	uint64_t	number = 0;
	uint8_t    *shared = mmap(NULL, sizeof(PgtSlot) + SHARED, PROT_READ | PROT_WRITE,
							  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	PgtSlot    *own_slot = slot;
	uint8_t    *own_data = data;

	if (shared == MAP_FAILED)
		abort();
	slot = (PgtSlot *) shared;
	data = shared + sizeof(PgtSlot);
	for (int round = 0; round < 60 && test_failures == 0; round++)
	{
		struct timespec life = {0, 200000 + round * 7919};
		bool		dead = false;
		uint64_t	first = number;
		int64_t		begin = pgt_clock_ns();
		RingReader	reader;
		pid_t		pid = fork();

		if (pid == 0)
			write_until_killed(number);
		CHECK(pid > 0);
		ring_reader_init(&reader, slot, data, SHARED);
		for (;;)
		{
			const PgtRecord *rec;

			while (ring_reader_next(&reader, &rec) == RING_RECORD)
			{
				const StreamRecord *e = (const StreamRecord *) rec;

				if (rec->type == PGT_EV_PAD || rec->type == PGT_EV_LOST)
					continue;
				CHECK_EQUAL(e->number, number);
				CHECK(checksum(e) == e->checksum);
				number++;
			}
			CHECK(reader.reason == NULL);
			ring_reader_release(&reader);
			if (dead || test_failures > 0)
				break;
			nanosleep(&life, NULL);
			if (number == first && pgt_clock_ns() - begin < 10000 * MS)
				continue;		/* it has not begun yet */
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
			dead = true;
		}
	}
	CHECK(number >= 60);
	slot = own_slot;
	data = own_data;
	munmap(shared, sizeof(PgtSlot) + SHARED);
}

/* ---- all of them ---- */

#define TEST(name) {#name, name}

static const struct
{
	const char *name;
	void		(*run) (void);
}			tests[] =
{
	TEST(attach_goes_on_at_the_slots_positions),
	TEST(attach_refuses_impossible_positions),
	TEST(record_is_visible_only_after_end),
	TEST(length_is_rounded_up_to_8),
	TEST(end_may_shorten_the_record),
	TEST(end_never_makes_the_record_longer_or_headless),
	TEST(time_never_decreases),
	TEST(record_that_ends_at_the_rings_end_needs_no_pad),
	TEST(pad_fills_the_end_and_appears_with_its_record),
	TEST(pad_of_8_bytes_stays_inside_the_ring),
	TEST(pad_needs_room_as_the_record_does),
	TEST(begin_while_open_is_dropped_and_counted),
	TEST(longest_record_fits_and_one_byte_more_is_dropped_and_counted),
	TEST(full_ring_drops_without_waiting),
	TEST(gap_is_written_where_it_is),
	TEST(time_does_not_decrease_after_a_gap_whose_record_did_not_fit),
	TEST(full_ring_waits_for_a_living_reader),
	TEST(wait_ends_at_the_timeout_and_is_not_repeated_at_once),
	TEST(no_reader_is_never_waited_for),
	TEST(reader_is_attached_while_its_heart_beats),
	TEST(errno_is_kept),
	TEST(read_position_beyond_head_stops_the_ring),
	TEST(read_position_that_goes_back_stops_the_ring),
	TEST(read_position_more_than_the_ring_behind_stops_it),
	TEST(waiting_ends_when_the_reader_goes_wrong),
	TEST(signal_handler_never_gets_into_another_record),
#ifdef CAN_STEP
	TEST(signal_after_any_instruction_does_no_harm),
#endif
	TEST(two_threads_pass_each_record_once_and_in_order),
	TEST(two_threads_account_for_each_record_that_is_dropped),
	TEST(killed_writer_leaves_whole_records_only),
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
	{
		test_failures = 0;
		setup(SMALL);
		tests[i].run();
		teardown();
		if (test_failures == 0)
			tests_passed++;
		else
		{
			tests_failed++;
			printf("FAILED %s\n", tests[i].name);
		}
	}
	printf("ring_test: %d passed, %d failed\n", tests_passed, tests_failed);
	return tests_failed == 0 ? 0 : 1;
}
