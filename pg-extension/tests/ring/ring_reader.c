/*-------------------------------------------------------------------------
 *
 * ring_reader.c
 *	  The reference reader, and the text of every record type.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <string.h>

#include "ring_reader.h"

/* Bytes of the pieces of a PAD record that are always there. */
#define PAD_MIN 8

void
ring_reader_init(RingReader *reader, PgtSlot *slot, const uint8_t *data, uint64_t size)
{
	memset(reader, 0, sizeof(*reader));
	reader->slot = slot;
	reader->data = data;
	reader->size = size;
	reader->pos = __atomic_load_n(&slot->read_pos, __ATOMIC_ACQUIRE);
	reader->head = reader->pos;
}

static RingRead
damaged(RingReader *reader, const char *reason)
{
	reader->reason = reason;
	return RING_DAMAGED;
}

/* Bytes of the record's struct, texts not counted; 0: unknown type. */
static uint32_t
struct_size(uint16_t type)
{
	switch (type)
	{
		case PGT_EV_LOST:
			return sizeof(PgtLost);
		case PGT_EV_SESSION:
			return sizeof(PgtSession);
		case PGT_EV_ATTRIBUTE:
			return sizeof(PgtAttribute);
		case PGT_EV_SESSION_END:
			return sizeof(PgtSessionEnd);
		case PGT_EV_STATEMENT:
			return sizeof(PgtStatement);
		case PGT_EV_CALL:
			return sizeof(PgtCall);
		case PGT_EV_BIND:
			return sizeof(PgtBind);
		case PGT_EV_PLAN:
			return sizeof(PgtPlan);
		case PGT_EV_NODE:
			return sizeof(PgtNode);
		case PGT_EV_ERROR:
			return sizeof(PgtError);
		case PGT_EV_XACT_END:
			return sizeof(PgtXactEnd);
		case PGT_EV_WAIT:
			return sizeof(PgtWait);
		case PGT_EV_HITS:
			return sizeof(PgtHits);
		case PGT_EV_WAIT_NAME:
			return sizeof(PgtWaitName);
		case PGT_EV_FILE_NAME:
			return sizeof(PgtFileName);
		case PGT_EV_OBJECT:
			return sizeof(PgtObject);
		case PGT_EV_SUMMARY:
			return sizeof(PgtSummary);
		case PGT_EV_CHARGE:
			return sizeof(PgtCharge);
		case PGT_EV_RUNS:
			return sizeof(PgtRuns);
		case PGT_EV_IDLE:
			return sizeof(PgtRecord);
		default:
			return 0;
	}
}

/* Bytes of text, or of spans, that follow the record's struct. */
static uint64_t
follows_size(const PgtRecord *rec)
{
	switch (rec->type)
	{
		case PGT_EV_ATTRIBUTE:
			return ((const PgtAttribute *) rec)->text_length;
		case PGT_EV_STATEMENT:
			return ((const PgtStatement *) rec)->text_length;
		case PGT_EV_BIND:
			return (uint64_t) ((const PgtBind *) rec)->type_name_length +
				((const PgtBind *) rec)->value_length;
		case PGT_EV_NODE:
			return ((const PgtNode *) rec)->text_length;
		case PGT_EV_ERROR:
			return ((const PgtError *) rec)->text_length;
		case PGT_EV_HITS:
			return (uint64_t) ((const PgtHits *) rec)->span_count * sizeof(PgtSpan);
		case PGT_EV_WAIT_NAME:
			return (uint64_t) ((const PgtWaitName *) rec)->type_length +
				((const PgtWaitName *) rec)->name_length;
		case PGT_EV_FILE_NAME:
			return ((const PgtFileName *) rec)->path_length;
		case PGT_EV_OBJECT:
			return ((const PgtObject *) rec)->name_length;
		default:
			return 0;
	}
}

