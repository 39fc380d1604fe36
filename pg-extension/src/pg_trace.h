/*-------------------------------------------------------------------------
 *
 * pg_trace.h
 *	  What the extension's files know of each other.
 *
 * The way of an event: a hook (hooks_*.c) takes snapshots around what the
 * server does and calls an encoder (events.c), which writes a record into the
 * ring of this process (ring.c) in the shared segment (segment.c), if the
 * session is traced (session.c).
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_H
#define PG_TRACE_H

#include "postgres.h"

#include "executor/execdesc.h"
#include "executor/instrument.h"
#include "nodes/params.h"
#include "nodes/plannodes.h"
#include "utils/elog.h"

#include "compat.h"
#include "ring.h"

#define PGT_VERSION "1.0"

/* ---- Settings (settings.c) ---- */

typedef enum PgtOnFull
{
	PGT_ON_FULL_WAIT,
	PGT_ON_FULL_DROP
} PgtOnFull;

typedef enum PgtWaitsProvider
{
	PGT_WAITS_AUTO,
	PGT_WAITS_NONE
} PgtWaitsProvider;

/* One of the settings below that a session may change has changed. */
extern bool pgt_settings_changed;

extern bool pgt_guc_enabled;
extern int	pgt_guc_level;
extern int	pgt_guc_blocks;		/* PGT_BLOCKS_* */
extern int	pgt_guc_plan_stat;	/* PGT_PLAN_STAT_* */
extern int	pgt_guc_node_timing;	/* PGT_TIMING_* */
extern int	pgt_guc_max_bind_length;	/* bytes */
extern char *pgt_guc_tracefile_identifier;
extern int	pgt_guc_on_full;	/* PgtOnFull */
extern int	pgt_guc_full_timeout;	/* ms */
extern int	pgt_guc_waits_provider;	/* PgtWaitsProvider */
extern char *pgt_guc_daemon_command;
extern int	pgt_guc_rings;
extern int	pgt_guc_ring_size;	/* kB */
extern char *pgt_guc_ring_directory;

#define PGT_LEVEL_MIN		1
#define PGT_LEVEL_MAX		15
#define PGT_LEVEL_BINDS		4
#define PGT_LEVEL_WAITS		8

extern void pgt_define_settings(void);

/*
 * The values of pg_trace.blocks and plan_stat by name; -1 where there is no
 * such one.
 */
extern int	pgt_blocks_named(const char *name);
extern int	pgt_plan_stat_named(const char *name);

/* ---- The segment (segment.c) ---- */

/* The mapped segment, or NULL: then pgt_segment_why_not says why. */
extern PgtSegment *pgt_segment;
extern const char *pgt_segment_path(void);
extern const char *pgt_segment_why_not(void);

extern void pgt_segment_startup(void);
extern PgtSlot *pgt_segment_slot(uint32 index);
extern uint8 *pgt_segment_ring(uint32 index);

/*
 * Claim a slot for this process and reserve its ring's memory.  On failure
 * returns false with texts for an error report.
 */
typedef struct PgtClaimError
{
	char		message[256];
	char		detail[512];
	char		hint[512];
} PgtClaimError;

extern bool pgt_segment_claim(uint32 *index, PgtClaimError *error);
extern void pgt_segment_leave(PgtSlot *slot);

/*
 * The second ring of a session, for what other processes do on its behalf.  The
 * session has it reserved, where allocation is allowed; the others attach to
 * it, with their number as a parallel worker, from 1, or 0: no allocation, no
 * system call.
 */
extern bool pgt_segment_reserve_workers(PgtSlot *slot, PgtClaimError *error);
extern bool pgt_segment_has_workers(const PgtSlot *slot);
extern bool pgt_segment_attach_workers(PgtSlot *slot, uint16 worker, PgtRing *ring);

/* The slot of that ring. */
extern PgtSlot *pgt_segment_workers(const PgtSlot *slot);

/* The slot of a session that is traced, or NULL. */
extern PgtSlot *pgt_segment_session(int32 pid);

/*
 * Ask another process to trace itself; it sees that at its next call into the
 * system.  One that has no slot is offered one with a ring, whose memory is
 * reserved here.
 */
extern bool pgt_segment_switch_on(int32 pid, int level, int blocks, int plan_stat,
								  PgtClaimError *error);

