/*-------------------------------------------------------------------------
 *
 * import_slots_program.c
 *	  A program whose import slots are redirected by a library that it loads.
 *	  It is built in every layout; import_slots_test says which, and what
 *	  readelf says of its slots.
 *
 *	  import_slots_program LIBRARY SLOTS norelro|relro|now
 *
 *-------------------------------------------------------------------------
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "import_slots_standin.h"

extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));
extern char _end[] __attribute__((visibility("hidden")));

/* The library has a newer one. */
extern int	answer(void);
__asm__(".symver answer, answer@FIRST");

extern int	nowhere(void) __attribute__((weak));

/* The program's own function that is chosen at start: IRELATIVE, no import. */
static int
chosen_function(void)
{
	return 7;
}

static int	(*choose(void)) (void)
{
	return chosen_function;
}

static int	chosen(void) __attribute__((ifunc("choose")));

static int	passed;
static int	failed;
static const Standins *standins;

static void
check(bool holds, const char *format,...)
{
	passed += holds;
	failed += !holds;
	if (!holds)
	{
		va_list		arguments;

		va_start(arguments, format);
		fputs("failed: ", stderr);
		vfprintf(stderr, format, arguments);
		fputc('\n', stderr);
		va_end(arguments);
	}
}

/* ---- What the program has ---- */

typedef struct Slot
{
	void	  **address;
	bool		jump_slot;
	char		name[64];
} Slot;

#define SLOTS_MAX	200

static Slot slots[SLOTS_MAX];
static int	slot_count;

/* Lines of readelf: offset, type, name. */
static void
read_slots(const char *path)
{
	FILE	   *file = fopen(path, "r");
	uintptr_t	base = __ehdr_start.e_type == ET_DYN ? (uintptr_t) &__ehdr_start : 0;
	uintptr_t	offset;
	char		type[64];
	Slot	   *slot = slots;

	while (file != NULL && slot < slots + SLOTS_MAX &&
		   fscanf(file, "%" SCNxPTR " %63s %63s", &offset, type, slot->name) == 3)
	{
		slot->address = (void **) (base + offset);
		slot->jump_slot = strstr(type, "JUMP_SLOT") != NULL;
		slot++;
	}
	slot_count = slot - slots;
	check(slot_count > 20, "the slots are told in %s", path);
	if (file != NULL)
		fclose(file);
}

static int
count_slots(const char *name)
{
	int			count = 0;

	for (int i = 0; i < slot_count; i++)
		count += strcmp(slots[i].name, name) == 0;
	return count;
}

static bool
is_inside(const void *address)
{
	return (uintptr_t) address >= (uintptr_t) &__ehdr_start && (uintptr_t) address < (uintptr_t) _end;
}

/* The protection of each of the program's pages, as the kernel shows it. */
static void
protections(char *shown, size_t size)
{
	uintptr_t	page_size = (uintptr_t) sysconf(_SC_PAGESIZE);
	uintptr_t	first = (uintptr_t) &__ehdr_start;
	FILE	   *maps = fopen("/proc/self/maps", "r");
	uintptr_t	start;
	uintptr_t	end;
	char		flags[5];

	memset(shown, '?', size);
	while (maps != NULL && fscanf(maps, "%" SCNxPTR "-%" SCNxPTR " %4s%*[^\n]", &start, &end, flags) == 3)
	{
		for (uintptr_t page = start; page < end && page < (uintptr_t) _end; page += page_size)
			if (page >= first && (page - first) / page_size < size)
				shown[(page - first) / page_size] = flags[1] == 'w' ? 'w' : flags[2] == 'x' ? 'x' : 'r';
	}
	if (maps != NULL)
		fclose(maps);
}

static char
protection(const void *address)
{
	static char shown[4096];

	protections(shown, sizeof(shown));
	return shown[((uintptr_t) address - (uintptr_t) &__ehdr_start) / (uintptr_t) sysconf(_SC_PAGESIZE)];
}

/* ---- Calls of what it imports ---- */

static int	file = -1;
static int	(*volatile poll_pointer) (struct pollfd *fds, nfds_t count, int timeout);

