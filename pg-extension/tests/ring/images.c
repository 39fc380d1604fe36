/*-------------------------------------------------------------------------
 *
 * images.c
 *	  Golden ring images: small whole segments and what they say.
 *
 *	  images check DIR	compares what the ring writes now with DIR
 *	  images write DIR	writes DIR/<name>.ring and DIR/<name>.txt
 *
 * An image is written by the real ring with fixed times and pids, so equal
 * sources give equal bytes.  The Java tests decode the same files.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ring.h"
#include "ring_reader.h"

#define RING_SIZE	4096
#define SLOTS		2
#define USED_SLOT	1			/* slot 0 stays free */
#define RINGS_OFFSET 8192
#define IMAGE_SIZE	(RINGS_OFFSET + 2 * SLOTS * RING_SIZE)

#define T0			INT64_C(1000000000000)	/* time of the first event, ns */
#define WALL_NS		INT64_C(1767225600000000000)	/* 2026-01-01 00:00:00 UTC */

typedef struct Image
{
	uint8_t    *bytes;
	PgtSegment *segment;
	PgtSlot    *slot;
	uint8_t    *data;
	PgtRing		ring;
	int64_t		now;			/* time of the next event, ns */
} Image;

static void
image_open(Image *image)
{
	PgtSegment *s;
	PgtSlot    *slot;

	memset(image, 0, sizeof(*image));
	image->bytes = aligned_alloc(4096, IMAGE_SIZE);
	if (image->bytes == NULL)
		abort();
	memset(image->bytes, 0, IMAGE_SIZE);

	s = image->segment = (PgtSegment *) image->bytes;
	s->magic = PGT_MAGIC;
	s->endian = PGT_ENDIAN;
	s->layout_major = PGT_LAYOUT_MAJOR;
	s->layout_minor = PGT_LAYOUT_MINOR;
	s->header_size = PGT_SEGMENT_HEADER_SIZE;
	s->slot_size = PGT_SLOT_SIZE;
	s->slot_count = SLOTS;
	s->record_align = PGT_RECORD_ALIGN;
	s->rings_offset = RINGS_OFFSET;
	s->ring_size = RING_SIZE;
	s->segment_size = IMAGE_SIZE;
	s->state = PGT_SEGMENT_READY;
	s->server_pid = 4000;
	s->server_start_ticks = 123456;
	s->server_version_num = 150020;
	s->clock_id = PGT_CLOCK_MONOTONIC;
	s->anchor_mono_ns = T0 - 1000;
	s->anchor_wall_ns = WALL_NS;
	s->port = 5432;
	s->block_size = 8192;
	s->session_counter = 7;
	strcpy(s->cluster, "golden");
	strcpy(s->server_version, "15.20");
	strcpy(s->data_directory, "/srv/golden");
	strcpy(s->boot_id, "01234567-89ab-cdef-0123-456789abcdef");

	slot = image->slot = (PgtSlot *) (image->bytes + PGT_SEGMENT_HEADER_SIZE +
									  USED_SLOT * PGT_SLOT_SIZE);
	slot->state = PGT_SLOT_ACTIVE;
	slot->pid = 4711;
	slot->start_ticks = 234567;
	slot->backend_type = PGT_BACKEND_CLIENT;
	slot->session_number = 7;
	slot->enabled = 1;
	slot->anchor_mono_ns = T0 - 500;
	slot->anchor_wall_ns = WALL_NS + 500;
	slot->level = 12;
	strcpy(slot->database, "shop");
	strcpy(slot->role, "alice");
	strcpy(slot->application, "golden image");
	strcpy(slot->identifier, "run7");

	image->data = image->bytes + RINGS_OFFSET + USED_SLOT * RING_SIZE;
	image->now = T0;
	pgt_ring_attach(&image->ring, s, slot, image->data, RING_SIZE);
}

static int64_t
tick(Image *image)
{
	int64_t		now = image->now;

	image->now += 1000;
	return now;
}

