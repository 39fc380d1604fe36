/*-------------------------------------------------------------------------
 *
 * shared_test.c
 *	  The rules of a workers' ring: several writers, one reader.
 *
 *-------------------------------------------------------------------------
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "ring.h"
#include "ring_reader.h"

#define MS			INT64_C(1000000)	/* ns */
#define SIZE		16384		/* bytes of ring */
#define WRITERS		4
#define SESSION		7
#define RECORDS		UINT64_C(20000) /* of each writer */
#define TYPE		60000

/* What all processes see: a segment's header, one slot, its ring. */
typedef struct Shared
{
	PgtSegment	segment;
	PgtSlot		slot;
	uint8_t		data[SIZE];
} Shared;

static Shared *shared;

typedef struct Numbered
{
	PgtRecord	rec;
	uint64_t	number;			/* of its writer, from 0 */
	uint64_t	check;
} Numbered;

/* What the reader has seen. */
typedef struct Seen
{
	uint64_t	next[WRITERS + 1];	/* by writer */
	uint64_t	records;
	uint64_t	lost;
	uint64_t	errors;
} Seen;

static void
setup(void)
{
	shared = mmap(NULL, sizeof(Shared), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		abort();
	shared->slot.session_number = SESSION;
	shared->slot.state = PGT_SLOT_ACTIVE;
}

static void
teardown(void)
{
	munmap(shared, sizeof(Shared));
}

static void
beat(void)
{
	__atomic_store_n(&shared->segment.daemon_pid, 4712, __ATOMIC_RELAXED);
	__atomic_store_n(&shared->segment.daemon_heartbeat_ns, pgt_clock_ns(), __ATOMIC_RELEASE);
}

static void
attach(PgtRing *ring, uint16_t worker)
{
	pgt_ring_attach_shared(ring, &shared->segment, &shared->slot, shared->data, SIZE,
						   SESSION, worker);
	ring->full_timeout_ns = 60000 * MS;
}

static uint64_t
check_of(uint16_t worker, uint64_t number)
{
	return (number + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ worker;
}

static bool
put(PgtRing *ring, uint64_t number)
{
	uint32_t	length = (uint32_t) (sizeof(Numbered) + number % 23 * 8);
	Numbered   *e = pgt_ring_begin(ring, TYPE, 0, length, pgt_clock_ns());

	if (e == NULL)
		return false;
	e->number = number;
	e->check = check_of(PGT_RF_WORKER(ring->source), number);
	memset(e + 1, (int) number, length - sizeof(*e));
	pgt_ring_end(ring, length);
	return true;
}

/* Each writer's records come whole, and in its order; some may be missing. */
static void
see(Seen *seen, const PgtRecord *rec)
{
	const Numbered *e = (const Numbered *) rec;
	uint16_t	worker = PGT_RF_WORKER(rec->flags);
	uint32_t	length;

	if (rec->type == PGT_EV_PAD)
		return;
	if (rec->type == PGT_EV_LOST)
	{
		seen->lost += ((const PgtLost *) rec)->full;
		return;
	}
	seen->records++;
	length = (uint32_t) (sizeof(Numbered) + e->number % 23 * 8);
	if (rec->type != TYPE || worker > WRITERS || e->number < seen->next[worker] ||
		e->check != check_of(worker, e->number) || rec->length != length)
		seen->errors++;
	else
		seen->next[worker] = e->number + 1;
	for (const uint8_t *p = (const uint8_t *) (e + 1); p < (const uint8_t *) e + length; p++)
		if (*p != (uint8_t) e->number)
		{
			seen->errors++;
			break;
		}
}

static uint64_t
read_all(RingReader *reader, Seen *seen)
{
	const PgtRecord *rec;
	uint64_t	count = 0;

	while (ring_reader_next(reader, &rec) == RING_RECORD)
	{
		see(seen, rec);
		if (++count % 16 == 0)
			ring_reader_release(reader);
	}
	ring_reader_release(reader);
	if (reader->reason != NULL)
	{
		fprintf(stderr, "damaged: %s\n", reader->reason);
		seen->errors++;
	}
	return count;
}

typedef struct Writer
{
	uint16_t	worker;
	bool		wait_when_full;
	uint64_t	written;
	uint64_t	records;		/* to write */
} Writer;

static void *
write_records(void *arg)
{
	Writer	   *writer = arg;
	PgtRing		ring;

	attach(&ring, writer->worker);
	ring.wait_when_full = writer->wait_when_full;
	for (uint64_t number = 0; number < writer->records; number++)
		writer->written += put(&ring, number);
	return NULL;
}

static void
run_threads(Seen *seen, bool wait_when_full, uint64_t *written)
{
	pthread_t	threads[WRITERS];
	Writer		writers[WRITERS];
	RingReader	reader;
	uint64_t	all = WRITERS * RECORDS;

	memset(seen, 0, sizeof(*seen));
	*written = 0;
	beat();
	ring_reader_init(&reader, &shared->slot, shared->data, SIZE);
	for (int i = 0; i < WRITERS; i++)
	{
		/* One of them is no parallel worker. */
		writers[i] = (Writer) {.worker = (uint16_t) i, .wait_when_full = wait_when_full,
							   .records = RECORDS};
		if (pthread_create(&threads[i], NULL, write_records, &writers[i]) != 0)
			abort();
	}
	while (seen->records + __atomic_load_n(&shared->slot.lost_full, __ATOMIC_RELAXED) < all &&
		   seen->errors == 0)
	{
		beat();
		if (read_all(&reader, seen) == 0)
			sched_yield();
	}
	for (int i = 0; i < WRITERS; i++)
	{
		pthread_join(threads[i], NULL);
		*written += writers[i].written;
	}
	read_all(&reader, seen);
	CHECK_EQUAL(seen->errors, 0);
}

static void
nothing_is_lost_or_mixed(void)
{
	Seen		seen;
	uint64_t	written;

	run_threads(&seen, true, &written);
	CHECK_EQUAL(seen.records, WRITERS * RECORDS);
	CHECK_EQUAL(written, WRITERS * RECORDS);
	CHECK_EQUAL(seen.lost, 0);
	CHECK_EQUAL(shared->slot.lost_full, 0);
	for (int i = 0; i < WRITERS; i++)
		CHECK_EQUAL(seen.next[i], RECORDS);
}

static void
each_record_that_is_dropped_is_counted(void)
{
	Seen		seen;
	uint64_t	written;

	run_threads(&seen, false, &written);
	CHECK_EQUAL(seen.records, written);
	CHECK_EQUAL(seen.records + shared->slot.lost_full, WRITERS * RECORDS);
	CHECK_EQUAL(seen.lost + shared->slot.gap_full, shared->slot.lost_full);
}

static void
processes_write_as_threads_do(void)
{
	pid_t		pids[WRITERS];
	Seen		seen = {0};
	RingReader	reader;

	beat();
	ring_reader_init(&reader, &shared->slot, shared->data, SIZE);
	for (int i = 0; i < WRITERS; i++)
	{
		pids[i] = fork();
		if (pids[i] == 0)
		{
			Writer		writer = {.worker = (uint16_t) (i + 1), .wait_when_full = true,
								  .records = RECORDS};

			write_records(&writer);
			_exit(writer.written == RECORDS ? 0 : 1);
		}
		CHECK(pids[i] > 0);
	}
	while (seen.records + __atomic_load_n(&shared->slot.lost_full, __ATOMIC_RELAXED) <
		   WRITERS * RECORDS && seen.errors == 0)
	{
		beat();
		if (read_all(&reader, &seen) == 0)
			sched_yield();
	}
	for (int i = 0; i < WRITERS; i++)
	{
		int			status = -1;

		waitpid(pids[i], &status, 0);
		CHECK_EQUAL(status, 0);
		CHECK_EQUAL(seen.next[i + 1], RECORDS);
	}
	CHECK_EQUAL(seen.errors, 0);
	CHECK_EQUAL(shared->slot.lost_full, 0);
}

static void
full_ring_is_not_waited_for_without_a_reader(void)
{
	PgtRing		ring;
	uint64_t	written = 0;
	int64_t		begin = pgt_clock_ns();

	attach(&ring, 1);
	ring.wait_when_full = true;
	while (put(&ring, written))
		written++;
	CHECK(written > 0);
	CHECK(pgt_clock_ns() - begin < 10000 * MS);
	CHECK_EQUAL(shared->slot.lost_full, 1);
	CHECK_EQUAL(shared->slot.gap_full, 1);
	CHECK_EQUAL(shared->slot.lock, 0);
}

static void
gap_stands_before_the_next_record_whoever_writes_it(void)
{
	PgtRing		first;
	PgtRing		second;
	Seen		seen = {0};
	RingReader	reader;
	uint64_t	written = 0;

	attach(&first, 1);
	attach(&second, 2);
	while (put(&first, written))
		written++;
	ring_reader_init(&reader, &shared->slot, shared->data, SIZE);
	read_all(&reader, &seen);
	CHECK_EQUAL(seen.lost, 0);
	CHECK(put(&second, 0));
	read_all(&reader, &seen);
	CHECK_EQUAL(seen.lost, 1);
	CHECK_EQUAL(seen.records, written + 1);
	CHECK_EQUAL(seen.errors, 0);
}

static void
closed_ring_takes_nothing_and_counts_nothing(void)
{
	PgtRing		ring;

	attach(&ring, 1);
	CHECK(put(&ring, 0));
	pgt_ring_close_shared(&shared->slot);
	CHECK_EQUAL(shared->slot.state, PGT_SLOT_CLOSED);
	CHECK(!put(&ring, 1));
	CHECK_EQUAL(shared->slot.events, 1);
	CHECK_EQUAL(shared->slot.lost_full, 0);
	CHECK_EQUAL(shared->slot.gap_full, 0);
	CHECK_EQUAL(shared->slot.lock, 0);
}

static void
ring_of_the_next_session_takes_nothing_of_the_one_before(void)
{
	PgtRing		ring;

	attach(&ring, 1);
	CHECK(put(&ring, 0));
	shared->slot.session_number = SESSION + 1;
	CHECK(!put(&ring, 1));
	CHECK_EQUAL(shared->slot.events, 1);
	CHECK_EQUAL(shared->slot.lost_full, 0);
	CHECK_EQUAL(shared->slot.lock, 0);
}

static void *
write_until_closed(void *arg)
{
	PgtRing		ring;
	uint64_t	number = 0;

	attach(&ring, *(uint16_t *) arg);
	while (__atomic_load_n(&shared->slot.state, __ATOMIC_ACQUIRE) == PGT_SLOT_ACTIVE)
		number += put(&ring, number);
	put(&ring, number);
	return NULL;
}

/* Once it is closed its head stays where it is, whoever is writing. */
static void
nothing_comes_after_the_close(void)
{
	for (int round = 0; round < 50; round++)
	{
		pthread_t	threads[WRITERS];
		uint16_t	workers[WRITERS];
		Seen		seen = {0};
		RingReader	reader;
		uint64_t	head;

		ring_reader_init(&reader, &shared->slot, shared->data, SIZE);
		for (int i = 0; i < WRITERS; i++)
		{
			workers[i] = (uint16_t) (i + 1);
			if (pthread_create(&threads[i], NULL, write_until_closed, &workers[i]) != 0)
				abort();
		}
		while (seen.records < 100 && seen.errors == 0)
			read_all(&reader, &seen);
		pgt_ring_close_shared(&shared->slot);
		head = __atomic_load_n(&shared->slot.head, __ATOMIC_ACQUIRE);
		for (int i = 0; i < WRITERS; i++)
			pthread_join(threads[i], NULL);
		CHECK_EQUAL(shared->slot.head, head);
		CHECK_EQUAL(shared->slot.reserved_to, head);
		CHECK_EQUAL(seen.errors, 0);
		__atomic_store_n(&shared->slot.state, PGT_SLOT_ACTIVE, __ATOMIC_RELEASE);
		/* The next round's writers count from 0. */
		read_all(&reader, &seen);
	}
}

/* A process that dies with the ring keeps the others out, and not the session. */
static void
writer_that_died_in_the_ring_is_left_alone(void)
{
	pid_t		pid = fork();
	PgtRing		ring;
	int64_t		begin;

	if (pid == 0)
	{
		attach(&ring, 1);
		_exit(pgt_ring_begin(&ring, TYPE, 0, sizeof(Numbered), 1) != NULL ? 0 : 1);
	}
	CHECK(pid > 0);
	waitpid(pid, NULL, 0);
	CHECK_EQUAL(shared->slot.lock, 1);

	attach(&ring, 2);
	begin = pgt_clock_ns();
	CHECK(!put(&ring, 0));
	CHECK_EQUAL(shared->slot.lost_full, 1);
	pgt_ring_close_shared(&shared->slot);
	CHECK(pgt_clock_ns() - begin < 10000 * MS);
	CHECK_EQUAL(shared->slot.state, PGT_SLOT_CLOSED);
	CHECK_EQUAL(shared->slot.lock, 0);
	CHECK_EQUAL(shared->slot.head, 0);
	CHECK(shared->slot.reserved_to > 0);
}

/* Wherever writers are killed, what the reader sees is whole. */
static void
killed_writers_leave_whole_records_only(void)
{
	uint64_t	records = 0;

	for (int round = 0; round < 40 && test_failures == 0; round++)
	{
		pid_t		pids[WRITERS];
		Seen		seen = {0};
		RingReader	reader;
		int64_t		end;

		memset(&shared->slot, 0, sizeof(shared->slot));
		shared->slot.session_number = SESSION;
		shared->slot.state = PGT_SLOT_ACTIVE;
		beat();
		ring_reader_init(&reader, &shared->slot, shared->data, SIZE);
		for (int i = 0; i < WRITERS; i++)
		{
			pids[i] = fork();
			if (pids[i] == 0)
			{
				uint16_t	worker = (uint16_t) (i + 1);

				write_until_closed(&worker);
				_exit(0);
			}
			CHECK(pids[i] > 0);
		}
		while (seen.records < 50 && seen.errors == 0)
			read_all(&reader, &seen);
		end = pgt_clock_ns() + round * INT64_C(39119);
		while (pgt_clock_ns() < end)
			read_all(&reader, &seen);
		for (int i = 0; i < WRITERS; i++)
			kill(pids[i], SIGKILL);
		for (int i = 0; i < WRITERS; i++)
			waitpid(pids[i], NULL, 0);
		pgt_ring_close_shared(&shared->slot);
		read_all(&reader, &seen);
		CHECK_EQUAL(seen.errors, 0);
		CHECK_EQUAL(shared->slot.lock, 0);
		records += seen.records;
	}
	CHECK(records >= 40 * 50);
}

#define TEST(name) {#name, name}

static const struct
{
	const char *name;
	void		(*run) (void);
}			tests[] =
{
	TEST(nothing_is_lost_or_mixed),
	TEST(each_record_that_is_dropped_is_counted),
	TEST(processes_write_as_threads_do),
	TEST(full_ring_is_not_waited_for_without_a_reader),
	TEST(gap_stands_before_the_next_record_whoever_writes_it),
	TEST(closed_ring_takes_nothing_and_counts_nothing),
	TEST(ring_of_the_next_session_takes_nothing_of_the_one_before),
	TEST(nothing_comes_after_the_close),
	TEST(writer_that_died_in_the_ring_is_left_alone),
	TEST(killed_writers_leave_whole_records_only),
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
	{
		test_failures = 0;
		setup();
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
	printf("shared_test: %d passed, %d failed\n", tests_passed, tests_failed);
	return tests_failed == 0 ? 0 : 1;
}