static bool
call_pread(void)
{
	char		bytes[4] = "";

	return pread(file, bytes, 3, 1) == 3 && memcmp(bytes, "ELF", 3) == 0;
}

/* Each import once, poll() by its address too: right results? */
static bool
call_all(void)
{
	static const char *volatile text = "slots";

	poll_pointer = poll;
	return call_pread() &&
		lseek(file, 5, SEEK_SET) == 5 &&
		poll(NULL, 0, 0) == 0 &&
		poll_pointer(NULL, 0, 0) == 0 &&
		memchr(text, 'o', 5) == text + 2 &&
		time(NULL) > 0 &&
		answer() == 1 &&
		(nowhere == NULL || nowhere() == 0) &&
		chosen() == 7;
}

/* Each import was called so often (poll() twice as often) since the last look. */
static bool
counted(int each)
{
	bool		right = true;

	for (int i = 0; i < IMPORTS; i++)
	{
		int			wanted = i == POLL ? 2 * each : i == NOWHERE || i == NOT_IMPORTED ? 0 : each;

		if (standins->calls[i] != wanted)
			fprintf(stderr, "%s: %d calls, not %d\n", standins->imports[i].name,
					standins->calls[i], wanted);
		right &= standins->calls[i] == wanted;
		standins->calls[i] = 0;
	}
	return right;
}

static bool
install(char *why, size_t why_size)
{
	why[0] = '\0';
	return standins->install(standins->imports, IMPORTS, why, why_size);
}

/* In a child, which inherits the slots and whose changes nobody sees. */
static void
in_child(void (*checks) (void), const char *what)
{
	int			status = -1;
	pid_t		child;

	fflush(NULL);
	child = fork();
	if (child == 0)
	{
		failed = 0;
		checks();
		_exit(failed);
	}
	check(child > 0 && waitpid(child, &status, 0) == child && status == 0, "%s", what);
}

/* ---- The checks ---- */

static void
check_layout(const char *relro)
{
	/* With larger pages RELRO may end before the slots. */
	for (int i = 0; i < slot_count && sysconf(_SC_PAGESIZE) == 4096; i++)
	{
		bool		read_only = strcmp(relro, "now") == 0 ||
			(strcmp(relro, "relro") == 0 && !slots[i].jump_slot);

		check(protection(slots[i].address) == (read_only ? 'r' : 'w'),
			  "the slot of %s is %s", slots[i].name, read_only ? "read-only" : "writable");
	}
	for (int i = 0; i < slot_count; i++)
	{
		if (slots[i].jump_slot && (strcmp(slots[i].name, "lseek") == 0 ||
								   strcmp(slots[i].name, "memchr") == 0 ||
								   strcmp(slots[i].name, "time") == 0 ||
								   strcmp(slots[i].name, "answer") == 0))
			check(is_inside(*slots[i].address) == (strcmp(relro, "now") != 0),
				  "the slot of %s is bound at %s", slots[i].name,
				  strcmp(relro, "now") == 0 ? "start" : "its first call");
		if (slots[i].jump_slot && strcmp(slots[i].name, "pread") == 0)
			check(!is_inside(*slots[i].address), "the slot of pread is bound");
	}
}

/* Where one mprotect() is refused, all is as before. */
static void
check_refused(void)
{
	char		why[200];
	void	   *before[SLOTS_MAX];

	for (int refused = 1; refused < 6; refused++)
	{
		for (int i = 0; i < slot_count; i++)
			before[i] = *slots[i].address;
		*standins->mprotect_refused = refused;
		if (install(why, sizeof(why)))
			return;
		check(strstr(why, "could not write the import slot of ") == why &&
			  strstr(why, strerror(EACCES)) != NULL, "it says why: %s", why);
		/* One that was not bound may be now. */
		for (int i = 0; i < slot_count; i++)
			check(*slots[i].address == before[i] || is_inside(before[i]),
				  "the slot of %s is as it was", slots[i].name);
		for (int i = 0; i < IMPORTS; i++)
			check(standins->imports[i].slots == 0, "no slot of %s counts", standins->imports[i].name);
		check(call_all() && counted(0), "the calls go where they went");
	}
}

