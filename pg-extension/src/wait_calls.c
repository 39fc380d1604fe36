/*-------------------------------------------------------------------------
 *
 * wait_calls.c
 *	  The calls into the system that the server waits in, seen through its
 *	  import slots: the first provider of waits.
 *
 * Each function here stands in for one of the library's.  It keeps the result
 * and errno, and does nothing but call the original unless waits are recorded
 * in this process.  A signal handler may call one while another is at work:
 * then the inner one is not recorded.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "miscadmin.h"
#include "utils/wait_event.h"

#include "aio.h"
#include "client_port.h"
#include "descriptors.h"
#include "import_slots.h"
#include "wait_calls.h"
#include "waits.h"

static volatile sig_atomic_t inside = 0;

/*
 * The wait for the client begins where the server finds that it has sent
 * nothing yet, and ends with the recv() that brings something.
 */
static PgtWaiting client_wait;
static bool client_is_waited_for = false;

/* Somebody has asked something of a process, maybe of this one. */
static pg_noinline void
follow(bool between_calls)
{
	if (inside)
		return;
	inside = 1;
	pgt_session_follow(between_calls);
	inside = 0;
}

/* Is this call to be recorded?  Two loads and a branch where it is not. */
static inline bool
recorded(void)
{
	if (pgt_control_changed())
		follow(false);
	return unlikely(pgt_waits_on) && !inside;
}

static inline bool
is_client(int fd)
{
	return MyProcPort != NULL && fd == MyProcPort->sock;
}

static void client_has_sent(int64 bytes);

/*
 * A process waits for one thing at a time: where it has something else to do
 * before its client sends anything, that wait is over.
 */
static inline void
begin(PgtWaiting *waiting, uint8 call)
{
	if (unlikely(client_is_waited_for))
		client_has_sent(0);
	inside = 1;
	pgt_wait_begin(waiting, call);
}

/* ---- Files ---- */

/* A call with a descriptor, a buffer and a place: begin, call, end. */
#define FILE_CALL(type, result_bytes, call, fd, buffer, offset, original_call) \
	PgtWaiting	waiting; \
	type		result; \
 \
	if (likely(!recorded())) \
		return original_call; \
	begin(&waiting, call); \
	result = original_call; \
	pgt_wait_end_file(&waiting, fd, buffer, offset, result_bytes); \
	inside = 0; \
	return result

static ssize_t (*server_pread) (int fd, void *buffer, size_t length, off_t offset);
static ssize_t (*server_pwrite) (int fd, const void *buffer, size_t length, off_t offset);
static ssize_t (*server_preadv) (int fd, const struct iovec *parts, int count, off_t offset);
static ssize_t (*server_pwritev) (int fd, const struct iovec *parts, int count, off_t offset);
static int	(*server_fsync) (int fd);
static int	(*server_fdatasync) (int fd);
static int	(*server_sync_file_range) (int fd, off_t offset, off_t length, unsigned int flags);
static int	(*server_posix_fadvise) (int fd, off_t offset, off_t length, int advice);
static int	(*server_posix_fallocate) (int fd, off_t offset, off_t length);
static int	(*server_ftruncate) (int fd, off_t length);
static int	(*server_close) (int fd);
static int	(*server_open) (const char *path, int flags, mode_t mode);

static ssize_t
own_pread(int fd, void *buffer, size_t length, off_t offset)
{
	FILE_CALL(ssize_t, result, PGT_CALLED_READ, fd, buffer, offset,
			  server_pread(fd, buffer, length, offset));
}

static ssize_t
own_preadv(int fd, const struct iovec *parts, int count, off_t offset)
{
	FILE_CALL(ssize_t, result, PGT_CALLED_READ, fd,
			  count > 0 ? parts[0].iov_base : NULL, offset,
			  server_preadv(fd, parts, count, offset));
}

/* An I/O worker reads for others, too. */
#define READ_CALL(buffer, own_call) \
	PgtAioRead	read; \
	ssize_t		result; \
 \
	if (!pgt_aio_is_worker() || inside || !pgt_aio_read_begin(&read, buffer)) \
		return own_call; \
	result = own_call; \
	inside = 1; \
	pgt_aio_read_end(&read, result); \
	inside = 0; \
	return result

static ssize_t
pgt_pread(int fd, void *buffer, size_t length, off_t offset)
{
	READ_CALL(buffer, own_pread(fd, buffer, length, offset));
}

