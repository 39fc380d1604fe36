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

bool		pgt_ticks_counter = false;

static int64_t base_ns;
static uint64_t base_ticks;

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
	base_ns = pgt_clock_ns();
	base_ticks = pgt_ticks();
}

double
pgt_ticks_ns(void)
{
	int64_t		now = pgt_clock_ns();

	if (!pgt_ticks_counter)
		return 1.0;
	while (now - base_ns < BASELINE_NS)
		now = pgt_clock_ns();
	return (double) (now - base_ns) / (double) (pgt_ticks() - base_ticks);
}
