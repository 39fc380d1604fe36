/*-------------------------------------------------------------------------
 *
 * hooks_parse.c
 *	  PARSE calls: where they begin, what belongs to them, and how they fail.
 *
 * The server has no hook where a message from the client arrives, none before
 * a statement is parsed, and none after a cached plan was looked up.  There is
 * the recv() that brings a message (message_clock.c), the hook after analysis,
 * and the planner's.  From these:
 *
 *	  simple query: PARSE = from the message's arrival (of later statements in
 *	  the same string: from the end of the one before) to the end of planning;
 *	  Parse message: from its arrival to the end of analysis;
 *	  Bind: from its arrival to the end of planning (a plan was made) or to the
 *	  start of the executor (the plan came from the cache);
 *	  recursive statements: planning alone.  Their raw parse and analysis have
 *	  no beginning that could be seen, and stay in the calling statement.
 *
 * Where recv() cannot be seen, the server's own time stamp of the message
 * (GetCurrentStatementStartTimestamp, microseconds) has to do, and CPU time at
 * that moment is bounded by what elapsed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "optimizer/planner.h"
#include "parser/analyze.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "pg_trace.h"

static post_parse_analyze_hook_type prev_post_parse_analyze_hook = NULL;
static planner_hook_type prev_planner_hook = NULL;

/* Where the time that no call has taken yet begins. */
static PgtSnapshot boundary;
static bool boundary_known = false;

/* Start time of the message whose parse was seen last. */
static TimestampTz message_seen = 0;

/* Ends the message: a reset callback on MessageContext. */
static MemoryContextCallback message_end_callback;
static bool message_watched = false;

/* A statement of the simple protocol between its analysis and its plan. */
static struct
{
	bool		valid;
	const char *text;
	int			location;
	int			length;
	const char *tag;
	PgtSnapshot start;
}			pending;

/* How far the string of a simple query has been analysed. */
static const char *analysed_text = NULL;
static int	analysed_to = 0;

/* The plan that the planner made last, until it is executed. */
static struct
{
	uint32		cursor;			/* 0: none */
	int			depth;
	bool		custom;			/* for these parameters alone */
}			planned;

static void message_end(void *arg);

void
pgt_boundary_set(const PgtSnapshot *now)
{
	boundary = *now;
	boundary_known = true;
}

/* Have message_end called when the server is through with this message. */
void
pgt_message_watch(void)
{
	if (message_watched || MessageContext == NULL)
		return;
	message_end_callback.func = message_end;
	message_end_callback.arg = NULL;
	MemoryContextRegisterResetCallback(MessageContext, &message_end_callback);
	message_watched = true;
	pgt_session_tell_changes();
}

static void
message_end(void *arg)
{
	PgtSnapshot now;

	message_watched = false;
	pgt_error_written(false);
	analysed_text = NULL;
	if (pgt_session_has_ring())
	{
		if (pgt_utility_is_held())
			pgt_utility_held_done(NULL);
		pgt_parse_flush();
	}
	pending.valid = false;
	/* Where arrivals are seen, the next parse begins at one, or at a call's end. */
	if (pgt_message_clock_why_not() != NULL)
	{
		pgt_charge_settle();
		pgt_snapshot(&now);
		pgt_boundary_set(&now);
	}
}

void
pgt_parse_xact_end(void)
{
	PgtSnapshot now;

	planned.cursor = 0;
	if (pgt_depth == 0)
	{
		pgt_snapshot(&now);
		pgt_boundary_set(&now);
	}
}

/*
 * Where the parse that ends now began: at the message's arrival, or where the
 * last call ended if that was later (a second statement of a string, a second
 * message that came with the first).
 */
