/*-------------------------------------------------------------------------
 *
 * cursors.c
 *	  Cursor numbers: one for each distinct statement text and place in it,
 *	  and whether the trace has its text already.
 *
 * A statement is known by a 64-bit hash of its source text, its place there,
 * and whether it is recursive.  The table is of a fixed size in this process's
 * memory; when it is full it is emptied, and texts that come again get new
 * numbers and are sent again.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#include "pg_trace.h"
#include "ticks.h"

#define FIRST_CURSOR	101

/* Then they begin anew: the numbers after them are parallel workers'. */
#define LAST_CURSOR		((UINT32_C(1) << PGT_WORKER_NUMBERS_SHIFT) - 1)
#define TABLE_SIZE		4096	/* power of two */
#define TABLE_MAX		(TABLE_SIZE / 4 * 3)

typedef struct Entry
{
	uint64		key;			/* 0: empty */
	uint32		cursor;
	uint32		sent;			/* generation in which its text was sent */
	bool		executed;		/* pgt_cursor_first_execution has seen it */
} Entry;

static Entry table[TABLE_SIZE];
static uint32 used = 0;
static uint32 before_first = 0;
static uint32 last_cursor = FIRST_CURSOR - 1;
static uint32 generation = 1;
static Entry *last_found = NULL;

void
pgt_cursors_begin_at(uint32 number)
{
	before_first = number;
	last_cursor = number + FIRST_CURSOR - 1;
}

/* The statement's own part of the text, without white space around it. */
typedef struct Part
{
	const char *text;
	uint32		length;			/* bytes */
} Part;

static Part
own_part(const char *text, int location, int length)
{
	Part		part;

	if (text == NULL)
		text = "";
	if (location < 0)
		location = length = 0;
	part.text = text + location;
	part.length = (uint32) (length > 0 ? (size_t) length : strlen(part.text));
	while (part.length > 0 && strchr(" \t\n\r\f", part.text[0]) != NULL)
		part.text++, part.length--;
	while (part.length > 0 && strchr(" \t\n\r\f", part.text[part.length - 1]) != NULL)
		part.length--;
	return part;
}

/* The statement without the ';' that a client may send behind the only one. */
static Part
statement_part(const char *text, int location, int length)
{
	Part		part = own_part(text, location, length);

	if (length <= 0)
	{
		while (part.length > 0 && strchr("; \t\n\r\f", part.text[part.length - 1]) != NULL)
			part.length--;
	}
	return part;
}

static Entry *
find(Part part, int location, int depth)
{
	uint64		key = hash_bytes_extended((const unsigned char *) part.text, (int) part.length,
										  ((uint64) Max(location, 0) << 1) | (depth > 0));
	uint32		i;

	if (key == 0)
		key = 1;
	for (i = (uint32) key & (TABLE_SIZE - 1); table[i].key != 0; i = (i + 1) & (TABLE_SIZE - 1))
		if (table[i].key == key)
			return &table[i];
	if (used >= TABLE_MAX)
	{
		memset(table, 0, sizeof(table));
		used = 0;
		i = (uint32) key & (TABLE_SIZE - 1);
	}
	used++;
	table[i].key = key;
	if (last_cursor == before_first + LAST_CURSOR)
		last_cursor = before_first + FIRST_CURSOR - 1;
	table[i].cursor = ++last_cursor;
	table[i].sent = 0;
	table[i].executed = false;
	return &table[i];
}

/* Returns false where a part of the text was dropped. */
static bool
send_text(Part part, uint32 cursor, int depth, uint16 flags, const char *tag, uint32 sqlstate,
		  int64 time_ns)
{
	uint32		offset = 0;

	do
	{
		uint32		length = Min(part.length - offset, PGT_CHUNK_MAX);
		uint32		size = (uint32) sizeof(PgtStatement) + length;
		bool		more = offset + length < part.length;
		PgtStatement *rec = pgt_ring_begin(&pgt_ring, PGT_EV_STATEMENT,
										   more ? PGT_RF_MORE : 0, size, time_ns);

		if (rec == NULL)
			return false;
		rec->cursor = cursor;
		rec->depth = (uint16) depth;
		rec->flags = flags;
		rec->uid = GetUserId();
		rec->lid = GetSessionUserId();
		rec->sqlstate = sqlstate;
		rec->text_total = part.length;
		rec->text_offset = offset;
		rec->text_length = length;
		memset(rec->tag, 0, sizeof(rec->tag));
		if (tag != NULL)
			strlcpy(rec->tag, tag, sizeof(rec->tag));
		memcpy(rec + 1, part.text + offset, length);
		pgt_ring_end(&pgt_ring, size);
		offset += length;
	} while (offset < part.length);
	return true;
}

uint32
pgt_cursor(const char *text, int location, int length, int depth, const char *tag,
		   int64 time_ns)
{
	Part		part = statement_part(text, location, length);
	Entry	   *entry = find(part, location, depth);

	last_found = entry;
	if (unlikely(entry->sent != generation) &&
		send_text(part, entry->cursor, depth, 0, tag, 0, time_ns))
		entry->sent = generation;
	return entry->cursor;
}

uint32
pgt_cursor_parse_error(const char *text, int location, int length, int depth,
					   const char *tag, const PgtErrorInfo *error)
{
	Part		part = statement_part(text, location, length);
	uint32		cursor = find(part, location, depth)->cursor;

	send_text(part, cursor, depth, PGT_STMT_PARSE_ERROR, tag,
			  (uint32) strtoul(error->sqlstate, NULL, 36), pgt_now_ns());
	return cursor;
}

bool
pgt_cursor_known(const char *text, int location, int length, int depth, uint32 *cursor)
{
	Part		part = statement_part(text, location, length);
	Entry	   *entry = find(part, location, depth);

	*cursor = entry->cursor;
	return entry->sent == generation;
}

/* The cursor is the one that pgt_cursor has just returned. */
bool
pgt_cursor_first_execution(uint32 cursor)
{
	if (last_found == NULL || last_found->cursor != cursor || last_found->executed)
		return false;
	last_found->executed = true;
	return true;
}

void
pgt_cursors_forget_sent(void)
{
	generation++;
}

uint32
pgt_cursors_generation(void)
{
	return generation;
}
