/*-------------------------------------------------------------------------
 *
 * buffer_table.c
 *	  Buffers that the server finds in its tables of them.
 *
 * The server looks for a block in a hash table (dynahash), which computes hash
 * values, compares keys and copies them through function pointers that each
 * process has for itself.  Exchanging them shows each block that is asked for,
 * found and put there; putting them back leaves nothing behind.
 *
 * The table is private to the server.  Its address is in a variable of the main
 * program, and the struct that it points to holds the table's name and the
 * addresses of tag_hash(), memcmp() and memcpy(), one after the other: that
 * finds it, and where the pointers to the functions are.  Two that look like it,
 * or none, and nothing is touched.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <unistd.h>

#include "common/hashfn.h"
#include "storage/buf_internals.h"
#include "storage/bufmgr.h"
#include "utils/hsearch.h"

#include "buffer_table.h"
#include "compat.h"
#include "hits.h"
#include "import_slots.h"
#include "pg_trace.h"
#include "smgr_table.h"

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

/* The functions of a table, as they lie in its struct. */
typedef struct Functions
{
	HashValueFunc hash;
	HashCompareFunc match;
	HashCopyFunc keycopy;
} Functions;

static const Functions server_functions = {tag_hash, memcmp, (HashCopyFunc) memcpy};

static Functions *shared_table = NULL;
static Functions *local_table = NULL;
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
	Functions  *functions;
	int			candidates;
} Search;

static bool
is_named(const char *text, const char *name)
{
	size_t		size = strlen(name) + 1;

	return is_readable(text, size, false) && memcmp(text, name, size) == 0;
}

/* Is this the table? */
static void
look_at(void *address, Search *search)
{
	void	  **words = address;
	Functions  *functions = NULL;
	bool		named = false;

	if (((uintptr_t) address & (sizeof(void *) - 1)) != 0 || address == search->found ||
		!is_readable(address, WORDS * sizeof(void *), true))
		return;
	for (int i = 0; i < WORDS - 2; i++)
		if (memcmp(&words[i], &server_functions, sizeof(Functions)) == 0)
			functions = (Functions *) &words[i];
	for (int i = 0; functions != NULL && i < WORDS && !named; i++)
		named = is_named(words[i], search->name);
	if (!named)
		return;
	search->found = address;
	search->functions = functions;
	search->candidates++;
}

/* All words of the main program's variables. */
static void
look_at_words(void **at, void **end, void *arg)
{
	for (; at < end; at++)
		if (*at != NULL)
			look_at(*at, arg);
}

/* The table of this name, or NULL with the reason in *why. */
static Functions *
find(const char *name, const char **why)
{
	Search		search = {.name = name};

	if (!read_ranges())
	{
		*why = "/proc/self/maps cannot be read";
		return NULL;
	}
	pgt_program_data(look_at_words, &search);
	if (search.candidates != 1)
	{
		*why = search.candidates == 0 ? "the server's buffer table was not found" :
			"more than one table looks like the server's buffer table";
		return NULL;
	}
	return search.functions;
}

void
pgt_buffer_table_find(void)
{
	why_not = NULL;
	if (pgt_guc_waits_provider == PGT_WAITS_NONE)
		why_not = "pg_trace.waits_provider is none";
	else
		shared_table = find("Shared Buffer Lookup Table", &why_not);
	if (shared_table != NULL)
		pgt_smgr_table_install();
}

const char *
pgt_buffer_table_why_not(void)
{
	return why_not;
}

/* ---- The functions that stand in ---- */

/* An entry of the shared table, as the server has it. */
typedef struct SharedEntry
{
	BufferTag	tag;
	int			buffer;
} SharedEntry;

/* As memcmp, of two keys of the shared table: are they not the same? */
static inline int
differ(const void *key, const void *searched)
{
	uint32		a[5];
	uint32		b[5];

	StaticAssertStmt(sizeof(BufferTag) == sizeof(a), "a BufferTag is not made of five numbers");
	memcpy(a, key, sizeof(a));
	memcpy(b, searched, sizeof(b));
	return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]) | (a[4] ^ b[4])) != 0;
}

static uint32
hash_shared(const void *key, Size size)
{
	pgt_hit_asked(key);
	return tag_hash(key, size);
}

static int
match_shared(const void *key, const void *searched, Size size)
{
	int			result = differ(key, searched);

	if (result == 0)
		pgt_hit_found(key, ((const SharedEntry *) key)->buffer);
	return result;
}

static void *
keycopy_shared(void *key, const void *inserted, Size size)
{
	pgt_hit_inserted(inserted);
	return memcpy(key, inserted, size);
}

static int
match_local(const void *key, const void *searched, Size size)
{
	int			result = memcmp(key, searched, size);

	if (result == 0)
		pgt_hit_found_local(key);
	return result;
}

static const Functions for_shared = {hash_shared, match_shared, keycopy_shared};
static const Functions for_local = {tag_hash, match_local, (HashCopyFunc) memcpy};

void
pgt_buffer_table_find_local(void)
{
	const char *ignored;

	if (local_table != NULL || NLocBuffer == 0)
		return;
	local_table = find("Local Buffer Lookup Table", &ignored);
	if (local_table != NULL && watching)
		*local_table = for_local;
}

void
pgt_buffer_table_watch(bool on)
{
	if (on == watching || shared_table == NULL)
		return;
	watching = on;
	pgt_buffer_table_find_local();
	if (on)
		pgt_hits_begin();
	*shared_table = on ? for_shared : server_functions;
	if (local_table != NULL)
		*local_table = on ? for_local : server_functions;
}

bool
pgt_buffer_table_is_watched(void)
{
	return watching;
}
