/*-------------------------------------------------------------------------
 *
 * buffer_table.c
 *	  Buffers that the server finds in its tables of them.
 *
 * The server looks for a block in a hash table (dynahash), which compares keys
 * through a function pointer that each process has for itself.  Exchanging it
 * shows each key that is there; putting it back leaves nothing behind.
 *
 * The table is private to the server.  Its address is in a variable of the main
 * program, and the struct that it points to holds the table's name and the
 * address of memcmp(): that finds it, and where the pointer to the function is.
 * Two that look like it, or none, and nothing is touched.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include "storage/buf_internals.h"
#include "storage/bufmgr.h"
#include "utils/hsearch.h"

#include "buffer_table.h"
#include "hits.h"
#include "pg_trace.h"

/* Words of a table's struct that are looked at. */
#define WORDS		16
#define NAME_MAX_	64

/* Readable memory of this process, by /proc/self/maps. */
#define RANGES		1024

typedef struct Range
{
	uintptr_t	start;
	uintptr_t	end;
	bool		writable;
} Range;

static Range ranges[RANGES];
static int	range_count;

/* Where a table keeps its compare function, or NULL. */
static HashCompareFunc *shared_match = NULL;
static HashCompareFunc *local_match = NULL;
static bool watching = false;
static const char *why_not = "pg_trace has not been started";

/* ---- The process's memory ---- */

/* The next number of base 16; *text moves behind it. */
static uintptr_t
hex_number(const char **text)
{
	uintptr_t	value = 0;

	for (;; (*text)++)
	{
		char		c = **text;

		if (c >= '0' && c <= '9')
			value = value << 4 | (uintptr_t) (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uintptr_t) (c - 'a' + 10);
		else
			return value;
	}
}

/* "start-end rwxp ...": one line. */
static void
take_range(const char *line)
{
	const char *c = line;
	Range	   *range = &ranges[range_count];

	range->start = hex_number(&c);
	if (*c++ != '-')
		return;
	range->end = hex_number(&c);
	if (c[0] != ' ' || c[1] != 'r')
		return;
	range->writable = c[2] == 'w';
	range_count++;
}

/* Read the list; false where there is none. */
static bool
read_ranges(void)
{
	char		buffer[4096];
	char		line[128];
	size_t		length = 0;
	ssize_t		got;
	int			fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	range_count = 0;
	if (fd < 0)
		return false;
	while ((got = read(fd, buffer, sizeof(buffer))) > 0)
	{
		for (ssize_t i = 0; i < got && range_count < RANGES; i++)
		{
			if (buffer[i] != '\n')
			{
				if (length < sizeof(line) - 1)
					line[length++] = buffer[i];
				continue;
			}
			line[length] = '\0';
			length = 0;
			take_range(line);
		}
	}
	close(fd);
	return range_count > 0;
}

static bool
is_readable(const void *address, size_t size, bool writable)
{
	uintptr_t	at = (uintptr_t) address;

	for (int i = 0; i < range_count; i++)
		if (at >= ranges[i].start && at < ranges[i].end)
			return size <= ranges[i].end - at && (ranges[i].writable || !writable);
	return false;
}

/* ---- Finding a table ---- */

typedef struct Search
{
	const char *name;			/* of the table */
	void	   *found;			/* its struct */
	HashCompareFunc *match;
	int			candidates;
} Search;

static bool
is_named(const char *text, const char *name)
{
	size_t		size = strlen(name) + 1;

	return is_readable(text, size, false) && memcmp(text, name, size) == 0;
}

/* Is this the table?  Its compare function is memcmp, or ours already. */
static void
look_at(void *address, Search *search)
{
	void	  **words = address;
	void	  **match = NULL;
	bool		named = false;

	if (((uintptr_t) address & (sizeof(void *) - 1)) != 0 || address == search->found ||
		!is_readable(address, WORDS * sizeof(void *), true))
		return;
	for (int i = 0; i < WORDS; i++)
	{
		if (words[i] == (void *) memcmp)
		{
			if (match != NULL)
				return;
			match = &words[i];
		}
	}
	for (int i = 0; match != NULL && i < WORDS && !named; i++)
		named = is_named(words[i], search->name);
	if (!named)
		return;
	search->found = address;
	search->match = (HashCompareFunc *) match;
	search->candidates++;
}

/* All words of the main program's variables. */
static int
search_program(struct dl_phdr_info *info, size_t size, void *arg)
{
	for (int i = 0; i < info->dlpi_phnum; i++)
	{
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		void	  **at = (void **) (info->dlpi_addr + header->p_vaddr);
		void	  **end = (void **) (info->dlpi_addr + header->p_vaddr + header->p_memsz);

		if (header->p_type != PT_LOAD || !(header->p_flags & PF_W))
			continue;
		at = (void **) TYPEALIGN(sizeof(void *), at);
		for (; at + 1 <= end; at++)
			if (*at != NULL)
				look_at(*at, arg);
	}
	return 1;					/* the main program is the first one */
}

/* The table of this name, or NULL with the reason in *why. */
static HashCompareFunc *
find(const char *name, const char **why)
{
	Search		search = {.name = name};

	if (!read_ranges())
	{
		*why = "/proc/self/maps cannot be read";
		return NULL;
	}
	dl_iterate_phdr(search_program, &search);
	if (search.candidates != 1)
	{
		*why = search.candidates == 0 ? "the server's buffer table was not found" :
			"more than one table looks like the server's buffer table";
		return NULL;
	}
	return search.match;
}

void
pgt_buffer_table_find(void)
{
	why_not = NULL;
	if (pgt_guc_waits_provider == PGT_WAITS_NONE)
		why_not = "pg_trace.waits_provider is none";
	else
		shared_match = find("Shared Buffer Lookup Table", &why_not);
}

const char *
pgt_buffer_table_why_not(void)
{
	return why_not;
}

/* ---- The compare functions that stand in ---- */

static int
match_shared(const void *key, const void *searched, Size size)
{
	int			result = memcmp(key, searched, size);

	if (result == 0 && size == sizeof(BufferTag))
		pgt_hit_maybe(key, false);
	return result;
}

static int
match_local(const void *key, const void *searched, Size size)
{
	int			result = memcmp(key, searched, size);

	if (result == 0 && size == sizeof(BufferTag))
		pgt_hit_maybe(key, true);
	return result;
}

void
pgt_buffer_table_find_local(void)
{
	const char *ignored;

	if (local_match != NULL || NLocBuffer == 0)
		return;
	local_match = find("Local Buffer Lookup Table", &ignored);
	if (local_match != NULL && watching)
		*local_match = match_local;
}

void
pgt_buffer_table_watch(bool on)
{
	if (on == watching || shared_match == NULL)
		return;
	watching = on;
	pgt_buffer_table_find_local();
	*shared_match = on ? match_shared : memcmp;
	if (local_match != NULL)
		*local_match = on ? match_local : memcmp;
}