RingRead
ring_reader_next(RingReader *reader, const PgtRecord **result)
{
	const PgtRecord *rec;
	uint64_t	to_head;
	uint64_t	to_end;
	uint32_t	length;

	if (reader->pos == reader->head)
	{
		reader->head = __atomic_load_n(&reader->slot->head, __ATOMIC_ACQUIRE);
		if (reader->head < reader->pos ||
			reader->head - reader->pos > reader->size ||
			reader->head % PGT_RECORD_ALIGN != 0 ||
			reader->pos % PGT_RECORD_ALIGN != 0)
			return damaged(reader, "positions");
		if (reader->pos == reader->head)
			return RING_EMPTY;
	}

	to_head = reader->head - reader->pos;
	to_end = reader->size - reader->pos % reader->size;
	rec = (const PgtRecord *) (reader->data + reader->pos % reader->size);
	length = rec->length;		/* at least 8 bytes are there */

	if (length < (rec->type == PGT_EV_PAD ? PAD_MIN : sizeof(PgtRecord)))
		return damaged(reader, "length_too_small");
	if (length % PGT_RECORD_ALIGN != 0)
		return damaged(reader, "length_not_aligned");
	if (length > PGT_RECORD_MAX)
		return damaged(reader, "length_too_big");
	if (length > to_end)
		return damaged(reader, "length_past_end");
	if (length > to_head)
		return damaged(reader, "length_past_head");
	if (length < struct_size(rec->type))
		return damaged(reader, "struct_too_short");
	if (struct_size(rec->type) + follows_size(rec) > length)
		return damaged(reader, "text_past_record");

	reader->pos += length;
	*result = rec;
	return RING_RECORD;
}

void
ring_reader_release(RingReader *reader)
{
	__atomic_store_n(&reader->slot->read_pos, reader->pos, __ATOMIC_RELEASE);
}

/* ---- text ---- */

static void
put_text(FILE *out, const char *name, const void *bytes, size_t length)
{
	const uint8_t *p = bytes;

	fprintf(out, " %s=\"", name);
	for (size_t i = 0; i < length; i++)
	{
		if (p[i] >= 0x20 && p[i] <= 0x7e && p[i] != '"' && p[i] != '\\')
			fputc(p[i], out);
		else
			fprintf(out, "\\x%02x", p[i]);
	}
	fputc('"', out);
}

static void
put_double(FILE *out, const char *name, double value)
{
	uint64_t	bits;

	memcpy(&bits, &value, sizeof(bits));
	fprintf(out, " %s=0x%016" PRIx64, name, bits);
}

#define U(field) fprintf(out, " " #field "=%" PRIu64, (uint64_t) e->field)
#define I(field) fprintf(out, " " #field "=%" PRId64, (int64_t) e->field)
#define D(field) put_double(out, #field, e->field)
#define C(field) put_text(out, #field, e->field, strnlen(e->field, sizeof(e->field)))
#define T(name, offset, length) put_text(out, #name, (const uint8_t *) (e + 1) + (offset), (length))
#define BUFFERS() \
	do { \
		I(buffers.shared_hit); \
		I(buffers.shared_read); \
		I(buffers.shared_dirtied); \
		I(buffers.shared_written); \
		I(buffers.local_hit); \
		I(buffers.local_read); \
		I(buffers.local_dirtied); \
		I(buffers.local_written); \
		I(buffers.temp_read); \
		I(buffers.temp_written); \
	} while (0)

static void
put_head(FILE *out, const char *name, const PgtRecord *e)
{
	fprintf(out, "type=%s", name);
	U(length);
	U(flags);
	I(time_ns);
}

static void
put_call(FILE *out, const PgtCall *e)
{
	put_head(out, "CALL", &e->rec);
	U(cursor);
	U(kind);
	U(depth);
	fprintf(out, " call_flags=%u", e->flags);
	U(plan_hash);
	I(start_ns);
	I(cpu_ns);
	U(rows);
	BUFFERS();
}

static void
put_statement(FILE *out, const PgtStatement *e)
{
	put_head(out, "STATEMENT", &e->rec);
	U(cursor);
	U(depth);
	fprintf(out, " statement_flags=%u", e->flags);
	U(uid);
	U(lid);
	U(sqlstate);
	U(text_total);
	U(text_offset);
	U(text_length);
	C(tag);
	T(text, 0, e->text_length);
}

static void
put_bind(FILE *out, const PgtBind *e)
{
	put_head(out, "BIND", &e->rec);
	U(cursor);
	U(depth);
	U(position);
	U(type_oid);
	fprintf(out, " bind_flags=%u", e->flags);
	U(value_total);
	U(type_name_length);
	U(value_length);
	T(type_name, 0, e->type_name_length);
	T(value, e->type_name_length, e->value_length);
}