/* Begin a record whose struct has `size` bytes and `text` more; zeroed body. */
static void *
begin(Image *image, uint16_t type, uint16_t flags, uint32_t size, uint32_t text)
{
	PgtRecord  *rec = pgt_ring_begin(&image->ring, type, flags, size + text, tick(image));

	if (rec != NULL)
		memset(rec + 1, 0, rec->length - sizeof(*rec));
	return rec;
}

static void
end(Image *image)
{
	pgt_ring_end(&image->ring, image->ring.open_length);
}

static void
fill_buffers(PgtBuffers *b, int64_t from)
{
	b->shared_hit = from + 1;
	b->shared_read = from + 2;
	b->shared_dirtied = from + 3;
	b->shared_written = from + 4;
	b->local_hit = from + 5;
	b->local_read = from + 6;
	b->local_dirtied = from + 7;
	b->local_written = from + 8;
	b->temp_read = from + 9;
	b->temp_written = from + 10;
}

static void
add_call(Image *image, uint32_t cursor)
{
	PgtCall    *e = begin(image, PGT_EV_CALL, 0, sizeof(PgtCall), 0);

	if (e == NULL)
		return;
	e->cursor = cursor;
	e->kind = PGT_CALL_FETCH;
	e->depth = 1;
	e->flags = PGT_CALL_FAILED | PGT_CALL_UTILITY;
	e->plan_hash = 0x89abcdef;
	e->start_ns = e->rec.time_ns - 600;
	e->cpu_ns = 450;
	e->rows = 12;
	fill_buffers(&e->buffers, 100);
	end(image);
}

static void
add_statement(Image *image, uint16_t flags, uint32_t total, uint32_t offset, const char *text)
{
	uint32_t	length = (uint32_t) strlen(text);
	PgtStatement *e = begin(image, PGT_EV_STATEMENT, flags, sizeof(PgtStatement), length);

	if (e == NULL)
		return;
	e->cursor = 101;
	e->depth = 2;
	e->flags = PGT_STMT_PARSE_ERROR;
	e->uid = 16384;
	e->lid = 16385;
	e->sqlstate = 16801924;
	e->text_total = total;
	e->text_offset = offset;
	e->text_length = length;
	strcpy(e->tag, "SELECT");
	memcpy(e + 1, text, length);
	end(image);
}

static void
add_bind(Image *image, uint16_t flags, uint16_t position, uint32_t bind_flags,
		 const char *type_name, const char *value)
{
	uint16_t	type_length = (uint16_t) strlen(type_name);
	uint16_t	value_length = (uint16_t) strlen(value);
	PgtBind    *e = begin(image, PGT_EV_BIND, flags, sizeof(PgtBind),
						  (uint32_t) type_length + value_length);

	if (e == NULL)
		return;
	e->cursor = 102;
	e->depth = 3;
	e->position = position;
	e->type_oid = 1043;
	e->flags = bind_flags;
	e->value_total = 1000;
	e->type_name_length = type_length;
	e->value_length = value_length;
	memcpy(e + 1, type_name, type_length);
	memcpy((char *) (e + 1) + type_length, value, value_length);
	end(image);
}

static void
add_node(Image *image)
{
	static const char text[] = "Sort on \"public\".t";
	PgtNode    *e = begin(image, PGT_EV_NODE, 0, sizeof(PgtNode), sizeof(text) - 1);

	if (e == NULL)
		return;
	e->id = 2;
	e->parent = 1;
	e->position = 3;
	e->plan_node_id = 4;
	e->object = 16390;
	e->flags = PGT_NODE_LEADER_ONLY | PGT_NODE_SORT_DISK;
	e->removed1_kind = PGT_REMOVED_FILTER;
	e->removed2_kind = PGT_REMOVED_INDEX_RECHECK;
	e->method_kind = PGT_METHOD_SORT;
	e->width = 5;
	e->est_rows = 1234.5;
	e->total_cost = 0.1;
	e->rows = 6;
	e->loops = 7;
	e->startup_ns = 8;
	e->total_ns = 9;
	fill_buffers(&e->buffers, 200);
	e->wal_records = 10;
	e->wal_fpi = 11;
	e->wal_bytes = 12;
	e->removed1 = 13;
	e->removed2 = 14;
	e->space_kb = 15;
	e->disk_kb = 16;
	e->buckets = 17;
	e->batches = -18;
	strcpy(e->method_name, "external merge");
	e->text_length = sizeof(text) - 1;
	memcpy(e + 1, text, sizeof(text) - 1);
	end(image);
}