/* False where the process has no slot, so is not traced. */
extern bool pgt_segment_switch_off(int32 pid);

/* Make a slot ready for a process; true where it has one. */
extern bool pgt_segment_offer(int32 pid, PgtClaimError *error);

/* Sessions of a name, PGT_RULE_*; rule_off is false where there is no such rule. */
extern bool pgt_segment_rule_on(uint32 kind, const char *name, int level, int blocks,
								int plan_stat, PgtClaimError *error);
extern bool pgt_segment_rule_off(uint32 kind, const char *name);

/* The rule of a place, or NULL where there is none. */
extern const PgtRule *pgt_segment_rule(int index);

/* What was asked last of sessions that are this, as PgtSlot.control; 0: nothing. */
extern uint64 pgt_segment_rule_for(const char *application, const char *role,
								   const char *database);

/* Take the slot that this process is offered; allocates nothing, raises nothing. */
extern bool pgt_segment_take_offer(uint32 *index);

extern bool pgt_segment_daemon_attached(void);

/* Has the daemon asked for these records?  PGT_WANTS_* */
#define pgt_daemon_wants(what) \
	unlikely(__atomic_load_n(&pgt_segment->daemon_wants, __ATOMIC_RELAXED) & (what))

/* ---- The session (session.c) ---- */

/* The ring of this process; its slot is NULL until one is claimed. */
extern PgtRing pgt_ring;

/* Is tracing asked for?  The one branch that hooks pay when it is not. */
extern bool pgt_wanted;

/*
 * Is this process traced now?  Claims a ring at the first call where the
 * setting came from a file or a role and not from SET.
 */
extern bool pgt_session_begin(void);
extern bool pgt_session_begin_quietly(void);

#define pgt_tracing()	(unlikely(pgt_wanted) && pgt_session_begin())

/* Between statements: write what has changed since it was told. */
extern void pgt_session_tell_changes(void);

/* Tracing was switched on or off by the setting. */
extern bool pgt_session_check_enable(PgtClaimError *error);
extern void pgt_session_switch(bool on);

/* Report why there is no ring to be had, at this elevel. */
extern void pgt_claim_error_report(int level, const PgtClaimError *error);

/* A warning where no daemon reads what will be written. */
extern void pgt_session_warn_unattached(void);

/*
 * What somebody else has asked of this session: it goes before the settings
 * until the session itself switches tracing on or off.
 */
typedef struct PgtAsked
{
	uint8		action;			/* PGT_CONTROL_*, 0: nothing */
	uint8		level;
	uint8		blocks;
	uint8		plan_stat;
} PgtAsked;

extern PgtAsked pgt_asked;

#define pgt_level() \
	(unlikely(pgt_asked.action == PGT_CONTROL_ON) ? pgt_asked.level : pgt_guc_level)
#define pgt_blocks() \
	(unlikely(pgt_asked.action == PGT_CONTROL_ON) ? pgt_asked.blocks : pgt_guc_blocks)
#define pgt_plan_stat() \
	(unlikely(pgt_asked.action == PGT_CONTROL_ON) ? pgt_asked.plan_stat : pgt_guc_plan_stat)

/*
 * Has anything been asked of anybody that this process has not looked at?  Then
 * pgt_session_follow looks; anywhere in the server.
 */
extern const uint32 *pgt_control_generation;
extern uint32 pgt_control_seen;

#define pgt_control_changed() \
	unlikely(__atomic_load_n(pgt_control_generation, __ATOMIC_RELAXED) != pgt_control_seen)

extern void pgt_session_follow(bool between_calls);

/* Has the session another application_name than when it looked? */
extern bool pgt_session_is_renamed(void);

/* A parallel worker writes to its leader's session from now on, and no more. */
extern void pgt_session_join_leader(void);
extern void pgt_session_leave_leader(void);

/* Called where the last traced call of the session has ended. */
extern void pgt_session_calls_ended(void);

/* Is there a ring to write to, even if tracing is being switched off? */
extern bool pgt_session_has_ring(void);

/* ---- Calls (calls.c) ---- */

/* What has been waited for since the process began (wait_record.c). */
typedef struct PgtWaited
{
	uint32		epoch;			/* 0: waits are not recorded; another number:
								 * they were not in between */
	int64		wait_ns;		/* without the CPU time inside of waits */
	int64		think_ns;		/* part of it: for the client, between calls */
	int64		disk_blocks;	/* read by calls that read a device */
	int64		cache_blocks;	/* by others */
} PgtWaited;