static void
parse_start(const PgtSnapshot *now, PgtSnapshot *start)
{
	const PgtSnapshot *arrival = pgt_message_arrival();
	TimestampTz message = GetCurrentStatementStartTimestamp();
	int64		elapsed;

	*start = boundary_known ? boundary : *now;
	if (arrival != NULL)
	{
		if (!boundary_known || arrival->wall_ns > boundary.wall_ns)
			*start = *arrival;
		return;
	}

	if (pgt_message_clock_why_not() == NULL || message == message_seen)
		return;
	message_seen = message;
	elapsed = (GetCurrentTimestamp() - message) * 1000;
	if (elapsed < 0 || (boundary_known && elapsed > now->wall_ns - boundary.wall_ns))
		elapsed = now->wall_ns - start->wall_ns;
	start->wall_ns = now->wall_ns - elapsed;
	/* CPU used since then was not read: no more than the time that passed. */
	if (!boundary_known || now->cpu_ns - start->cpu_ns > elapsed)
		start->cpu_ns = now->cpu_ns - elapsed;
}

static void
write_parse(const char *text, int location, int length, const char *tag, uint16 flags,
			uint32 plan_hash, const PgtSnapshot *start, const PgtSnapshot *end)
{
	PgtFrame	frame = {0};

	frame.cursor = pgt_cursor(text, location, length, pgt_depth, tag, end->wall_ns);
	frame.kind = PGT_CALL_PARSE;
	frame.depth = (uint16) pgt_depth;
	frame.flags = flags;
	frame.plan_hash = plan_hash;
	frame.start = *start;
	pgt_frame_done(&frame, 0, end);
}

/* The statement that waits for its plan will get none: write its PARSE. */
void
pgt_parse_flush(void)
{
	PgtSnapshot now;

	if (!pending.valid)
		return;
	pending.valid = false;
	pgt_snapshot(&now);
	write_parse(pending.text, pending.location, pending.length, pending.tag, 0, 0,
				&pending.start, &now);
}

static void
pgt_post_parse_analyze(ParseState *pstate, Query *query, PgtJumbleState *jstate)
{
	PgtSnapshot now;
	PgtSnapshot start;
	const char *tag;

	if (prev_post_parse_analyze_hook)
		prev_post_parse_analyze_hook(pstate, query, jstate);
	if (!pgt_tracing() || pgt_depth > 0)
		return;

	pgt_message_watch();
	pgt_parse_flush();
	pgt_snapshot(&now);
	parse_start(&now, &start);
	tag = GetCommandTagName(CreateCommandTag((Node *) query));
	if (pstate->p_paramref_hook != NULL)
	{
		/* A Parse message: its plan is made, or not, at Bind. */
		write_parse(pstate->p_sourcetext, query->stmt_location, query->stmt_len, tag, 0, 0,
					&start, &now);
		return;
	}
	pending.valid = true;
	pending.text = pstate->p_sourcetext;
	pending.location = query->stmt_location;
	pending.length = query->stmt_len;
	pending.tag = tag;
	pending.start = start;
	analysed_text = pstate->p_sourcetext;
	analysed_to = query->stmt_len > 0 ? query->stmt_location + query->stmt_len + 1 :
		(int) strlen(analysed_text);
}

static PlannedStmt *
call_planner(PGT_PLANNER_ARGS)
{
	if (prev_planner_hook)
		return prev_planner_hook(PGT_PLANNER_PASS);
	return standard_planner(PGT_PLANNER_PASS);
}