static void
add_session(Image *image)
{
	PgtSession *e = begin(image, PGT_EV_SESSION, 0, sizeof(PgtSession), 0);

	e->level = 12;
	e->plan_stat = PGT_PLAN_STAT_ALL;
	e->node_timing = PGT_TIMING_SAMPLED;
	e->max_bind_length = 256;
	end(image);
}

static void
add_attribute(Image *image, uint32_t key, const char *text)
{
	uint32_t	length = (uint32_t) strlen(text);
	PgtAttribute *e = begin(image, PGT_EV_ATTRIBUTE, 0, sizeof(PgtAttribute), length);

	e->key = key;
	e->text_length = length;
	memcpy(e + 1, text, length);
	end(image);
}

static void
add_plan(Image *image)
{
	PgtPlan    *e = begin(image, PGT_EV_PLAN, PGT_RF_MORE, sizeof(PgtPlan), 0);

	e->cursor = 103;
	e->depth = 4;
	e->flags = PGT_PLAN_FAILED | PGT_PLAN_WORKERS;
	e->plan_hash = 0xfedcba98;
	e->node_timing = PGT_TIMING_EXACT;
	e->node_count = 1;
	end(image);
}

static void
add_error(Image *image)
{
	static const char text[] = "relation \"x\" \xc3\xa4\n\\ does not exist";
	PgtError   *e = begin(image, PGT_EV_ERROR, PGT_RF_TRUNCATED, sizeof(PgtError),
						  sizeof(text) - 1);

	e->cursor = 104;
	e->depth = 5;
	e->flags = PGT_ERROR_FATAL | PGT_ERROR_PARSE;
	strcpy(e->sqlstate, "42P01");
	e->position = 15;
	e->text_length = sizeof(text) - 1;
	memcpy(e + 1, text, sizeof(text) - 1);
	end(image);
}

static void
add_xact_end(Image *image)
{
	PgtXactEnd *e = begin(image, PGT_EV_XACT_END, 0, sizeof(PgtXactEnd), 0);

	e->rollback = 1;
	e->read_only = 1;
	e->depth = 6;
	end(image);
}

static void
add_wait(Image *image, uint8_t kind, uint32_t event, uint32_t cursor)
{
	PgtWait    *e = begin(image, PGT_EV_WAIT, 0, sizeof(PgtWait), 0);

	e->start_ns = e->rec.time_ns - 700;
	e->cpu_ns = 650;
	e->event = event;
	e->cursor = cursor;
	e->depth = 7;
	e->node = 8;
	e->kind = kind;
	e->call = PGT_CALLED_READ;
	e->tier = PGT_TIER_DISK;
	e->lock_mode = 5;
	e->number[0] = 1663;
	e->number[1] = 16384;
	e->number[2] = 16390;
	e->number[3] = 4000000000;
	e->block = 4294967294;
	e->count = 16;
	e->offset = INT64_C(0x123456789abcdef0);
	e->bytes = -1;
	e->lock_type = 4;
	e->holder = 4712;
	end(image);
}

static void
add_hits(Image *image, const PgtSpan *spans, uint32_t count)
{
	uint32_t	length = count * (uint32_t) sizeof(PgtSpan);
	PgtHits    *e = begin(image, PGT_EV_HITS, 0, sizeof(PgtHits), length);

	e->cursor = 108;
	e->depth = 10;
	e->node = 11;
	e->number[0] = 1664;
	e->number[1] = 16384;
	e->number[2] = 16391;
	e->number[3] = 2;
	e->local = 1;
	e->span_count = count;
	memcpy(e + 1, spans, length);
	end(image);
}