extern PgtWaited pgt_waited;

/* Clocks and counters at one moment. */
typedef struct PgtSnapshot
{
	int64		wall_ns;		/* CLOCK_MONOTONIC */
	int64		cpu_ns;			/* of this process */
	PgtBuffers	buffers;		/* the server's counters */
	PgtWaited	waited;
} PgtSnapshot;

/* The sums of several calls. */
typedef struct PgtUsage
{
	bool		begun;
	bool		incomplete;		/* waits were not recorded all the time */
	int64		elapsed_ns;
	int64		cpu_ns;
	PgtBuffers	buffers;
	PgtWaited	waited;
} PgtUsage;

/* No more CPU than time passed: the clocks are read one after the other. */
static inline int64
pgt_cpu_between(const PgtSnapshot *from, const PgtSnapshot *to)
{
	return Min(to->cpu_ns - from->cpu_ns, to->wall_ns - from->wall_ns);
}

extern void pgt_usage_add(PgtUsage *usage, const PgtSnapshot *from, const PgtSnapshot *to);

extern void pgt_snapshot(PgtSnapshot *snapshot);

/* ---- What the kernel has charged for an execution (charge.c) ---- */

typedef struct PgtCharged
{
	bool		open;			/* the process works for it, since from */
	uint32		statement;		/* PgtCharge.statement */
	int64		start_ns;		/* 0: has not begun */
	PgtRusage	from;			/* or, where it is not open, when that ended */
	PgtRusage	sum;
} PgtCharged;

extern void pgt_charge_install(void);

/* A call of the execution begins; pause: one has ended; write: no more will come. */
extern void pgt_charge_begin(PgtCharged *charged, uint32 cursor, int depth, int64 now_ns);
extern void pgt_charge_pause(PgtCharged *charged);
extern void pgt_charge_write(PgtCharged *charged, uint32 cursor, int depth, int64 cpu_ns);

/* Its memory is freed. */
extern void pgt_charge_forget(const PgtCharged *charged);

/* Something begins that belongs to no execution. */
extern void pgt_charge_settle(void);

/*
 * A call in progress; lives on the C stack of the hook that serves it, linked
 * from the innermost outwards.
 */
typedef struct PgtFrame
{
	struct PgtFrame *outer;
	uint32		cursor;			/* 0: its text is not known yet */
	uint8		kind;			/* PGT_CALL_* */
	bool		traced;
	uint16		flags;			/* PGT_CALL_* */
	uint16		depth;			/* of the call */
	uint32		plan_hash;
	struct PgtExec *exec;		/* execution that it belongs to, or NULL */
	const char *text;			/* a PARSE's source text */
	int			location;		/* of the statement in the text */
	int			length;
	const char *tag;			/* a PARSE's command tag */
	PgtSnapshot start;
	PgtCharged	charged;		/* of an execution that has this call alone */
} PgtFrame;

/* The innermost call in progress, and how deep the next one will be. */
extern PgtFrame *pgt_frame;
extern int	pgt_depth;

/*
 * Is pg_trace itself at work, on names and values that a record needs?  What it
 * reads of the catalogs is no statement's.  An error leaves it set until the
 * next call begins.
 */
extern bool pgt_own_work;

extern void pgt_frame_push(PgtFrame *frame, uint8 kind, uint32 cursor,
						   const PgtSnapshot *start);
extern void pgt_frame_pop(PgtFrame *frame);

/* The frame of a client's call that runs already, filled in by who calls. */
extern void pgt_frame_attach(PgtFrame *frame);

/* The call ended: write its record. */
extern void pgt_frame_done(PgtFrame *frame, uint64 rows, const PgtSnapshot *end);

/*
 * An error jumps out of the call (in PG_CATCH): write its record, the error
 * and what is known of the plan; pops the frame.
 */
extern void pgt_frame_failed(PgtFrame *frame);

/* The same without popping: also where a FATAL error ends the process. */
struct PgtErrorInfo;
extern void pgt_frame_failed_with(PgtFrame *frame, const struct PgtErrorInfo *error);

/* ---- Arrival of messages (message_clock.c) ---- */

/* Why arrivals are not seen, or NULL where they are. */
extern const char *pgt_message_clock_why_not(void);

/* recv() has returned with data from the client. */
extern void pgt_message_received(void);

