/*-------------------------------------------------------------------------
 *
 * charge.c
 *	  What the kernel has charged this process for an execution: getrusage() at
 *	  its boundaries.
 *
 * The system call takes 0.3 to 1 us, so there are two of them an execution, as a
 * rule: where a call has ended, the next one of the same execution may follow at
 * once (FETCH after EXEC, the end after the last FETCH), and then nothing is
 * read.  Only when something else begins first, or the server turns to its
 * client, is the boundary read, by who comes.
 *
 * CPU time is that of our own clock: getrusage() knows a thread's as of the last
 * tick, and to have it add up a process's threads takes it twice as long.  How
 * much of it was in the kernel, the kernel itself estimates by its ticks; that
 * proportion is taken from getrusage().
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/resource.h>

#include "utils/guc.h"

#include "parallel.h"
#include "pg_trace.h"

StaticAssertDecl(sizeof(PgtRusage) % sizeof(int64) == 0, "PgtRusage is no array of numbers");

/* Between two calls of its execution, until it is known what comes next. */
static PgtCharged *undecided = NULL;

/* With io_uring the kernel may read in threads of its own in this process. */
static int	who = RUSAGE_THREAD;

void
pgt_charge_install(void)
{
	const char *io_method = GetConfigOption("io_method", true, false);

	if (io_method != NULL && strcmp(io_method, "io_uring") == 0)
		who = RUSAGE_SELF;
}

static void
read_rusage(PgtRusage *now)
{
	struct rusage usage;
	int			save_errno = errno;

	getrusage(who, &usage);
	errno = save_errno;
	now->user_us = (int64) usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec;
	now->system_us = (int64) usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec;
	now->in_blocks = usage.ru_inblock;
	now->out_blocks = usage.ru_oublock;
	now->minor_faults = usage.ru_minflt;
	now->major_faults = usage.ru_majflt;
	now->voluntary_switches = usage.ru_nvcsw;
	now->involuntary_switches = usage.ru_nivcsw;
}

static void
add(PgtCharged *charged, const PgtRusage *now)
{
	int64	   *sum = (int64 *) &charged->sum;
	const int64 *from = (const int64 *) &charged->from;
	const int64 *to = (const int64 *) now;

	for (int i = 0; i < (int) (sizeof(PgtRusage) / sizeof(int64)); i++)
		sum[i] += to[i] - from[i];
	charged->from = *now;
	charged->open = false;
}

/*
 * Divide CPU time as the kernel has divided what it has counted since the
 * execution began, or where no tick has told it yet, since the process began.
 */
static void
divide_cpu(const PgtCharged *charged, int64 cpu_us, PgtRusage *usage)
{
	int64		user_us = usage->user_us;
	int64		all_us = usage->user_us + usage->system_us;

	if (all_us < cpu_us / 2)
	{
		user_us = charged->from.user_us;
		all_us = charged->from.user_us + charged->from.system_us;
	}
	usage->user_us = all_us > 0 ? (int64) ((double) cpu_us * user_us / all_us) : cpu_us;
	usage->system_us = cpu_us - usage->user_us;
}

static void
settle(const PgtRusage *now)
{
	if (undecided != NULL)
		add(undecided, now);
	undecided = NULL;
}

/* What the daemon's samples are told apart by. */
static void
tell_statement(PgtCharged *charged, uint32 cursor)
{
	PgtSlot    *slot = pgt_ring.slot;

	if (pgt_is_worker)
		return;
	if (charged->statement == 0)
		charged->statement = slot->activity;
	__atomic_store_n(&slot->statement_cursor, cursor, __ATOMIC_RELAXED);
	__atomic_store_n(&slot->statement_start_ns, charged->start_ns, __ATOMIC_RELAXED);
	__atomic_store_n(&slot->statement, charged->statement, __ATOMIC_RELEASE);
}

void
pgt_charge_begin(PgtCharged *charged, uint32 cursor, int depth, int64 now_ns)
{
	PgtRusage	now;

	if (charged->open)
	{
		if (undecided == charged)
			undecided = NULL;
		return;
	}
	if (charged->start_ns == 0)
		charged->start_ns = now_ns;
	if (depth == 0 && cursor != 0)
		tell_statement(charged, cursor);
	read_rusage(&now);
	settle(&now);
	charged->from = now;
	charged->open = true;
}

void
pgt_charge_pause(PgtCharged *charged)
{
	if (!charged->open || undecided == charged)
		return;
	pgt_charge_settle();
	undecided = charged;
}

static void
end(PgtCharged *charged)
{
	PgtRusage	now;

	if (charged->statement != 0 && charged->statement == pgt_ring.slot->statement)
		__atomic_store_n(&pgt_ring.slot->statement, 0, __ATOMIC_RELEASE);
	if (!charged->open)
		return;
	read_rusage(&now);
	if (undecided != charged)
		add(charged, &now);
	settle(&now);
}

void
pgt_charge_write(PgtCharged *charged, uint32 cursor, int depth, int64 cpu_ns)
{
	PgtRusage	usage;

	end(charged);
	if (charged->start_ns == 0)
		return;
	usage = charged->sum;
	divide_cpu(charged, Max(cpu_ns, 0) / 1000, &usage);
	pgt_event_charge(cursor, depth, charged, &usage);
}

void
pgt_charge_forget(const PgtCharged *charged)
{
	if (undecided == charged)
		undecided = NULL;
}

void
pgt_charge_settle(void)
{
	PgtRusage	now;

	if (likely(undecided == NULL))
		return;
	read_rusage(&now);
	settle(&now);
}