static void
add_summary(Image *image)
{
	PgtSummary *e = begin(image, PGT_EV_SUMMARY, 0, sizeof(PgtSummary), 0);

	e->cursor = 107;
	e->depth = 9;
	e->elapsed_ns = 5000;
	e->cpu_ns = 3000;
	e->wait_ns = 1500;
	e->think_ns = 700;
	e->disk_blocks = 12;
	e->cache_blocks = 38;
	fill_buffers(&e->buffers, 300);
	end(image);
}

static void
add_charge(Image *image)
{
	PgtCharge  *e = begin(image, PGT_EV_CHARGE, 0, sizeof(PgtCharge), 0);

	e->cursor = 108;
	e->depth = 2;
	e->statement = 17;
	e->activity = 21;
	e->start_ns = T0 - 9000;
	e->usage.user_us = 401;
	e->usage.system_us = 402;
	e->usage.in_blocks = 403;
	e->usage.out_blocks = 404;
	e->usage.minor_faults = 405;
	e->usage.major_faults = 406;
	e->usage.voluntary_switches = 407;
	e->usage.involuntary_switches = 408;
	end(image);
}

static void
add_runs(Image *image)
{
	PgtRuns    *e = begin(image, PGT_EV_RUNS, 0, sizeof(PgtRuns), 0);

	e->cursor = 109;
	e->depth = 3;
	e->kind = PGT_CALL_FETCH;
	end(image);
}

static void
add_idle(Image *image)
{
	(void) begin(image, PGT_EV_IDLE, 0, sizeof(PgtRecord), 0);
	end(image);
}

static void
add_wait_name(Image *image, uint32_t event, const char *type, const char *name)
{
	uint16_t	type_length = (uint16_t) strlen(type);
	uint16_t	name_length = (uint16_t) strlen(name);
	PgtWaitName *e = begin(image, PGT_EV_WAIT_NAME, 0, sizeof(PgtWaitName),
						   (uint32_t) type_length + name_length);

	e->event = event;
	e->type_length = type_length;
	e->name_length = name_length;
	memcpy(e + 1, type, type_length);
	memcpy((char *) (e + 1) + type_length, name, name_length);
	end(image);
}

static void
add_file_name(Image *image, uint32_t number, const char *path)
{
	uint32_t	length = (uint32_t) strlen(path);
	PgtFileName *e = begin(image, PGT_EV_FILE_NAME, 0, sizeof(PgtFileName), length);

	e->number = number;
	e->path_length = length;
	memcpy(e + 1, path, length);
	end(image);
}

static void
add_object(Image *image, const char *name)
{
	uint32_t	length = (uint32_t) strlen(name);
	PgtObject  *e = begin(image, PGT_EV_OBJECT, 0, sizeof(PgtObject), length);

	e->object = 16385;
	e->tablespace = 1663;
	e->database = 16384;
	e->file = 16390;
	e->relkind = 'r';
	e->name_length = length;
	memcpy(e + 1, name, length);
	end(image);
}

static void
add_session_end(Image *image)
{
	PgtSessionEnd *e = begin(image, PGT_EV_SESSION_END, 0, sizeof(PgtSessionEnd), 0);

	e->reason = PGT_END_EXIT;
	end(image);
}

/* Read everything and give it back. */
static void
drain(Image *image)
{
	RingReader	reader;
	const PgtRecord *rec;

	ring_reader_init(&reader, image->slot, image->data, RING_SIZE);
	while (ring_reader_next(&reader, &rec) == RING_RECORD)
		;
	ring_reader_release(&reader);
}

/* ---- the images ---- */

static void
empty(Image *image)
{
	(void) image;
}