static void
put_plan(FILE *out, const PgtPlan *e)
{
	put_head(out, "PLAN", &e->rec);
	U(cursor);
	U(depth);
	fprintf(out, " plan_flags=%u", e->flags);
	U(plan_hash);
	U(node_timing);
	U(node_count);
}

static void
put_node(FILE *out, const PgtNode *e)
{
	put_head(out, "NODE", &e->rec);
	U(id);
	U(parent);
	U(position);
	U(plan_node_id);
	U(object);
	fprintf(out, " node_flags=%u", e->flags);
	U(removed1_kind);
	U(removed2_kind);
	U(method_kind);
	U(width);
	D(est_rows);
	D(total_cost);
	U(rows);
	U(loops);
	I(startup_ns);
	I(total_ns);
	BUFFERS();
	I(wal_records);
	I(wal_fpi);
	I(wal_bytes);
	U(removed1);
	U(removed2);
	I(space_kb);
	I(disk_kb);
	I(buckets);
	I(batches);
	C(method_name);
	U(text_length);
	T(text, 0, e->text_length);
}

static void
put_error(FILE *out, const PgtError *e)
{
	put_head(out, "ERROR", &e->rec);
	U(cursor);
	U(depth);
	fprintf(out, " error_flags=%u", e->flags);
	C(sqlstate);
	U(position);
	U(text_length);
	T(text, 0, e->text_length);
}

static void
put_numbers(FILE *out, const uint32_t *number)
{
	for (int i = 0; i < 4; i++)
		fprintf(out, " number.%d=%" PRIu32, i, number[i]);
}

static void
put_wait(FILE *out, const PgtWait *e)
{
	put_head(out, "WAIT", &e->rec);
	I(start_ns);
	I(cpu_ns);
	U(event);
	U(cursor);
	U(depth);
	U(node);
	U(kind);
	U(call);
	U(tier);
	U(lock_mode);
	put_numbers(out, e->number);
	U(block);
	U(count);
	I(offset);
	I(bytes);
	U(lock_type);
	U(holder);
}

static void
put_hits(FILE *out, const PgtHits *e)
{
	const PgtSpan *spans = (const PgtSpan *) (e + 1);

	put_head(out, "HITS", &e->rec);
	U(cursor);
	U(depth);
	U(node);
	put_numbers(out, e->number);
	U(local);
	U(span_count);
	for (uint32_t i = 0; i < e->span_count; i++)
		fprintf(out, " span.%" PRIu32 ".first=%" PRIu32 " span.%" PRIu32 ".count=%" PRIu32,
				i, spans[i].first, i, spans[i].count);
}

static void
put_summary(FILE *out, const PgtSummary *e)
{
	put_head(out, "SUMMARY", &e->rec);
	U(cursor);
	U(depth);
	I(elapsed_ns);
	I(cpu_ns);
	I(wait_ns);
	I(think_ns);
	I(disk_blocks);
	I(cache_blocks);
	BUFFERS();
}

static void
put_charge(FILE *out, const PgtCharge *e)
{
	put_head(out, "CHARGE", &e->rec);
	U(cursor);
	U(depth);
	U(statement);
	U(activity);
	I(start_ns);
	I(usage.user_us);
	I(usage.system_us);
	I(usage.in_blocks);
	I(usage.out_blocks);
	I(usage.minor_faults);
	I(usage.major_faults);
	I(usage.voluntary_switches);
	I(usage.involuntary_switches);
}

static void
put_runs(FILE *out, const PgtRuns *e)
{
	put_head(out, "RUNS", &e->rec);
	U(cursor);
	U(depth);
	U(kind);
}

static void
put_wait_name(FILE *out, const PgtWaitName *e)
{
	put_head(out, "WAIT_NAME", &e->rec);
	U(event);
	U(type_length);
	U(name_length);
	T(wait_type, 0, e->type_length);
	T(wait_name, e->type_length, e->name_length);
}

static void
put_file_name(FILE *out, const PgtFileName *e)
{
	put_head(out, "FILE_NAME", &e->rec);
	U(number);
	U(path_length);
	T(path, 0, e->path_length);
}

static void
put_object(FILE *out, const PgtObject *e)
{
	put_head(out, "OBJECT", &e->rec);
	U(object);
	U(tablespace);
	U(database);
	U(file);
	U(relkind);
	U(name_length);
	T(name, 0, e->name_length);
}

