/*-------------------------------------------------------------------------
 *
 * sql_functions.c
 *	  What SQL can ask of pg_trace: its file, its state, and to trace another
 *	  session.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "pg_trace.h"
#include "wait_calls.h"

PG_FUNCTION_INFO_V1(pg_trace_file);
PG_FUNCTION_INFO_V1(pg_trace_status);
PG_FUNCTION_INFO_V1(pg_trace_session_enable);
PG_FUNCTION_INFO_V1(pg_trace_session_disable);

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

		if (state != PGT_SLOT_ACTIVE && state != PGT_SLOT_CLOSED && state != PGT_SLOT_OFFERED)
			continue;
		values[0] = Int32GetDatum(slot->pid);
		values[1] = Int32GetDatum(slot->leader_pid);
		nulls[1] = slot->leader_pid == 0;
		values[2] = Int32GetDatum(state == PGT_SLOT_OFFERED ? PGT_CONTROL_LEVEL(slot->control) :
								  slot->enabled ? (int32) slot->level : 0);
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

/* An error unless it is a process of this server that can be traced. */
static void
check_pid(int32 pid)
{
	if (BackendPidGetProc(pid) == NULL && AuxiliaryPidGetProc(pid) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("PID %d is not a process of this server that can be traced", pid),
				 errhint("pg_stat_activity shows them all.")));
}

static void
refuse_value(const char *parameter, const char *value, const char *allowed)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for parameter \"%s\": \"%s\"", parameter, value),
			 errhint("Available values: %s.", allowed)));
}

/*
 * Have another session (a client's, or a process of the server's own) trace
 * itself, from its next call into the system on: pid, level, blocks, plan_stat.
 */
Datum
pg_trace_session_enable(PG_FUNCTION_ARGS)
{
	int32		pid = PG_GETARG_INT32(0);
	int32		level = PG_GETARG_INT32(1);
	char	   *blocks_name = text_to_cstring(PG_GETARG_TEXT_PP(2));
	char	   *plan_stat_name = text_to_cstring(PG_GETARG_TEXT_PP(3));
	int			blocks = pgt_blocks_named(blocks_name);
	int			plan_stat = pgt_plan_stat_named(plan_stat_name);
	const char *why_not = pgt_wait_calls_why_not(NULL);
	PgtClaimError error;

	if (level < PGT_LEVEL_MIN || level > PGT_LEVEL_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("level %d is outside the valid range (%d .. %d)",
						level, PGT_LEVEL_MIN, PGT_LEVEL_MAX)));
	if (blocks < 0)
		refuse_value("blocks", blocks_name, "off, physical, all");
	if (plan_stat < 0)
		refuse_value("plan_stat", plan_stat_name, "never, first_execution, all_executions");
	check_pid(pid);
	if (why_not != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("another session cannot be switched on: %s", why_not),
				 errdetail("A process sees the request at its next call into the system.")));
	if (!pgt_segment_switch_on(pid, level, blocks, plan_stat, &error))
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("%s", error.message),
				 error.detail[0] != '\0' ? errdetail_internal("%s", error.detail) : 0,
				 error.hint[0] != '\0' ? errhint("%s", error.hint) : 0));
	pgt_session_warn_unattached();
	PG_RETURN_VOID();
}

/* End the trace of a session, whoever began it; false: it was not traced. */
Datum
pg_trace_session_disable(PG_FUNCTION_ARGS)
{
	int32		pid = PG_GETARG_INT32(0);

	check_pid(pid);
	PG_RETURN_BOOL(pgt_segment_switch_off(pid));
}