static void
one_event(Image *image)
{
	add_call(image, 101);
}

/* The ring has been round once: the oldest unread record is not at offset 0. */
static void
wrap(Image *image)
{
	for (uint32_t i = 0; i < 28; i++)
		add_call(image, 101 + i);
	drain(image);
	for (uint32_t i = 0; i < 5; i++)
		add_call(image, 201 + i);
}

/* A PAD of 8 bytes, which has no room for a time, then one with room for it. */
static void
padding(Image *image)
{
	for (uint32_t i = 0; i < 30; i++)
		add_call(image, 101 + i);	/* 30 x 136 = 4080 */
	drain(image);
	add_session_end(image);		/* PAD 16 */
	drain(image);
	for (uint32_t i = 0; i < 29; i++)
		add_call(image, 201 + i);	/* 24 + 29 x 136 = 3968 */
	drain(image);
	add_bind(image, 0, 1, 0, "int4", "pad: 8 follow" "........................"
			 "......................................");	/* 120: 4088 */
	add_call(image, 301);		/* PAD 8 */
}

/* Dropped while full, and one too big, between two records. */
static void
gap(Image *image)
{
	for (uint32_t i = 0; i < 33; i++)
		add_call(image, 101 + i);	/* 30 fit, 3 are dropped */
	if (begin(image, PGT_EV_CALL, 0, PGT_RECORD_MAX, 8) != NULL)
		abort();
	drain(image);
	add_call(image, 201);
	add_call(image, 202);
	if (begin(image, PGT_EV_CALL, 0, PGT_RECORD_MAX, 8) != NULL)
		abort();
}

/* Gone between begin and end: what lies above head is no record. */
static void
writer_died(Image *image)
{
	PgtCall    *e;

	add_call(image, 101);
	e = begin(image, PGT_EV_CALL, 0, sizeof(PgtCall), 0);
	e->cursor = 999;
	e->cpu_ns = -1;
}

/* From a later minor version: skipped by its length. */
static void
unknown_event(Image *image)
{
	uint8_t    *e;

	add_call(image, 101);
	e = begin(image, 60000, 0x8000, 48, 0);
	memset(e + sizeof(PgtRecord), 0xa5, 32);
	end(image);
	add_call(image, 102);
}

/* The second record's length leads beyond head. */
static void
damaged_length(Image *image)
{
	add_call(image, 101);
	add_call(image, 102);
	add_call(image, 103);
	((PgtRecord *) (image->data + sizeof(PgtCall)))->length = 3000;
}

/* The value's length leads beyond its record. */
static void
damaged_text(Image *image)
{
	PgtBind    *e;

	add_call(image, 101);
	e = (PgtBind *) (image->data + image->ring.head);
	add_bind(image, 0, 1, 0, "text", "abc");
	e->value_length = 60000;
	add_call(image, 102);
}

/* There are fewer spans than the record says. */
static void
damaged_spans(Image *image)
{
	static const PgtSpan spans[] = {{0, 276}, {280, 1}};
	PgtHits    *e;

	add_call(image, 101);
	e = (PgtHits *) (image->data + image->ring.head);
	add_hits(image, spans, 2);
	e->span_count = 3;
	add_call(image, 102);
}

/* The reader's position lies beyond head. */
static void
damaged_position(Image *image)
{
	add_call(image, 101);
	image->slot->read_pos = 4096;
}