static void
check_other_original(void)
{
	char		why[200];

	*standins->imports[LSEEK].original = (void *) call_pread;
	check(!install(why, sizeof(why)) &&
		  strcmp(why, "the server calls more than one function as lseek") == 0,
		  "a second function of the same name is refused: %s", why);
	check(call_all() && counted(0), "the calls go where they went");
}

static void
check_calls(void)
{
	check(call_all(), "the results are right");
	check(counted(1), "the calls go to the stand-ins, once each");
}

static void
check_slots(void)
{
	for (int i = 0; i < IMPORTS; i++)
	{
		const PgtImport *import = &standins->imports[i];
		int			wanted = i == NOWHERE ? 0 : count_slots(import->name);

		check(import->slots == wanted && (wanted > 0) == (i < NOWHERE),
			  "%s: %d slots, readelf says %d", import->name, import->slots, wanted);
		for (int s = 0; s < slot_count; s++)
			if (strcmp(slots[s].name, import->name) == 0)
				check((*slots[s].address == import->replacement) == (i != NOWHERE),
					  "the slot of %s", import->name);
	}
}

/* Put one slot back behind the library's back. */
static void
check_verify(void)
{
	uintptr_t	page_size = (uintptr_t) sysconf(_SC_PAGESIZE);
	char		why[200] = "";

	check(standins->verify(standins->imports, IMPORTS, why, sizeof(why)), "the slots hold: %s", why);
	for (int i = 0; i < slot_count; i++)
	{
		if (strcmp(slots[i].name, "answer") == 0)
		{
			mprotect((void *) ((uintptr_t) slots[i].address & ~(page_size - 1)), page_size,
					 PROT_READ | PROT_WRITE);
			*slots[i].address = *standins->imports[ANSWER].original;
		}
	}
	check(!standins->verify(standins->imports, IMPORTS, why, sizeof(why)) &&
		  strcmp(why, "the import slot of answer does not hold") == 0,
		  "a slot that does not hold is seen: %s", why);
	check(install(why, sizeof(why)) && standins->verify(standins->imports, IMPORTS, why, sizeof(why)),
		  "and it can be redirected again");
	check_slots();
	check_calls();
}

static void
check_again(void)
{
	void	   *originals[IMPORTS];
	PgtImport	fresh[IMPORTS];
	char		why[200] = "";

	for (int i = 0; i < IMPORTS; i++)
	{
		originals[i] = *standins->imports[i].original;
		fresh[i] = standins->imports[i];
		fresh[i].slots = 0;
	}
	check(install(why, sizeof(why)), "it can be done twice: %s", why);
	check(standins->install(fresh, IMPORTS, why, sizeof(why)), "and from a fresh table: %s", why);
	for (int i = 0; i < IMPORTS; i++)
	{
		check(*standins->imports[i].original == originals[i], "the original of %s stays", fresh[i].name);
		check(fresh[i].slots == standins->imports[i].slots, "the slots of %s count again", fresh[i].name);
	}
	check_slots();
	check_calls();
}

int
main(int argc, char **argv)
{
	void	   *library = argc == 4 ? dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL) : NULL;
	static char before[4096];
	static char after[4096];
	char		why[200];

	standins = library != NULL ? dlsym(library, "standins") : NULL;
	if (standins == NULL)
	{
		fprintf(stderr, "%s\n", argc == 4 ? dlerror() : "LIBRARY SLOTS norelro|relro|now");
		return 2;
	}
	read_slots(argv[2]);
	file = open("/proc/self/exe", O_RDONLY);
	check(call_pread(), "pread() works");
	check_layout(argv[3]);

	protections(before, sizeof(before));
	in_child(check_refused, "nothing is done where a page cannot be written");
	in_child(check_other_original, "nothing is done where the original is not clear");

	check(install(why, sizeof(why)), "the slots are redirected: %s", why);
	check_slots();
	check_calls();
	in_child(check_calls, "a child inherits the slots");
	check_again();
	in_child(check_verify, "verify() sees a slot that does not hold");
	protections(after, sizeof(after));
	check(memcmp(before, after, sizeof(before)) == 0, "the pages are protected as before");

	printf("%d %d\n", passed, failed);
	return failed != 0;
}