/*
 * Is the server at work on what the client has sent, so that a statement may be
 * parsed whose text is not known yet?  Not while it ends a transaction.
 */
extern bool pgt_message_may_parse(void);
extern void pgt_message_transaction_ends(bool ends);

/* The server begins to wait for its client. */
extern void pgt_message_idle(void);

/* The moment at which the client's last data arrived, or NULL. */
extern const PgtSnapshot *pgt_message_arrival(void);

/* ---- Parse calls and messages (hooks_parse.c) ---- */

extern void pgt_parse_install(void);

/* Where the time that no call has taken yet begins. */
extern void pgt_boundary_set(const PgtSnapshot *now);
extern void pgt_message_watch(void);
extern void pgt_parse_flush(void);

/* The transaction has ended: a plan that waits will not be executed. */
extern void pgt_parse_xact_end(void);

/*
 * A plan starts to execute: does it stay in the plan cache after?  At the top
 * level writes the PARSE of a plan that came from the cache.
 */
extern void pgt_parse_plan_used(const PlannedStmt *stmt, uint32 cursor, uint32 plan_hash,
								bool *kept_in_cache, const PgtSnapshot *now);

/* An error that no call saw: in raw parse, analysis or bind. */
extern void pgt_parse_failed(const struct PgtErrorInfo *error);

/* ---- Executor and utility hooks (hooks_exec.c, hooks_utility.c) ---- */

struct PgtPlanText;

/* One execution of a plan, from ExecutorStart to ExecutorEnd. */
typedef struct PgtExec
{
	struct PgtExec *next;
	QueryDesc  *desc;
	uint32		cursor;
	struct PgtPlanText *plan;	/* released when the execution is forgotten */
	bool		returns_rows;	/* its runs are FETCH calls */
	bool		exec_written;
	bool		plan_cached;	/* plan stays in the cache at CLOSE */
	bool		plan_written;
	bool		summary_written;
	bool		of_worker;		/* a parallel worker's part of its leader's */
	uint32		untraced_workers;	/* of the session, before it began */
	char	   *px;				/* what its workers are told, or NULL */
	uint64		rows;
	PgtSnapshot start;			/* of the EXEC call */
	PgtUsage	usage;			/* of its EXEC and FETCH calls */
	PgtCharged	charged;		/* for them */
	struct PgtNodes *nodes;		/* node accounting, or NULL */
	MemoryContextCallback forget;
} PgtExec;

/* Write the execution's account, once: after its plan. */
extern void pgt_exec_write_summary(PgtExec *exec, int depth);

/* Are its runs FETCH calls? */
extern bool pgt_returns_rows(const QueryDesc *desc);

extern void pgt_exec_install(void);
extern void pgt_utility_install(void);

/*
 * The EXEC of a COMMIT or ROLLBACK is open until its transaction has ended;
 * error: what made it fail, or NULL.
 */
extern bool pgt_utility_is_held(void);
extern void pgt_utility_held_done(const struct PgtErrorInfo *error);

/* ---- Names of relations for their files' numbers (objects.c) ---- */

/* An execution has started: tell what its relations are called. */
extern void pgt_objects_tell(const QueryDesc *desc);

/* ---- Transactions and errors (hooks_xact.c) ---- */

extern void pgt_xact_install(void);

/* What is remembered of an error, without an allocation. */
typedef struct PgtErrorInfo
{
	bool		fatal;
	char		sqlstate[8];
	int			position;		/* characters from 1 in the source text, 0 none */
	uint32		message_length;
	char		message[2048];
} PgtErrorInfo;

extern void pgt_error_take(PgtErrorInfo *info, const ErrorData *edata);

/* The error being thrown, in a PG_CATCH block. */
extern const PgtErrorInfo *pgt_error_current(void);

/*
 * The error has been written with the call that failed: not again when it is
 * reported; false: the message is over.
 */
extern void pgt_error_written(bool written);

/* ---- Cursors: statements by text and place (cursors.c) ---- */

/*
 * The cursor number of a statement, from 101; writes its text, as of time_ns,
 * when the trace has not got it yet.  location and length as in PlannedStmt.
 */
extern uint32 pgt_cursor(const char *text, int location, int length,
						 int depth, const char *tag, int64 time_ns);