static void
every_event(Image *image)
{
	static const PgtSpan spans[] = {{0, 276}, {4294967294, 1}};

	add_session(image);
	add_attribute(image, PGT_ATTR_DATABASE, "shop");
	add_attribute(image, PGT_ATTR_APPLICATION, "");
	add_statement(image, PGT_RF_MORE, 20, 0, "select 'a\tb'");
	add_statement(image, 0, 20, 12, "||'\x01\xff'\"");
	add_call(image, 105);
	add_bind(image, PGT_RF_MORE, 0, PGT_BIND_TRUNCATED, "varchar", "it's \"cut");
	add_bind(image, 0, 1, PGT_BIND_NULL, "int4", "");
	add_plan(image);
	add_node(image);
	add_error(image);
	add_xact_end(image);
	add_wait_name(image, 0x0A000012, "IO", "DataFileRead");
	add_wait(image, PGT_WAIT_BLOCKS, 0x0A000012, 106);
	add_file_name(image, 3, "pg_wal/000000010000000000000002");
	add_wait(image, PGT_WAIT_FILE, 0, PGT_CURSOR_NEXT_PARSE);
	add_object(image, "public.\"it's\"");
	add_hits(image, spans, 2);
	add_hits(image, spans, 0);
	add_summary(image);
	add_charge(image);
	add_runs(image);
	add_idle(image);
	/* One dropped, so that a LOST record stands before the next one. */
	if (begin(image, PGT_EV_CALL, 0, PGT_RECORD_MAX + 1, 0) != NULL)
		abort();
	add_session_end(image);
	image->slot->state = PGT_SLOT_CLOSED;
}

static const struct
{
	const char *name;
	void		(*make) (Image *);
}			images[] =
{
	{"empty", empty},
	{"one_event", one_event},
	{"wrap", wrap},
	{"padding", padding},
	{"gap", gap},
	{"writer_died", writer_died},
	{"unknown_event", unknown_event},
	{"damaged_length", damaged_length},
	{"damaged_text", damaged_text},
	{"damaged_spans", damaged_spans},
	{"damaged_position", damaged_position},
	{"every_event", every_event},
};

/* ---- files ---- */

static int
write_file(const char *path, const void *bytes, size_t length)
{
	FILE	   *file = fopen(path, "wb");

	if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
	{
		perror(path);
		return 1;
	}
	return 0;
}

static int
compare_file(const char *path, const void *bytes, size_t length)
{
	char	   *golden = malloc(length + 1);
	FILE	   *file = fopen(path, "rb");
	size_t		got;
	int			failed = 1;

	if (golden == NULL)
		abort();
	if (file == NULL)
		perror(path);
	else
	{
		got = fread(golden, 1, length + 1, file);
		if (got != length)
			fprintf(stderr, "%s: another length than the ring writes now (%zu)\n",
					path, length);
		else if (memcmp(golden, bytes, length) != 0)
		{
			size_t		at = 0;

			while (golden[at] == ((const char *) bytes)[at])
				at++;
			fprintf(stderr, "%s: differs at byte %zu from what the ring writes now\n",
					path, at);
		}
		else
			failed = 0;
		fclose(file);
	}
	free(golden);
	return failed;
}

int
main(int argc, char **argv)
{
	int			passed = 0;
	int			failed = 0;
	int			(*handle) (const char *, const void *, size_t);

	if (argc != 3 || (strcmp(argv[1], "check") != 0 && strcmp(argv[1], "write") != 0))
	{
		fprintf(stderr, "usage: images check|write DIR\n");
		return 2;
	}
	handle = argv[1][0] == 'c' ? compare_file : write_file;

	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++)
	{
		Image		image;
		char		path[1024];
		char	   *text = NULL;
		size_t		text_length = 0;
		FILE	   *out;

		image_open(&image);
		images[i].make(&image);
		out = open_memstream(&text, &text_length);
		if (out == NULL)
			abort();
		ring_decode(out, image.slot, image.data, RING_SIZE);
		fclose(out);

		snprintf(path, sizeof(path), "%s/%s.ring", argv[2], images[i].name);
		if (handle(path, image.bytes, IMAGE_SIZE) == 0)
			passed++;
		else
			failed++;
		snprintf(path, sizeof(path), "%s/%s.txt", argv[2], images[i].name);
		if (handle(path, text, text_length) == 0)
			passed++;
		else
			failed++;
		free(text);
		free(image.bytes);
	}
	printf("images: %d passed, %d failed\n", passed, failed);
	return failed == 0 ? 0 : 1;
}
