/*-------------------------------------------------------------------------
 *
 * sql_functions.c
 *	  pg_trace_file(), pg_trace_status().
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "pg_trace.h"

PG_FUNCTION_INFO_V1(pg_trace_file);
PG_FUNCTION_INFO_V1(pg_trace_status);

/* A NUL-padded name of the segment, whoever wrote it. */
static text *
padded_name(const char *name, size_t size)
{
	return cstring_to_text_with_len(name, (int) strnlen(name, size));
}

/* The trace file of this session, or NULL before the daemon has begun it. */
Datum
pg_trace_file(PG_FUNCTION_ARGS)
{
	PgtSlot    *slot = pgt_ring.slot;

	if (slot == NULL || slot->trace_file[0] == '\0')
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(padded_name(slot->trace_file, sizeof(slot->trace_file)));
}

#define STATUS_COLUMNS	7

Datum
pg_trace_status(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	if (pgt_segment == NULL)
		return (Datum) 0;
	for (uint32 i = 0; i < pgt_segment->slot_count; i++)
	{
		PgtSlot    *slot = pgt_segment_slot(i);
		uint32		state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);
		uint64		head = __atomic_load_n(&slot->head, __ATOMIC_ACQUIRE);
		uint64		read_pos = __atomic_load_n(&slot->read_pos, __ATOMIC_ACQUIRE);
		Datum		values[STATUS_COLUMNS] = {0};
		bool		nulls[STATUS_COLUMNS] = {0};

		if (state != PGT_SLOT_ACTIVE && state != PGT_SLOT_CLOSED)
			continue;
		values[0] = Int32GetDatum(slot->pid);
		values[1] = Int32GetDatum(slot->leader_pid);
		nulls[1] = slot->leader_pid == 0;
		values[2] = Int32GetDatum(slot->enabled ? (int32) slot->level : 0);
		values[3] = Int64GetDatum((int64) slot->events);
		values[4] = Int64GetDatum((int64) (slot->lost_full + slot->lost_too_big));
		values[5] = Float8GetDatum(head < read_pos ? 0.0 :
								   (double) (head - read_pos) / (double) pgt_segment->ring_size);
		values[6] = PointerGetDatum(padded_name(slot->trace_file, sizeof(slot->trace_file)));
		nulls[6] = slot->trace_file[0] == '\0';
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
