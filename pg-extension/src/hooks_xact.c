/*-------------------------------------------------------------------------
 *
 * hooks_xact.c
 *	  Ends of transactions, and errors.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"

#include "parallel.h"
#include "pg_trace.h"
#include "running.h"

static emit_log_hook_type prev_emit_log_hook = NULL;

/* The call that failed at the top has written the error. */
static bool error_written = false;

/* What makes the COMMIT fail whose EXEC is still open. */
static PgtErrorInfo commit_error;
static bool commit_failed = false;

/* Recursive depth at the start of each subtransaction, by nest level. */
#define SUBXACT_LEVELS	64
static int	subxact_depth[SUBXACT_LEVELS];
static PgtFrame *subxact_frame[SUBXACT_LEVELS];

void
pgt_error_take(PgtErrorInfo *info, const ErrorData *edata)
{
	const char *message = edata->message != NULL ? edata->message : "";
	size_t		length = strlen(message);

	info->fatal = edata->elevel >= FATAL;
	memset(info->sqlstate, 0, sizeof(info->sqlstate));
	strlcpy(info->sqlstate, unpack_sql_state(edata->sqlerrcode), sizeof(info->sqlstate));
	info->position = edata->cursorpos;
	if (length > sizeof(info->message))
		length = sizeof(info->message);
	memcpy(info->message, message, length);
	info->message_length = (uint32) length;
}

/*
 * In a PG_CATCH block.  Copies the error in a memory context of its own: the
 * current one may be the very one that is full.
 */
const PgtErrorInfo *
pgt_error_current(void)
{
	static PgtErrorInfo info;
	static MemoryContext context = NULL;
	MemoryContext caller = CurrentMemoryContext;
	static const char out_of_memory[] = "out of memory";

	if (geterrcode() == ERRCODE_OUT_OF_MEMORY)
	{
		memset(&info, 0, offsetof(PgtErrorInfo, message));
		strlcpy(info.sqlstate, unpack_sql_state(ERRCODE_OUT_OF_MEMORY), sizeof(info.sqlstate));
		info.message_length = sizeof(out_of_memory) - 1;
		memcpy(info.message, out_of_memory, info.message_length);
		return &info;
	}
	if (context == NULL)
		context = AllocSetContextCreate(TopMemoryContext, "pg_trace error", ALLOCSET_SMALL_SIZES);
	MemoryContextSwitchTo(context);
	pgt_error_take(&info, CopyErrorData());
	MemoryContextSwitchTo(caller);
	MemoryContextReset(context);
	return &info;
}

void
pgt_error_written(bool written)
{
	error_written = written;
}

/*
 * An error is reported at the top: after all calls have been unwound, or, if
 * it ends the process, in the middle of them.
 */
static void
take_reported_error(const ErrorData *edata)
{
	static PgtErrorInfo info;

	if (error_written)
	{
		error_written = false;
		if (edata->elevel < FATAL)
			return;
	}
	if (pgt_utility_is_held())
	{
		pgt_error_take(&commit_error, edata);
		commit_failed = true;
		if (edata->elevel >= FATAL)
			pgt_utility_held_done(&commit_error);
		return;
	}
	if (edata->elevel >= FATAL)
	{
		bool		any = pgt_frame != NULL;

		pgt_error_take(&info, edata);
		while (pgt_frame != NULL && pgt_frame != &pgt_worker_frame)
		{
			PgtFrame   *frame = pgt_frame;

			pgt_frame_failed_with(frame, &info);
			pgt_frame_pop(frame);
		}
		if (!any)
			pgt_event_error(0, 0, 0, &info);
		return;
	}
	pgt_error_take(&info, edata);
	if (pgt_frame == NULL)
		pgt_parse_failed(&info);
	else if (pgt_running_is_attached())
		pgt_running_failed(&info);
}

static void
pgt_emit_log(ErrorData *edata)
{
	if (unlikely(pgt_wanted) && edata->elevel >= ERROR && pgt_session_begin_quietly())
		take_reported_error(edata);
	if (prev_emit_log_hook)
		prev_emit_log_hook(edata);
}

static void
end_transaction(bool rollback)
{
	bool		read_only = !TransactionIdIsValid(GetTopTransactionIdIfAny());

	pgt_event_xact_end(rollback, read_only, pgt_depth);
	pgt_parse_xact_end();
	if (pgt_utility_is_held())
	{
		pgt_utility_held_done(commit_failed ? &commit_error : NULL);
		commit_failed = false;
	}
}

static void
pgt_xact(XactEvent event, void *arg)
{
	/*
	 * An error has come to the top (the server has dropped all error contexts):
	 * the calls that were not traced did not count themselves out.
	 */
	if (event == XACT_EVENT_ABORT && error_context_stack == NULL &&
		(pgt_frame == NULL || pgt_running_is_attached()))
	{
		pgt_depth = 0;
		pgt_running_forget();
	}
	if (pgt_is_worker)
		return;

	if (!pgt_session_has_ring() || (!pgt_wanted && pgt_frame == NULL))
		return;
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			pgt_message_transaction_ends(true);
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PREPARE:
			pgt_message_transaction_ends(false);
			end_transaction(false);
			break;
		case XACT_EVENT_ABORT:
			pgt_message_transaction_ends(false);
			end_transaction(true);
			break;
		default:
			break;
	}
}

/* Errors that are caught lead back to where the subtransaction began. */
static void
pgt_subxact(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	int			level = GetCurrentTransactionNestLevel();

	/* What was started at the top level in a savepoint's block has ended too. */
	if (event == SUBXACT_EVENT_ABORT_SUB &&
		(level < 0 || level >= SUBXACT_LEVELS || subxact_depth[level] == 0))
		pgt_running_forget();
	if (level < 0 || level >= SUBXACT_LEVELS)
		return;
	if (event == SUBXACT_EVENT_START_SUB)
	{
		subxact_depth[level] = pgt_depth;
		subxact_frame[level] = pgt_frame;
	}
	else if (event == SUBXACT_EVENT_ABORT_SUB && subxact_frame[level] == pgt_frame &&
			 pgt_depth > subxact_depth[level])
		pgt_depth = subxact_depth[level];
}

void
pgt_xact_install(void)
{
	prev_emit_log_hook = emit_log_hook;
	emit_log_hook = pgt_emit_log;
	RegisterXactCallback(pgt_xact, NULL);
	RegisterSubXactCallback(pgt_subxact, NULL);
}
