/*-------------------------------------------------------------------------
 *
 * ticks.c
 *	  See ticks.h.
 *
 * The counter's rate is not read from anywhere: it is the ratio of what both
 * clocks have counted since the server was started, so it is as good as the
 * kernel's own, and no calibration delays the start.
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ticks.h"

#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"

/* Below this the ratio is not exact enough: wait until it is. */
#define BASELINE_NS INT64_C(10000000)
#define RESYNC_NS	INT64_C(1000000)
#define STEP_BACK_NS INT64_C(100000)

/* Two readings of the counter around one of the clock take less: about 500 ns. */
#if defined(__x86_64__)
#define PAIR_TICKS	1500
#else
#define PAIR_TICKS	50
#endif
#define PAIR_TRIES	5

bool		pgt_ticks_counter = false;
PgtClockSync pgt_clock_sync;

static int64_t base_ns;
static uint64_t base_ticks;

/*
 * Both clocks at one moment: what came between the readings (a switch, an
 * interrupt) makes them try again.
 */
static void
read_pair(uint64_t *ticks, int64_t *ns)
{
	uint64_t	shortest = UINT64_MAX;

	for (int try = 0; try < PAIR_TRIES; try++)
	{
		uint64_t	before = pgt_ticks();
		int64_t		now = pgt_clock_ns();
		uint64_t	passed = pgt_ticks() - before;

		if (passed >= shortest)
			continue;
		shortest = passed;
		*ticks = before + passed / 2;
		*ns = now;
		if (passed < PAIR_TICKS)
			return;
	}
}

void
pgt_ticks_init(void)
{
	char		name[32] = "";
	int			fd = open(CLOCKSOURCE, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
	{
		if (read(fd, name, sizeof(name) - 1) < 0)
			name[0] = '\0';
		close(fd);
	}
#if defined(__x86_64__)
	pgt_ticks_counter = strncmp(name, "tsc", 3) == 0;
#elif defined(__aarch64__)
	pgt_ticks_counter = strncmp(name, "arch_sys_counter", 16) == 0;
#endif
	read_pair(&base_ticks, &base_ns);
}

int64_t
pgt_clock_resync(void)
{
	PgtClockSync *sync = &pgt_clock_sync;
	uint64_t	ticks;
	int64_t		ns;
	int64_t		expected;

	if (!pgt_ticks_counter)
	{
		sync->tick_ns = 1.0;
		return pgt_clock_ns();
	}
	do
		read_pair(&ticks, &ns);
	while (ns - base_ns < BASELINE_NS);

	/* What was said before is not taken back. */
	if (sync->valid_ticks > 0)
	{
		expected = sync->ns + (int64_t) ((double) (ticks - sync->ticks) * sync->tick_ns);
		if (ns < expected && expected - ns < STEP_BACK_NS)
			ns = expected;
	}
	sync->tick_ns = (double) (ns - base_ns) / (double) (ticks - base_ticks);
	sync->ticks = ticks;
	sync->ns = ns;
	sync->valid_ticks = (uint64_t) ((double) RESYNC_NS / sync->tick_ns);
	return ns;
}
