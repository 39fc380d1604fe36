/*-------------------------------------------------------------------------
 *
 * daemon_worker.c
 *	  The background worker that runs the daemon (pg_trace.daemon_command).
 *
 * It starts the command in a process of its own, starts it again with a
 * growing pause when it ends, and on shutdown waits for the traced sessions
 * to end before it asks the daemon to drain what is left and go.  A worker
 * that dies takes the daemon with it (PR_SET_PDEATHSIG), so that a server that
 * restarts after a crash finds no second one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "utils/wait_event.h"

#include "pg_trace.h"

#define PAUSE_MIN_MS		1000
#define PAUSE_MAX_MS		60000
/* A daemon that ran for this long was well: the pause starts anew. */
#define RAN_WELL_MS			60000
#define POLL_MS				200
/* On shutdown: for the sessions to end, and for the daemon to drain. */
#define SESSIONS_END_MS		3000
#define DAEMON_ENDS_MS		10000

PGDLLEXPORT void pgt_daemon_worker_main(Datum arg);

void
pgt_daemon_worker_register(void)
{
	BackgroundWorker worker = {0};

	if (pgt_guc_daemon_command == NULL || pgt_guc_daemon_command[0] == '\0')
		return;
	strlcpy(worker.bgw_name, "pg_trace daemon", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "pg_trace daemon", BGW_MAXLEN);
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS;
	worker.bgw_start_time = BgWorkerStart_PostmasterStart;
	worker.bgw_restart_time = 1;
	strlcpy(worker.bgw_library_name, "pg_trace", BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, "pgt_daemon_worker_main", BGW_MAXLEN);
	RegisterBackgroundWorker(&worker);
}

/* Nothing of the server's may stay open in the daemon but its log. */
static void
close_inherited(void)
{
	DIR		   *dir;
	struct dirent *entry;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0) == 0)
		return;
#endif
	dir = opendir("/proc/self/fd");
	while (dir != NULL && (entry = readdir(dir)) != NULL)
	{
		int			fd = atoi(entry->d_name);

		if (fd > STDERR_FILENO && fd != dirfd(dir))
			close(fd);
	}
	if (dir != NULL)
		closedir(dir);
}

static pid_t
start_daemon(void)
{
	pid_t		parent = getpid();
	pid_t		pid;
	char	   *command = psprintf("exec %s", pgt_guc_daemon_command);

	fflush(NULL);
	pid = fork();
	if (pid == 0)
	{
		sigset_t	none;

		/* The daemon ends when this worker does, however it ends. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(1);
		setsid();
		for (int signo = 1; signo < NSIG; signo++)
			if (signo != SIGKILL && signo != SIGSTOP)
				signal(signo, SIG_DFL);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		close_inherited();
		execl("/bin/sh", "sh", "-c", command, (char *) NULL);
		_exit(127);
	}
	pfree(command);
	if (pid < 0)
		ereport(WARNING,
				(errmsg("could not start the pg_trace daemon: %m")));
	return pid;
}

/*
 * Returns true when the daemon has ended.  One that was asked to go (SIGTERM)
 * before it could listen has nothing to drain.
 */
static bool
reap(pid_t pid, bool asked)
{
	int			status;

	if (waitpid(pid, &status, WNOHANG) != pid)
		return false;
	if ((WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
		(asked && wait_result_is_signal(status, SIGTERM)))
		ereport(LOG, (errmsg("pg_trace daemon (PID %d) has ended", (int) pid)));
	else if (WIFEXITED(status))
		ereport(WARNING,
				(errmsg("pg_trace daemon (PID %d) ended with exit code %d", (int) pid, WEXITSTATUS(status)),
				 errhint("See pg_trace.daemon_command, and the daemon's own messages above.")));
	else
		ereport(WARNING,
				(errmsg("pg_trace daemon (PID %d) was terminated by signal %d", (int) pid, WTERMSIG(status))));
	return true;
}

static bool
sessions_active(void)
{
	for (uint32 i = 0; pgt_segment != NULL && i < pgt_segment->slot_count; i++)
		if (__atomic_load_n(&pgt_segment_slot(i)->state, __ATOMIC_ACQUIRE) == PGT_SLOT_ACTIVE)
			return true;
	return false;
}

static void
stop_daemon(pid_t pid)
{
	for (int waited = 0; sessions_active() && waited < SESSIONS_END_MS; waited += 20)
		pg_usleep(20000);
	kill(pid, SIGTERM);
	for (int waited = 0; waited < DAEMON_ENDS_MS; waited += 20)
	{
		if (reap(pid, true))
			return;
		pg_usleep(20000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ereport(WARNING,
			(errmsg("pg_trace daemon (PID %d) did not end in time and was killed", (int) pid)));
}

void
pgt_daemon_worker_main(Datum arg)
{
	pid_t		daemon = -1;
	int64		started_ns = 0;
	int64		start_at_ns = 0;
	int			pause_ms = PAUSE_MIN_MS;

	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	pqsignal(SIGHUP, PG_SIG_IGN);
	pqsignal(SIGCHLD, PG_SIG_DFL);
	BackgroundWorkerUnblockSignals();

	while (!ShutdownRequestPending)
	{
		int64		now = pgt_clock_ns();

		if (daemon > 0 && reap(daemon, false))
		{
			daemon = -1;
			if (now - started_ns > (int64) RAN_WELL_MS * 1000000)
				pause_ms = PAUSE_MIN_MS;
			start_at_ns = now + (int64) pause_ms * 1000000;
			pause_ms = Min(pause_ms * 2, PAUSE_MAX_MS);
		}
		if (daemon <= 0 && now >= start_at_ns)
		{
			daemon = start_daemon();
			started_ns = now;
			if (daemon <= 0)
				start_at_ns = now + (int64) pause_ms * 1000000;
		}
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 POLL_MS, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
	if (daemon > 0)
		stop_daemon(daemon);
	proc_exit(0);
}