static ssize_t
pgt_pwrite(int fd, const void *buffer, size_t length, off_t offset)
{
	FILE_CALL(ssize_t, result, PGT_CALLED_WRITE, fd, buffer, offset,
			  server_pwrite(fd, buffer, length, offset));
}

static ssize_t
pgt_preadv(int fd, const struct iovec *parts, int count, off_t offset)
{
	READ_CALL(count > 0 ? parts[0].iov_base : NULL, own_preadv(fd, parts, count, offset));
}

static ssize_t
pgt_pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
	FILE_CALL(ssize_t, result, PGT_CALLED_WRITE, fd,
			  count > 0 ? parts[0].iov_base : NULL, offset,
			  server_pwritev(fd, parts, count, offset));
}

static int
pgt_fsync(int fd)
{
	FILE_CALL(int, result, PGT_CALLED_SYNC, fd, NULL, 0, server_fsync(fd));
}

static int
pgt_fdatasync(int fd)
{
	FILE_CALL(int, result, PGT_CALLED_SYNC, fd, NULL, 0, server_fdatasync(fd));
}

static int
pgt_sync_file_range(int fd, off_t offset, off_t length, unsigned int flags)
{
	FILE_CALL(int, result < 0 ? -1 : length, PGT_CALLED_SYNC, fd, NULL, offset,
			  server_sync_file_range(fd, offset, length, flags));
}

static int
pgt_posix_fadvise(int fd, off_t offset, off_t length, int advice)
{
	FILE_CALL(int, result != 0 ? -1 : length, PGT_CALLED_PREFETCH, fd, NULL, offset,
			  server_posix_fadvise(fd, offset, length, advice));
}

static int
pgt_posix_fallocate(int fd, off_t offset, off_t length)
{
	FILE_CALL(int, result != 0 ? -1 : length, PGT_CALLED_ALLOCATE, fd, NULL, offset,
			  server_posix_fallocate(fd, offset, length));
}

static int
pgt_ftruncate(int fd, off_t length)
{
	FILE_CALL(int, result, PGT_CALLED_TRUNCATE, fd, NULL, length, server_ftruncate(fd, length));
}

static int
pgt_close(int fd)
{
	pgt_descriptor_closed(fd);
	return server_close(fd);
}

/* A descriptor that was closed unseen, by the library itself, is another one now. */
static int
pgt_open(const char *path, int flags, mode_t mode)
{
	int			fd = server_open(path, flags, mode);

	if (fd >= 0)
		pgt_descriptor_closed(fd);
	return fd;
}

/* ---- Waiting for others ---- */

static int	(*server_epoll_wait) (int epoll, struct epoll_event *events, int count, int timeout);
static int	(*server_poll) (struct pollfd *fds, nfds_t count, int timeout);
static int	(*server_sem_wait) (sem_t *semaphore);
static int	(*server_nanosleep) (const struct timespec *time, struct timespec *rest);
static int	(*server_clock_nanosleep) (clockid_t clock, int flags, const struct timespec *time,
									   struct timespec *rest);
static int	(*server_select) (int count, fd_set *readers, fd_set *writers, fd_set *others,
							  struct timeval *timeout);
static ssize_t (*server_recv) (int fd, void *buffer, size_t length, int flags);
static ssize_t (*server_send) (int fd, const void *buffer, size_t length, int flags);

#define PLAIN_CALL(type, call, original_call) \
	PgtWaiting	waiting; \
	type		result; \
 \
	begin(&waiting, call); \
	result = original_call; \
	pgt_wait_end(&waiting, -1); \
	inside = 0; \
	return result

static void
wait_for_client(void)
{
	if (client_is_waited_for)
		return;
	inside = 1;
	if (pgt_frame == NULL)
	{
		pgt_wait_idle();
		pgt_message_idle();
	}
	pgt_wait_begin(&client_wait, PGT_CALLED_RECEIVE);
	client_wait.kind = PGT_WAIT_CLIENT;
	client_is_waited_for = true;
	inside = 0;
}

static void
client_has_sent(int64 bytes)
{
	if (!client_is_waited_for)
		return;
	client_is_waited_for = false;
	if (!pgt_waits_on || inside)
		return;
	inside = 1;
	pgt_wait_end(&client_wait, bytes);
	inside = 0;
}

void
pgt_wait_client_ended(void)
{
	int			was_inside = inside;

	/* Also from inside of a call, which has brought a request to stop. */
	inside = 0;
	client_has_sent(0);
	inside = was_inside;
}