static void
put_small(FILE *out, const PgtRecord *rec)
{
	switch (rec->type)
	{
		case PGT_EV_PAD:
			fprintf(out, "type=PAD length=%u", rec->length);
			break;
		case PGT_EV_LOST:
			{
				const PgtLost *e = (const PgtLost *) rec;

				put_head(out, "LOST", rec);
				I(from_ns);
				U(full);
				U(too_big);
				break;
			}
		case PGT_EV_SESSION:
			{
				const PgtSession *e = (const PgtSession *) rec;

				put_head(out, "SESSION", rec);
				U(level);
				U(plan_stat);
				U(node_timing);
				U(max_bind_length);
				break;
			}
		case PGT_EV_ATTRIBUTE:
			{
				const PgtAttribute *e = (const PgtAttribute *) rec;

				put_head(out, "ATTRIBUTE", rec);
				U(key);
				U(text_length);
				T(text, 0, e->text_length);
				break;
			}
		case PGT_EV_SESSION_END:
			{
				const PgtSessionEnd *e = (const PgtSessionEnd *) rec;

				put_head(out, "SESSION_END", rec);
				U(reason);
				break;
			}
		case PGT_EV_XACT_END:
			{
				const PgtXactEnd *e = (const PgtXactEnd *) rec;

				put_head(out, "XACT_END", rec);
				U(rollback);
				U(read_only);
				U(depth);
				break;
			}
		case PGT_EV_IDLE:
			put_head(out, "IDLE", rec);
			break;
		default:
			put_head(out, "UNKNOWN", rec);
			fprintf(out, " id=%u", rec->type);
			break;
	}
}

static void
put_record(FILE *out, const PgtRecord *rec)
{
	switch (rec->type)
	{
		case PGT_EV_STATEMENT:
			put_statement(out, (const PgtStatement *) rec);
			break;
		case PGT_EV_CALL:
			put_call(out, (const PgtCall *) rec);
			break;
		case PGT_EV_BIND:
			put_bind(out, (const PgtBind *) rec);
			break;
		case PGT_EV_PLAN:
			put_plan(out, (const PgtPlan *) rec);
			break;
		case PGT_EV_NODE:
			put_node(out, (const PgtNode *) rec);
			break;
		case PGT_EV_ERROR:
			put_error(out, (const PgtError *) rec);
			break;
		case PGT_EV_WAIT:
			put_wait(out, (const PgtWait *) rec);
			break;
		case PGT_EV_HITS:
			put_hits(out, (const PgtHits *) rec);
			break;
		case PGT_EV_SUMMARY:
			put_summary(out, (const PgtSummary *) rec);
			break;
		case PGT_EV_CHARGE:
			put_charge(out, (const PgtCharge *) rec);
			break;
		case PGT_EV_RUNS:
			put_runs(out, (const PgtRuns *) rec);
			break;
		case PGT_EV_WAIT_NAME:
			put_wait_name(out, (const PgtWaitName *) rec);
			break;
		case PGT_EV_FILE_NAME:
			put_file_name(out, (const PgtFileName *) rec);
			break;
		case PGT_EV_OBJECT:
			put_object(out, (const PgtObject *) rec);
			break;
		default:
			put_small(out, rec);
			break;
	}
	fputc('\n', out);
}

void
ring_decode(FILE *out, PgtSlot *slot, const uint8_t *data, uint64_t size)
{
	RingReader	reader;
	const PgtRecord *rec;
	RingRead	read;

	ring_reader_init(&reader, slot, data, size);
	while ((read = ring_reader_next(&reader, &rec)) == RING_RECORD)
		put_record(out, rec);
	if (read == RING_DAMAGED)
		fprintf(out, "damaged position=%" PRIu64 " reason=%s\n", reader.pos, reader.reason);
	else
		fprintf(out, "end head=%" PRIu64 " read_pos=%" PRIu64
				" lost_full=%" PRIu64 " lost_too_big=%" PRIu64
				" gap_full=%" PRIu64 " gap_too_big=%" PRIu64 "\n",
				slot->head, slot->read_pos, slot->lost_full, slot->lost_too_big,
				slot->gap_full, slot->gap_too_big);
}
