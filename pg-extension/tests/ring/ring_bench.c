/*-------------------------------------------------------------------------
 *
 * ring_bench.c
 *	  What an event costs its backend: stamp, begin, fill a PgtCall, end.
 *
 * Each figure is the median of several runs, with the lowest and the highest.
 * "alone": the writer's own thread empties the ring, outside the time that is
 * measured.  "with a reader": another thread drains at the same time, and the
 * writer waits for it when the ring is full.
 *
 *-------------------------------------------------------------------------
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "ring.h"
#include "ring_reader.h"
#include "ticks.h"

#define RING_SIZE	(4 * 1024 * 1024)
#define RUNS		9
#define BATCH		20000		/* events that fit into the ring */
#define BATCHES		100

static PgtSegment *segment;
static PgtSlot *slot;
static uint8_t *data;
static bool stop;

static inline void
write_call(PgtRing *ring, uint32_t cursor)
{
	int64_t		now = pgt_now_ns();
	PgtCall    *e = pgt_ring_begin(ring, PGT_EV_CALL, 0, sizeof(PgtCall), now);

	if (e == NULL)
		return;
	e->cursor = cursor;
	e->kind = PGT_CALL_EXEC;
	e->reserved = 0;
	e->depth = 0;
	e->flags = 0;
	e->reserved1 = 0;
	e->plan_hash = 4711;
	e->start_ns = now - 1000;
	e->cpu_ns = 900;
	e->rows = 1;
	memset(&e->buffers, 0, sizeof(e->buffers));
	pgt_ring_end(ring, sizeof(PgtCall));
}

static int64_t
drain(void)
{
	RingReader	reader;
	const PgtRecord *rec;
	int64_t		records = 0;

	ring_reader_init(&reader, slot, data, RING_SIZE);
	while (ring_reader_next(&reader, &rec) == RING_RECORD)
		records++;
	ring_reader_release(&reader);
	return records;
}

static void *
reader_main(void *arg)
{
	(void) arg;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
	{
		struct timespec nap = {0, 1000000};

		__atomic_store_n(&segment->daemon_heartbeat_ns, pgt_clock_ns(), __ATOMIC_RELEASE);
		if (drain() == 0)
			nanosleep(&nap, NULL);
	}
	return NULL;
}

static int
by_value(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

static void
report(const char *what, double *ns)
{
	qsort(ns, RUNS, sizeof(*ns), by_value);
	printf("%-28s %7.1f ns an event (%.1f to %.1f)\n", what, ns[RUNS / 2], ns[0], ns[RUNS - 1]);
}

static void
bench_clock(void)
{
	double		ns[RUNS];
	int64_t		sink = 0;

	for (int run = 0; run < RUNS; run++)
	{
		int64_t		begin = pgt_clock_ns();

		for (int i = 0; i < BATCH * 10; i++)
			sink += pgt_now_ns();
		ns[run] = (double) (pgt_clock_ns() - begin) / (BATCH * 10);
	}
	if (sink == 0)
		abort();
	report("time stamp only", ns);
}

static void
bench_alone(PgtRing *ring)
{
	double		ns[RUNS];

	for (int run = 0; run < RUNS; run++)
	{
		int64_t		spent = 0;

		for (int batch = 0; batch < BATCHES; batch++)
		{
			int64_t		begin = pgt_clock_ns();

			for (uint32_t i = 0; i < BATCH; i++)
				write_call(ring, i);
			spent += pgt_clock_ns() - begin;
			drain();
		}
		ns[run] = (double) spent / ((double) BATCH * BATCHES);
	}
	report("alone", ns);
}

static void
bench_with_reader(PgtRing *ring)
{
	double		ns[RUNS];
	uint64_t	waited = slot->waited_ns;
	pthread_t	thread;

	if (pthread_create(&thread, NULL, reader_main, NULL) != 0)
		abort();
	for (int run = 0; run < RUNS; run++)
	{
		int64_t		begin = pgt_clock_ns();

		for (uint32_t i = 0; i < BATCH * BATCHES; i++)
			write_call(ring, i);
		ns[run] = (double) (pgt_clock_ns() - begin) / ((double) BATCH * BATCHES);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	report("with a reader", ns);
	printf("%-28s %7.1f ns an event, waiting for room; %llu lost\n", "  of which on average",
		   (double) (slot->waited_ns - waited) / ((double) BATCH * BATCHES * RUNS),
		   (unsigned long long) slot->lost_full);
}

static void
print_machine(void)
{
	struct utsname name;
	char		line[256];
	FILE	   *file = fopen("/proc/cpuinfo", "r");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "model name", 10) == 0)
		{
			printf("CPU:    %s", strchr(line, ':') + 2);
			break;
		}
	if (file != NULL)
		fclose(file);
	if (uname(&name) == 0)
		printf("kernel: %s %s %s\n", name.sysname, name.release, name.machine);
	printf("ring:   %d bytes, PgtCall of %zu bytes, median of %d runs of %d events\n",
		   RING_SIZE, sizeof(PgtCall), RUNS, BATCH * BATCHES);
}

int
main(void)
{
	PgtRing		ring;

	segment = aligned_alloc(4096, sizeof(PgtSegment));
	slot = aligned_alloc(4096, 4096);
	data = aligned_alloc(4096, RING_SIZE);
	if (segment == NULL || slot == NULL || data == NULL)
		abort();
	memset(segment, 0, sizeof(*segment));
	memset(slot, 0, sizeof(*slot));
	memset(data, 0, RING_SIZE);
	segment->daemon_pid = 1;
	segment->daemon_heartbeat_ns = pgt_clock_ns();

	pgt_ticks_init();
	print_machine();
	pgt_ring_attach(&ring, segment, slot, data, RING_SIZE);
	ring.wait_when_full = true;
	ring.full_timeout_ns = INT64_C(10000000000);
	bench_clock();
	bench_alone(&ring);
	bench_with_reader(&ring);
	free(segment);
	free(slot);
	free(data);
	return 0;
}