static int
pgt_epoll_wait(int epoll, struct epoll_event *events, int count, int timeout)
{
	/* With no time to wait it only looks. */
	if (!recorded() || timeout == 0)
		return server_epoll_wait(epoll, events, count, timeout);
	if (*(volatile uint32 *) my_wait_event_info == WAIT_EVENT_CLIENT_READ)
	{
		wait_for_client();
		return server_epoll_wait(epoll, events, count, timeout);
	}
	{
		PLAIN_CALL(int, PGT_CALLED_POLL, server_epoll_wait(epoll, events, count, timeout));
	}
}

static int
pgt_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	if (!recorded() || timeout == 0)
		return server_poll(fds, count, timeout);
	PLAIN_CALL(int, PGT_CALLED_POLL, server_poll(fds, count, timeout));
}

static int
pgt_sem_wait(sem_t *semaphore)
{
	if (likely(!recorded()))
		return server_sem_wait(semaphore);
	PLAIN_CALL(int, PGT_CALLED_SEMAPHORE, server_sem_wait(semaphore));
}

static int
pgt_nanosleep(const struct timespec *time, struct timespec *rest)
{
	if (likely(!recorded()))
		return server_nanosleep(time, rest);
	PLAIN_CALL(int, PGT_CALLED_SLEEP, server_nanosleep(time, rest));
}

static int
pgt_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
					struct timespec *rest)
{
	if (likely(!recorded()))
		return server_clock_nanosleep(clock, flags, time, rest);
	PLAIN_CALL(int, PGT_CALLED_SLEEP, server_clock_nanosleep(clock, flags, time, rest));
}

static int
pgt_select(int count, fd_set *readers, fd_set *writers, fd_set *others, struct timeval *timeout)
{
	if (likely(!recorded()))
		return server_select(count, readers, writers, others, timeout);
	PLAIN_CALL(int, PGT_CALLED_SLEEP, server_select(count, readers, writers, others, timeout));
}

/* Asynchronous I/O by io_uring, since 18; what the pointers are is liburing's. */
static int	(*server_io_uring_submit) (void *ring);
static int	(*server_io_uring_wait_cqes) (void *ring, void **completions, unsigned count,
										  void *time, void *signals);
static unsigned (*server_io_uring_peek_batch_cqe) (void *ring, void **completions,
												   unsigned count);

static int
pgt_io_uring_submit(void *ring)
{
	if (likely(!recorded()))
		return server_io_uring_submit(ring);
	PLAIN_CALL(int, PGT_CALLED_SUBMIT, server_io_uring_submit(ring));
}

static int
pgt_io_uring_wait_cqes(void *ring, void **completions, unsigned count, void *time,
					   void *signals)
{
	if (likely(!recorded()))
		return server_io_uring_wait_cqes(ring, completions, count, time, signals);
	PLAIN_CALL(int, PGT_CALLED_POLL,
			   server_io_uring_wait_cqes(ring, completions, count, time, signals));
}

/* The server takes completions from the queue, its own or another process's. */
static unsigned
pgt_io_uring_peek_batch_cqe(void *ring, void **completions, unsigned count)
{
	unsigned	found = server_io_uring_peek_batch_cqe(ring, completions, count);

	for (unsigned i = 0; i < found; i++)
		pgt_aio_completed(completions[i]);
	return found;
}

/* ---- The client ---- */

static ssize_t
pgt_recv(int fd, void *buffer, size_t length, int flags)
{
	ssize_t		result;

	if ((pgt_control_changed() || (pgt_control_seen != 0 && pgt_session_is_renamed())) &&
		is_client(fd))
		follow(pgt_frame == NULL);
	result = server_recv(fd, buffer, length, flags);
	if (unlikely(pgt_wanted) && result >= 0 && is_client(fd))
	{
		int			save_errno = errno;

		client_has_sent(result);
		if (result > 0)
		{
			/* Before its parse begins to wait. */
			if (IsNormalProcessingMode())
				(void) pgt_session_begin_quietly();
			pgt_message_received();
		}
		errno = save_errno;
	}
	return result;
}

static ssize_t
pgt_send(int fd, const void *buffer, size_t length, int flags)
{
	PgtWaiting	waiting;
	ssize_t		result;

	if (!recorded() || !is_client(fd))
		return server_send(fd, buffer, length, flags);
	begin(&waiting, PGT_CALLED_SEND);
	waiting.kind = PGT_WAIT_CLIENT;
	waiting.event = WAIT_EVENT_CLIENT_WRITE;
	result = server_send(fd, buffer, length, flags);
	if (result >= 0)
		pgt_wait_end(&waiting, result);
	inside = 0;
	return result;
}

