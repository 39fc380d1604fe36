/*-------------------------------------------------------------------------
 *
 * import_slots_standin.c
 *	  A library of stand-ins, which a program loads as the server loads the
 *	  extension.  Each counts its calls and calls the original.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>

#include "import_slots_standin.h"

static int	calls[IMPORTS];
static int	mprotect_refused = 0;

/* import_slots.c, built for this library, calls it as mprotect(). */
extern int	refusing_mprotect(void *address, size_t length, int protection);

int
refusing_mprotect(void *address, size_t length, int protection)
{
	if (--mprotect_refused != 0)
		return mprotect(address, length, protection);
	errno = EACCES;
	return -1;
}

static ssize_t (*original_pread) (int fd, void *buffer, size_t length, off_t offset);
static off_t (*original_lseek) (int fd, off_t offset, int from);
static int	(*original_poll) (struct pollfd *fds, nfds_t count, int timeout);
static void *(*original_memchr) (const void *bytes, int byte, size_t length);
static time_t (*original_time) (time_t *now);
static int	(*original_answer) (void);
static int	(*original_nowhere) (void);
static int	(*original_not_imported) (void);

static ssize_t
stand_in_pread(int fd, void *buffer, size_t length, off_t offset)
{
	calls[PREAD]++;
	return original_pread(fd, buffer, length, offset);
}

static off_t
stand_in_lseek(int fd, off_t offset, int from)
{
	calls[LSEEK]++;
	return original_lseek(fd, offset, from);
}

static int
stand_in_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	calls[POLL]++;
	return original_poll(fds, count, timeout);
}

static void *
stand_in_memchr(const void *bytes, int byte, size_t length)
{
	calls[MEMCHR]++;
	return original_memchr(bytes, byte, length);
}

static time_t
stand_in_time(time_t *now)
{
	calls[TIME]++;
	return original_time(now);
}

static int
stand_in_answer(void)
{
	calls[ANSWER]++;
	return original_answer();
}

static int
stand_in_nowhere(void)
{
	calls[NOWHERE]++;
	return original_nowhere();
}

static int
stand_in_not_imported(void)
{
	calls[NOT_IMPORTED]++;
	return original_not_imported();
}

static PgtImport imports[IMPORTS] = {
	[PREAD] = {"pread", (void *) stand_in_pread, (void **) &original_pread, 0},
	[LSEEK] = {"lseek", (void *) stand_in_lseek, (void **) &original_lseek, 0},
	[POLL] = {"poll", (void *) stand_in_poll, (void **) &original_poll, 0},
	[MEMCHR] = {"memchr", (void *) stand_in_memchr, (void **) &original_memchr, 0},
	[TIME] = {"time", (void *) stand_in_time, (void **) &original_time, 0},
	[ANSWER] = {"answer", (void *) stand_in_answer, (void **) &original_answer, 0},
	[NOWHERE] = {"nowhere", (void *) stand_in_nowhere, (void **) &original_nowhere, 0},
	[NOT_IMPORTED] = {"not_imported", (void *) stand_in_not_imported,
	(void **) &original_not_imported, 0},
};

extern const Standins standins;
const Standins standins = {
	pgt_imports_install, pgt_imports_verify, imports, calls, &mprotect_refused
};