static PlannedStmt *
pgt_planner(PGT_PLANNER_ARGS)
{
	PlannedStmt *result;
	PgtPlanText *plan;
	PgtFrame	frame;
	PgtSnapshot now;
	PgtSnapshot start;
	int			depth = pgt_depth;

	if (!pgt_tracing())
	{
		pgt_depth = depth + 1;
		result = call_planner(PGT_PLANNER_PASS);
		pgt_depth = depth;
		return result;
	}

	pgt_snapshot(&now);
	start = now;
	if (depth == 0)
	{
		pgt_message_watch();
		if (pending.valid && pending.text == query_string &&
			pending.location == parse->stmt_location)
		{
			pending.valid = false;
			start = pending.start;
		}
		else
		{
			pgt_parse_flush();
			parse_start(&now, &start);
		}
	}
	pgt_frame_push(&frame, PGT_CALL_PARSE, 0, &start);
	frame.text = query_string;
	frame.location = parse->stmt_location;
	frame.length = parse->stmt_len;
	frame.tag = GetCommandTagName(CreateCommandTag((Node *) parse));

	PG_TRY();
	{
		result = call_planner(PGT_PLANNER_PASS);
	}
	PG_CATCH();
	{
		pgt_frame_failed(&frame);
		PG_RE_THROW();
	}
	PG_END_TRY();

	frame.flags |= PGT_CALL_PLAN_MADE;
	plan = pgt_plan_text(result);
	frame.plan_hash = plan->hash;
	pgt_plan_text_release(plan);
	pgt_snapshot(&now);
	frame.cursor = pgt_cursor(frame.text, frame.location, frame.length, frame.depth, frame.tag,
							  now.wall_ns);
	pgt_frame_done(&frame, 0, &now);
	pgt_frame_pop(&frame);

	planned.cursor = frame.cursor;
	planned.depth = depth;
	planned.custom = boundParams != NULL;
	return result;
}

void
pgt_parse_plan_used(const PlannedStmt *stmt, uint32 cursor, uint32 plan_hash,
					bool *kept_in_cache, const PgtSnapshot *now)
{
	MemoryContext context = GetMemoryChunkContext((void *) stmt);
	bool		in_cache = strcmp(context->name, "CachedPlan") == 0;
	bool		made = !in_cache ||
	(planned.cursor == cursor && planned.depth == pgt_depth);
	PgtSnapshot start;

	*kept_in_cache = in_cache && !(made && planned.custom);
	planned.cursor = 0;
	if (pgt_depth == 0)
	{
		pgt_parse_flush();
		if (!made)
		{
			PgtFrame	frame = {0};

			parse_start(now, &start);
			frame.cursor = cursor;
			frame.kind = PGT_CALL_PARSE;
			frame.plan_hash = plan_hash;
			frame.start = start;
			pgt_frame_done(&frame, 0, now);
		}
	}
}

/*
 * Errors in the classes of syntax, names, types and features belong to a
 * statement's text; others of a statement that has been parsed before (a bad
 * bind value) to its execution.
 */
static bool
is_about_text(const char *sqlstate)
{
	return strncmp(sqlstate, "42", 2) == 0 || strncmp(sqlstate, "3F", 2) == 0 ||
		strncmp(sqlstate, "0A", 2) == 0;
}

void
pgt_parse_failed(const PgtErrorInfo *error)
{
	const char *text = debug_query_string;
	int			location = 0;
	int			length = 0;
	const char *tag = NULL;
	uint32		cursor;
	PgtSnapshot now;

	if (pending.valid)
	{
		pending.valid = false;
		text = pending.text;
		location = pending.location;
		length = pending.length;
		tag = pending.tag;
	}
	else if (text != NULL && text == analysed_text)
		location = Min(analysed_to, (int) strlen(text));

	if (text == NULL)
		pgt_event_error(0, 0, 0, error);
	else if (!is_about_text(error->sqlstate) &&
			 pgt_cursor_known(text, location, length, 0, &cursor))
		pgt_event_error(cursor, 0, 0, error);
	else
	{
		cursor = pgt_cursor_parse_error(text, location, length, 0, tag, error);
		pgt_event_error(cursor, 0, PGT_ERROR_PARSE, error);
	}
	message_seen = GetCurrentStatementStartTimestamp();
	pgt_snapshot(&now);
	pgt_boundary_set(&now);
}

void
pgt_parse_install(void)
{
	prev_post_parse_analyze_hook = post_parse_analyze_hook;
	post_parse_analyze_hook = pgt_post_parse_analyze;
	prev_planner_hook = planner_hook;
	planner_hook = pgt_planner;
}