/* ---- Which functions, and whether they took ---- */

#define STAND_IN(name, function, original) \
	{name, (void *) function, (void **) &original, 0}

/* A name of 64-bit offsets means the same here, where off_t has 64 bits. */
static PgtImport imports[] = {
	STAND_IN("pread", pgt_pread, server_pread),
	STAND_IN("pread64", pgt_pread, server_pread),
	STAND_IN("pwrite", pgt_pwrite, server_pwrite),
	STAND_IN("pwrite64", pgt_pwrite, server_pwrite),
	STAND_IN("preadv", pgt_preadv, server_preadv),
	STAND_IN("preadv64", pgt_preadv, server_preadv),
	STAND_IN("pwritev", pgt_pwritev, server_pwritev),
	STAND_IN("pwritev64", pgt_pwritev, server_pwritev),
	STAND_IN("fsync", pgt_fsync, server_fsync),
	STAND_IN("fdatasync", pgt_fdatasync, server_fdatasync),
	STAND_IN("sync_file_range", pgt_sync_file_range, server_sync_file_range),
	STAND_IN("posix_fadvise", pgt_posix_fadvise, server_posix_fadvise),
	STAND_IN("posix_fadvise64", pgt_posix_fadvise, server_posix_fadvise),
	STAND_IN("posix_fallocate", pgt_posix_fallocate, server_posix_fallocate),
	STAND_IN("posix_fallocate64", pgt_posix_fallocate, server_posix_fallocate),
	STAND_IN("ftruncate", pgt_ftruncate, server_ftruncate),
	STAND_IN("ftruncate64", pgt_ftruncate, server_ftruncate),
	STAND_IN("close", pgt_close, server_close),
	STAND_IN("open", pgt_open, server_open),
	STAND_IN("open64", pgt_open, server_open),
	STAND_IN("epoll_wait", pgt_epoll_wait, server_epoll_wait),
	STAND_IN("poll", pgt_poll, server_poll),
	STAND_IN("sem_wait", pgt_sem_wait, server_sem_wait),
	STAND_IN("nanosleep", pgt_nanosleep, server_nanosleep),
	STAND_IN("clock_nanosleep", pgt_clock_nanosleep, server_clock_nanosleep),
	STAND_IN("select", pgt_select, server_select),
	STAND_IN("io_uring_submit", pgt_io_uring_submit, server_io_uring_submit),
	STAND_IN("io_uring_wait_cqes", pgt_io_uring_wait_cqes, server_io_uring_wait_cqes),
	STAND_IN("io_uring_peek_batch_cqe", pgt_io_uring_peek_batch_cqe,
			 server_io_uring_peek_batch_cqe),
	STAND_IN("recv", pgt_recv, server_recv),
	STAND_IN("send", pgt_send, server_send),
};

/* A build without these cannot be seen waiting, or reading and writing. */
static const char *const needed[][2] = {
	{"pread", "pread64"},
	{"pwrite", "pwrite64"},
	{"close", "close"},
	{"epoll_wait", "poll"},
	{"sem_wait", "sem_wait"},
};

static char why_not[256] = "";
static bool installed = false;

static bool
took(const char *name)
{
	for (int i = 0; i < (int) lengthof(imports); i++)
		if (strcmp(imports[i].name, name) == 0 && imports[i].slots > 0)
			return true;
	return false;
}

void
pgt_wait_calls_install(void)
{
	if (pgt_guc_waits_provider == PGT_WAITS_NONE)
	{
		strlcpy(why_not, "pg_trace.waits_provider is none", sizeof(why_not));
		return;
	}
	if (!pgt_imports_install(imports, lengthof(imports), why_not, sizeof(why_not)))
		return;
	if (!pgt_imports_verify(imports, lengthof(imports), why_not, sizeof(why_not)))
		return;
	installed = true;
	for (int i = 0; i < (int) lengthof(needed); i++)
	{
		if (!took(needed[i][0]) && !took(needed[i][1]))
		{
			snprintf(why_not, sizeof(why_not), "the server does not import %s()", needed[i][0]);
			return;
		}
	}
}

const char *
pgt_wait_calls_why_not(const char *function)
{
	static char missing[128];

	if (!installed || function == NULL)
		return why_not[0] != '\0' ? why_not : NULL;
	if (took(function))
		return NULL;
	snprintf(missing, sizeof(missing), "the server does not import %s()", function);
	return missing;
}
