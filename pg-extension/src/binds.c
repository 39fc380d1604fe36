/*-------------------------------------------------------------------------
 *
 * binds.c
 *	  Bind values (level 4), each through its type's own output function.
 *
 * Written at the start of an execution, in a memory context of their own.
 * Long texts and byte strings are not converted whole: only the part that is
 * kept is fetched and detoasted.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "pg_trace.h"
#include "ticks.h"

/* A value's text, cut to what is kept. */
typedef struct BindText
{
	const char *text;
	uint32		length;			/* bytes kept */
	uint32		total;			/* bytes of the whole text */
	bool		truncated;
} BindText;

/* Is the type's text its bytes, so that a part can be had without the rest? */
static bool
is_plain_text(Oid type)
{
	return type == TEXTOID || type == VARCHAROID || type == BPCHAROID ||
		type == JSONOID || type == XMLOID;
}

static void
cut(BindText *value, uint32 total)
{
	uint32		limit = (uint32) pgt_guc_max_bind_length;

	value->total = total;
	value->length = total;
	value->truncated = total > limit;
	if (value->truncated)
		value->length = (uint32) pg_mbcliplen(value->text, (int) Min(total, limit + MAX_MULTIBYTE_CHAR_LEN),
											  (int) limit);
}

static void
plain_text(BindText *value, Datum datum)
{
	Size		total = toast_raw_datum_size(datum) - VARHDRSZ;
	int32		kept = (int32) Min(total, (Size) pgt_guc_max_bind_length + MAX_MULTIBYTE_CHAR_LEN);
	struct varlena *slice = PG_DETOAST_DATUM_SLICE(datum, 0, kept);

	value->text = VARDATA_ANY(slice);
	cut(value, (uint32) total);
	value->length = Min(value->length, (uint32) VARSIZE_ANY_EXHDR(slice));
}

/* As byteaout writes it in hex, two digits a byte. */
static void
byte_string(BindText *value, Datum datum)
{
	Size		total = toast_raw_datum_size(datum) - VARHDRSZ;
	int32		kept = (int32) Min(total, (Size) pgt_guc_max_bind_length / 2 + 1);
	struct varlena *slice = PG_DETOAST_DATUM_SLICE(datum, 0, kept);
	uint32		bytes = (uint32) VARSIZE_ANY_EXHDR(slice);
	char	   *text = palloc(2 + (Size) bytes * 2 + 1);

	memcpy(text, "\\x", 2);
	hex_encode(VARDATA_ANY(slice), bytes, text + 2);
	value->text = text;
	value->total = (uint32) Min(2 + total * 2, (Size) PG_UINT32_MAX);
	value->truncated = value->total > (uint32) pgt_guc_max_bind_length;
	value->length = value->truncated ? (uint32) pgt_guc_max_bind_length & ~1U : 2 + bytes * 2;
}

static void
value_text(BindText *value, Oid type, Datum datum)
{
	Oid			output;
	bool		is_varlena;

	if (is_plain_text(type))
	{
		plain_text(value, datum);
		return;
	}
	if (type == BYTEAOID)
	{
		byte_string(value, datum);
		return;
	}
	getTypeOutputInfo(type, &output, &is_varlena);
	value->text = OidOutputFunctionCall(output, datum);
	cut(value, (uint32) strlen(value->text));
}

static void
write_bind(uint32 cursor, int depth, int position, bool more, const ParamExternData *param)
{
	BindText	value = {"", 0, 0, false};
	const char *type_name = format_type_be(param->ptype);
	uint32		type_length = (uint32) strlen(type_name);
	uint32		size;
	PgtBind    *rec;
	char	   *to;

	if (!param->isnull)
		value_text(&value, param->ptype, param->value);
	size = (uint32) sizeof(PgtBind) + type_length + value.length;
	rec = pgt_ring_begin(&pgt_ring, PGT_EV_BIND, more ? PGT_RF_MORE : 0, size, pgt_now_ns());
	if (rec == NULL)
		return;
	rec->cursor = cursor;
	rec->depth = (uint16) depth;
	rec->position = (uint16) position;
	rec->type_oid = param->ptype;
	rec->flags = (param->isnull ? PGT_BIND_NULL : 0) | (value.truncated ? PGT_BIND_TRUNCATED : 0);
	rec->value_total = value.total;
	rec->type_name_length = (uint16) type_length;
	rec->value_length = (uint16) value.length;
	to = (char *) (rec + 1);
	memcpy(to, type_name, type_length);
	memcpy(to + type_length, value.text, value.length);
	pgt_ring_end(&pgt_ring, size);
}

/*
 * The parameter, fetched if need be; speculatively, so that a PL/pgSQL
 * variable that the statement does not use stays untouched (and has no type).
 */
static const ParamExternData *
parameter(ParamListInfo params, int index, ParamExternData *workspace)
{
	const ParamExternData *param = params->paramFetch != NULL ?
	params->paramFetch(params, index + 1, true, workspace) : &params->params[index];

	return OidIsValid(param->ptype) ? param : NULL;
}

void
pgt_binds_write(uint32 cursor, int depth, ParamListInfo params)
{
	static MemoryContext context = NULL;
	MemoryContext caller;
	ParamExternData workspace;
	ParamExternData waiting;
	int			waiting_position = -1;
	int			position = 0;
	BufferUsage usage = pgBufferUsage;

	if (!IsTransactionState() || IsAbortedTransactionBlockState())
		return;
	if (context == NULL)
		context = AllocSetContextCreate(TopMemoryContext, "pg_trace binds",
										ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(context);
	pgt_own_work = true;

	/* One behind, to know whether more follow. */
	for (int i = 0; i < params->numParams; i++)
	{
		const ParamExternData *param = parameter(params, i, &workspace);

		if (param == NULL)
			continue;
		if (waiting_position >= 0)
			write_bind(cursor, depth, waiting_position, true, &waiting);
		waiting = *param;
		/* Of a statement in PL/pgSQL the numbers are its variables': count. */
		waiting_position = params->paramFetch != NULL ? position : i;
		position++;
	}
	if (waiting_position >= 0)
		write_bind(cursor, depth, waiting_position, false, &waiting);

	MemoryContextSwitchTo(caller);
	MemoryContextReset(context);
	/* What was read to show a value is not the statement's. */
	pgt_own_work = false;
	pgBufferUsage = usage;
}