/* As pgt_cursor, but of a text that could not be parsed. */
extern uint32 pgt_cursor_parse_error(const char *text, int location, int length,
									 int depth, const char *tag, const PgtErrorInfo *error);

/* Has this text been seen without an error? */
extern bool pgt_cursor_known(const char *text, int location, int length,
							 int depth, uint32 *cursor);

/* Is this the first execution of the cursor that pgt_cursor has just returned? */
extern bool pgt_cursor_first_execution(uint32 cursor);
extern void pgt_cursors_forget_sent(void);

/* Cursors get numbers above this one. */
extern void pgt_cursors_begin_at(uint32 number);

/* Texts and names that were sent in an earlier generation are sent again. */
extern uint32 pgt_cursors_generation(void);

/* ---- Plans (plan_text.c, node_account.c) ---- */

/* How a node is called. */
typedef struct PgtNodeText
{
	const char *text;			/* NUL-terminated; NULL: no such node */
	uint32		length;
	Oid			object;			/* pg_class OID, or InvalidOid */
} PgtNodeText;

/* What is made of a plan; shared by its executions. */
typedef struct PgtPlanText
{
	uint64		fingerprint;	/* of the plan */
	uint64		generation;		/* of the names in it */
	int			users;
	uint32		hash;			/* the same for the same shape, anywhere */
	int			count;
	PgtNodeText nodes[FLEXIBLE_ARRAY_MEMBER];	/* by Plan.plan_node_id */
} PgtPlanText;

/* May look into the catalogs.  To be released. */
extern PgtPlanText *pgt_plan_text(const PlannedStmt *stmt);
extern void pgt_plan_text_release(PgtPlanText *plan);

typedef struct PgtNodes PgtNodes;

/* Attach own accounting to a plan that has just been started. */
extern PgtNodes *pgt_nodes_attach(QueryDesc *desc, const PgtPlanText *plan);

/* Write PLAN and NODE records; failed: the execution ended in an error. */
extern void pgt_nodes_write(PgtExec *exec, int depth, bool failed);

/* The plan of a statement that ran already when its session was switched on. */
extern void pgt_nodes_write_running(QueryDesc *desc, uint32 cursor);

/* The node that is executing; saved and restored around nested executors. */
typedef struct PgtNodeAccount PgtNodeAccount;
extern __attribute__((visibility("hidden"))) PgtNodeAccount *pgt_current_node;

/* Around an executor run inside of which other plans' nodes execute. */
typedef struct PgtNodeScope
{
	PgtNodeAccount *outer;		/* node that was executing, or NULL */
	uint64		ticks;			/* when it was left */
	PgtBuffers	buffers;		/* the counters then */
	WalUsage	wal;
} PgtNodeScope;

extern void pgt_nodes_enter(PgtNodeScope *scope);
extern void pgt_nodes_leave(const PgtNodeScope *scope);

/* As pgt_nodes_leave, in PG_CATCH. */
extern void pgt_nodes_abandon(const PgtNodeScope *scope);

/* ---- Binds (binds.c) ---- */

extern void pgt_binds_write(uint32 cursor, int depth, ParamListInfo params);

/* ---- Encoders (events.c) ---- */

extern void pgt_event_session(bool more);
/* False where it was dropped. */
extern bool pgt_event_attribute(uint32 key, const char *text, bool more);
extern void pgt_event_session_end(uint32 reason);
extern void pgt_event_call(const PgtFrame *frame, const PgtSnapshot *end, uint64 rows);
extern void pgt_event_error(uint32 cursor, int depth, uint16 flags,
							const PgtErrorInfo *error);
extern void pgt_event_xact_end(bool rollback, bool read_only, int depth);

/* Nothing where waits were not recorded all the time. */
extern void pgt_event_summary(uint32 cursor, int depth, const PgtUsage *usage);
extern void pgt_event_charge(uint32 cursor, int depth, const PgtCharged *charged,
							 const PgtRusage *usage);

/*
 * The call that the process works for from now on, or NULL; only where the
 * daemon asks for it.
 */
extern void pgt_event_runs(const PgtFrame *frame);

/* ---- What can be shown (capabilities.c) ---- */

/* Write an attribute for each that is missing; more attributes follow. */
extern void pgt_capabilities_tell(void);

/* ---- The daemon's background worker (daemon_worker.c) ---- */

extern void pgt_daemon_worker_register(void);

#endif							/* PG_TRACE_H */
