/*-------------------------------------------------------------------------
 *
 * ring_layout.h
 *	  The one definition of what lies in a pg_trace shared-memory segment.
 *
 * Everything here is read by programs that are not PostgreSQL (the daemon maps
 * the same file), so it uses fixed-size types only, includes no server header
 * and compiles alone.  Offsets and sizes are pinned to literals by the static
 * asserts at the end; tests/ring prints them to a golden file that the C and
 * the Java tests both compare with.
 *
 * A segment is one sparse file:
 *
 *	  PgtSegment header (4096 bytes)
 *	  slot_count x PgtSlot (1024 bytes each), one a session
 *	  slot_count x PgtSlot, one a session: of its workers' ring
 *	  2 * slot_count x ring (ring_size bytes each, reserved only while in use),
 *	  in the order of the slots
 *
 * All numbers are in the byte order of the machine (little-endian on the
 * supported ones); PgtSegment.endian says so to a reader.
 *
 * Who may write what
 *	  Each field's comment names its writer: [server] the postmaster, once,
 *	  before state becomes READY; [backend] the process that owns the slot;
 *	  [daemon] the attached daemon; [claim] changes hands by compare-and-swap.
 *	  Neither side trusts the other: every position and length is checked by
 *	  who reads it.
 *
 * Why one ring needs no lock
 *	  One writer (the process of the slot), one reader (the daemon that holds
 *	  PGT_LOCK_DAEMON).  head and read_pos only grow; a ring offset is
 *	  position % ring_size.  The writer stores a whole record and then head with
 *	  release order; the reader loads head with acquire order, so each record
 *	  below head is complete.  The reader stores read_pos with release order
 *	  after it has written and committed what it read; the writer loads it with
 *	  acquire order before it uses the space again.  A record never wraps: a PAD
 *	  record fills the end of the ring.
 *
 * Workers' rings
 *	  What other processes do for a session (parallel workers, I/O workers) they
 *	  write to the session's second ring.  It has several writers, one at a
 *	  time: who writes a record holds PgtSlot.lock for as long.  Times may go
 *	  back in it by as long as a writer may be kept from writing.  Its slot is
 *	  ACTIVE while the session's is and it has memory, and has the session's
 *	  session_number.
 *
 * Exactly once
 *	  The daemon describes "up to ring position P, and W of the workers' ring, the
 *	  trace file F of length L holds everything" in commit[n & 1], then stores
 *	  commit_seq = n with release order, then read_pos = P, and W in the workers'
 *	  slot.  A daemon that starts again takes commit[commit_seq & 1], cuts the
 *	  file to L, and reads on at P and W.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_RING_LAYOUT_H
#define PG_TRACE_RING_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

/* "PGTRACE1" read as a little-endian number. */
#define PGT_MAGIC			UINT64_C(0x3145434152544750)
#define PGT_ENDIAN			UINT32_C(0x01020304)

/* Another major: do not read.  Another minor: fields or events were added. */
#define PGT_LAYOUT_MAJOR	1
#define PGT_LAYOUT_MINOR	0

#define PGT_SEGMENT_HEADER_SIZE 4096
#define PGT_SLOT_SIZE		1024
#define PGT_RECORD_ALIGN	8

/*
 * Segment files are named PGT_FILE_PREFIX <cluster> "." <postmaster pid>, and
 * ".2" and so on behind that where an earlier server with the same pid (of a
 * container: always 1) has left a file that nobody has read yet.
 */
#define PGT_FILE_PREFIX		"pg_trace."

/* Limits, in bytes.  The longest record that a reader has to expect. */
#define PGT_RECORD_MAX		16384
/* Variable text in one record; longer text goes on in the next one. */
#define PGT_CHUNK_MAX		8192
#define PGT_RING_SIZE_MIN	(64 * 1024)
#define PGT_RING_SIZE_MAX	(1024 * 1024 * 1024)
#define PGT_SLOTS_MAX		4096

/*
 * Who is alive: each holds a lock (fcntl, write, one byte) on the segment file
 * for as long as it lives, and the kernel takes it away with the last process
 * that holds it, in whatever PID namespace that is.  A slot's byte is the first
 * one of the slot; it is locked before the slot is claimed.  The first byte of a
 * slot's control is locked by a program that traces the session from outside
 * for as long as it runs, so that there is one at a time.
 */
#define PGT_LOCK_SERVER		0	/* the postmaster and its children, shared */
#define PGT_LOCK_DAEMON		1	/* the one daemon that drains the segment */

/* A daemon whose heartbeat is older than this is not attached, ns. */
#define PGT_HEARTBEAT_TIMEOUT_NS	INT64_C(2000000000)

/* PgtSegment.state */
#define PGT_SEGMENT_INITIALISING	0
#define PGT_SEGMENT_READY			1
#define PGT_SEGMENT_STOPPED			2	/* the server has shut down cleanly */

/* PgtSegment.clock_id: what PgtRecord.time_ns counts. */
#define PGT_CLOCK_MONOTONIC			1

/* PgtSegment.daemon_wants: records that are written only when asked for. */
#define PGT_WANTS_RUNS			0x01	/* PGT_EV_RUNS */

/* PgtRule.kind */
#define PGT_RULE_NONE			0	/* the place is free */
#define PGT_RULE_APPLICATION	1
#define PGT_RULE_ROLE			2	/* session user */
#define PGT_RULE_DATABASE		3
#define PGT_RULE_CHANGING		4	/* somebody writes it now */

/* Sessions of this name are to be traced, those that run and those to come. */
typedef struct PgtRule
{
	uint32_t	kind;			/* [claim] PGT_RULE_* */
	uint32_t	reserved;
	uint64_t	control;		/* [claim] PGT_CONTROL_ON and so on */
	char		name[64];		/* [claim] NUL padded */
} PgtRule;

#define PGT_RULES				30

typedef struct PgtSegment
{
	uint64_t	magic;			/* [server] PGT_MAGIC */
	uint32_t	endian;			/* [server] PGT_ENDIAN */
	uint16_t	layout_major;	/* [server] */
	uint16_t	layout_minor;	/* [server] */
	uint32_t	header_size;	/* [server] bytes before the first slot */
	uint32_t	slot_size;		/* [server] bytes */
	uint32_t	slot_count;		/* [server] sessions */
	uint32_t	record_align;	/* [server] bytes */
	uint64_t	rings_offset;	/* [server] of slot 0's ring in the file */
	uint64_t	ring_size;		/* [server] bytes of one ring */
	uint64_t	segment_size;	/* [server] bytes of the whole file */
	uint32_t	state;			/* [server] PGT_SEGMENT_*, release order */
	int32_t		server_pid;		/* [server] postmaster */
	uint64_t	server_start_ticks; /* [server] field 22 of its
									 * /proc/pid/stat */
	uint32_t	server_version_num; /* [server] such as 150020 */
	uint32_t	clock_id;		/* [server] PGT_CLOCK_* */
	int64_t		anchor_mono_ns; /* [server] one moment on both clocks */
	int64_t		anchor_wall_ns; /* [server] Unix epoch */
	uint32_t	port;			/* [server] */
	uint32_t	block_size;		/* [server] bytes, BLCKSZ */
	uint32_t	session_counter;	/* [claim] last session_number given */
	uint32_t	control_generation; /* [claim] + 1 after a slot's control has
									 * changed or a slot has been offered */
	char		cluster[64];	/* [server] cluster_name or pg<port>, NUL
								 * padded, no slash */
	char		server_version[64]; /* [server] as server_version shows it */
	char		data_directory[512];	/* [server] */
	char		boot_id[40];	/* [server] kernel's boot_id */
	char		no_requests[192];	/* [server] why its processes do not see
									 * PgtSlot.control; empty: they do */
	uint8_t		reserved1[40];

	/* Own cache lines: written by the daemon while it is attached. */
	int32_t		daemon_pid;		/* [daemon] 0: none */
	uint32_t	daemon_generation;	/* [daemon] + 1 at each attach */
	uint64_t	daemon_start_ticks; /* [daemon] */
	int64_t		daemon_heartbeat_ns;	/* [daemon] monotonic clock */
	char		trace_dir[512]; /* [daemon] absolute */
	uint32_t	daemon_wants;	/* [daemon] PGT_WANTS_* */
	uint8_t		reserved2[36];

	/* Own cache lines: sessions that are to be traced by what they are. */
	PgtRule		rules[PGT_RULES];
	uint8_t		reserved3[96];
} PgtSegment;

/* PgtSlot.state */
#define PGT_SLOT_FREE		0	/* nobody's; its ring holds no memory */
#define PGT_SLOT_CLAIMED	1	/* [backend] filling it in */
#define PGT_SLOT_ACTIVE		2	/* traced, or paused by its session */
#define PGT_SLOT_CLOSED		3	/* the session has ended; daemon drains */
#define PGT_SLOT_FREEING	4	/* [daemon] giving the memory back */
#define PGT_SLOT_OFFERED	5	/* made ready for the process of its pid and
								 * start_ticks, which has not taken it yet */

/* PgtSlot.backend_type */
#define PGT_BACKEND_CLIENT		1
#define PGT_BACKEND_PARALLEL	2
#define PGT_BACKEND_BACKGROUND	3
#define PGT_BACKEND_AUTOVACUUM	4
#define PGT_BACKEND_WALSENDER	5
#define PGT_BACKEND_AUXILIARY	6

typedef struct PgtCommit
{
	uint64_t	read_pos;		/* consumed up to here */
	uint64_t	file_length;	/* bytes of the trace file that stand for it */
	uint64_t	file_number;	/* 0 before the first file of the session */
	uint64_t	workers_read_pos;	/* the same of the workers' ring */
} PgtCommit;

/*
 * PgtSlot.control: what somebody else asks of the session, in one word, so that
 * it is never seen half written; 0: nothing.  The counter makes each request
 * another word.
 */
#define PGT_CONTROL_OFF			1
#define PGT_CONTROL_ON			2
#define PGT_CONTROL(action, level, blocks, plan_stat, counter) \
	((uint64_t) (action) | (uint64_t) (level) << 8 | (uint64_t) (blocks) << 16 | \
	 (uint64_t) (plan_stat) << 24 | (uint64_t) (counter) << 32)
#define PGT_CONTROL_ACTION(control)		((uint8_t) (control))
#define PGT_CONTROL_LEVEL(control)		((uint8_t) ((control) >> 8))
#define PGT_CONTROL_BLOCKS(control)		((uint8_t) ((control) >> 16))	/* PGT_BLOCKS_* */
#define PGT_CONTROL_PLAN_STAT(control)	((uint8_t) ((control) >> 24))	/* PGT_PLAN_STAT_* */
#define PGT_CONTROL_COUNTER(control)	((uint32_t) ((control) >> 32))

/* Which blocks have a record each. */
#define PGT_BLOCKS_OFF			0	/* none */
#define PGT_BLOCKS_PHYSICAL		1	/* those read and written */
#define PGT_BLOCKS_ALL			2	/* those found in a buffer, too */

typedef struct PgtSlot
{
	/* Who it is. */
	uint32_t	state;			/* [claim] PGT_SLOT_* */
	int32_t		pid;			/* [backend] */
	uint64_t	start_ticks;	/* [backend] field 22 of /proc/pid/stat */
	int32_t		leader_pid;		/* [backend] 0: is no parallel worker */
	uint32_t	backend_type;	/* [backend] PGT_BACKEND_* */
	uint32_t	session_number; /* [backend] unique in the segment */
	uint32_t	enabled;		/* [backend] 1 while tracing, 0 paused */
	int64_t		anchor_mono_ns; /* [backend] one moment on both clocks */
	int64_t		anchor_wall_ns; /* [backend] Unix epoch */
	uint32_t	level;			/* [backend] pg_trace.level in force */
	uint32_t	reserved0;
	uint64_t	control;		/* [claim] PGT_CONTROL, who may ask last */
	uint32_t	lock;			/* [claim] workers' ring: 1 while it is written */
	uint32_t	untraced_workers;	/* [claim] parallel workers that could not
									 * write to the workers' ring */
	uint32_t	activity;		/* [backend] + 1 where a call of its client begins
								 * and where it ends: odd while one runs */
	uint32_t	statement;		/* [backend] activity in which the client's
								 * execution began; 0: there is none */
	uint32_t	statement_cursor;	/* [backend] its cursor */
	uint32_t	reserved4;
	int64_t		statement_start_ns; /* [backend] monotonic clock */
	uint8_t		reserved3[32];

	/* What the session has written; own cache lines. */
	uint64_t	head;			/* [backend] end of the last whole record */
	uint64_t	reserved_to;	/* [backend] > head while a record is being
								 * written */
	uint64_t	events;			/* [backend] records written */
	uint64_t	lost_full;		/* [backend] records dropped: ring full */
	uint64_t	lost_too_big;	/* [backend] records dropped: over the limit */
	uint64_t	waited_ns;		/* [backend] spent waiting for the daemon */
	int64_t		gap_from_ns;	/* [backend] first event dropped since the last
								 * PgtLost record */
	uint64_t	gap_full;		/* [backend] dropped since: ring full */
	uint64_t	gap_too_big;	/* [backend] dropped since: over the limit */
	uint8_t		reserved1[56];

	/* What the daemon has done with it; own cache lines. */
	uint64_t	read_pos;		/* [daemon] space below may be used again */
	uint64_t	commit_seq;		/* [daemon] commit[commit_seq & 1] counts */
	PgtCommit	commit[2];		/* [daemon] */
	uint32_t	resend;			/* [daemon] changed: send each text again */
	uint8_t		reserved2[44];

	/* Names, NUL padded. */
	char		database[64];	/* [backend] */
	char		role[64];		/* [backend] session user */
	char		application[64];	/* [backend] */
	char		identifier[64]; /* [backend] pg_trace.tracefile_identifier */
	char		trace_file[384];	/* [daemon] absolute path */
} PgtSlot;

/*
 * Records.  Each begins with PgtRecord; its time never decreases in a ring.
 * A reader skips types that it does not know by their length, and counts them.
 */
typedef struct PgtRecord
{
	uint32_t	length;			/* bytes with this header, multiple of 8 */
	uint16_t	type;			/* PGT_EV_* */
	uint16_t	flags;			/* PGT_RF_* */
	int64_t		time_ns;		/* when the event ended */
} PgtRecord;

/* More records of the same group follow at once (texts, binds, plan nodes). */
#define PGT_RF_MORE			0x0001
/* The text of this record was cut at a limit, not by the writer's chunks. */
#define PGT_RF_TRUNCATED	0x0002
/* A wait of pg_trace's own work: a name read of a catalog, a value's text. */
#define PGT_RF_OWN_WORK		0x0004
/* In a workers' ring, from this bit on: number of the parallel worker, from 1. */
#define PGT_RF_WORKER_SHIFT	4
#define PGT_RF_WORKER(flags)	((uint16_t) (flags) >> PGT_RF_WORKER_SHIFT)
#define PGT_WORKER_MAX		1024
/*
 * A worker's own numbers of cursors and files begin at its number shifted by so
 * many bits; the session's are below 1 << 20.
 */
#define PGT_WORKER_NUMBERS_SHIFT	20

#define PGT_EV_PAD				1	/* nothing; fills the end of the ring */
#define PGT_EV_LOST				2	/* PgtLost */
#define PGT_EV_SESSION			3	/* PgtSession: tracing switched on */
#define PGT_EV_ATTRIBUTE		4	/* PgtAttribute + text */
#define PGT_EV_SESSION_END		5	/* PgtSessionEnd: tracing switched off */
#define PGT_EV_STATEMENT		6	/* PgtStatement + text */
#define PGT_EV_CALL				7	/* PgtCall */
#define PGT_EV_BIND				8	/* PgtBind + type name + value */
#define PGT_EV_PLAN				9	/* PgtPlan, then a PgtNode each node */
#define PGT_EV_NODE				10	/* PgtNode + operation text */
#define PGT_EV_ERROR			11	/* PgtError + message */
#define PGT_EV_XACT_END			12	/* PgtXactEnd */
#define PGT_EV_WAIT				13	/* PgtWait */
#define PGT_EV_WAIT_NAME		14	/* PgtWaitName + type + name */
#define PGT_EV_FILE_NAME		15	/* PgtFileName + path */
#define PGT_EV_OBJECT			16	/* PgtObject + name */
#define PGT_EV_SUMMARY			17	/* PgtSummary */
#define PGT_EV_IDLE				18	/* PgtRecord: the server is through with
									 * what the client has sent */
#define PGT_EV_HITS				19	/* PgtHits, then a PgtSpan each span */
#define PGT_EV_CHARGE			20	/* PgtCharge */
#define PGT_EV_RUNS				21	/* PgtRuns: where PGT_WANTS_RUNS */

/* Events dropped between two moments, by cause. */
typedef struct PgtLost
{
	PgtRecord	rec;			/* time_ns: the gap's end */
	int64_t		from_ns;		/* time of the first event dropped */
	uint64_t	full;			/* ring full */
	uint64_t	too_big;		/* record over PGT_RECORD_MAX */
} PgtLost;

/* PgtSession.plan_stat */
#define PGT_PLAN_STAT_NEVER		0
#define PGT_PLAN_STAT_FIRST		1
#define PGT_PLAN_STAT_ALL		2

/* PgtSession.node_timing and PgtPlan.node_timing */
#define PGT_TIMING_OFF			0
#define PGT_TIMING_SAMPLED		1
#define PGT_TIMING_EXACT		2
#define PGT_TIMING_SERVER		3	/* somebody else's instrumentation: exact */

/* Tracing of the session begins, or its settings change. */
typedef struct PgtSession
{
	PgtRecord	rec;
	uint32_t	level;			/* 1, + 4 binds, + 8 waits */
	uint32_t	plan_stat;		/* PGT_PLAN_STAT_* */
	uint32_t	node_timing;	/* PGT_TIMING_* */
	uint32_t	max_bind_length;	/* bytes */
} PgtSession;

/* PgtAttribute.key */
#define PGT_ATTR_DATABASE		1
#define PGT_ATTR_APPLICATION	2
#define PGT_ATTR_CLIENT_ADDRESS	3	/* empty: local socket */
#define PGT_ATTR_ROLE			4	/* session user */
#define PGT_ATTR_BACKEND_TYPE	5	/* as pg_stat_activity shows it */
#define PGT_ATTR_CAPABILITY		6	/* "name: detail", one that is missing */
#define PGT_ATTR_IDENTIFIER		7	/* pg_trace.tracefile_identifier has changed:
									 * what follows goes to another file */

typedef struct PgtAttribute
{
	PgtRecord	rec;
	uint32_t	key;			/* PGT_ATTR_* */
	uint32_t	text_length;	/* bytes that follow */
} PgtAttribute;

/* PgtSessionEnd.reason */
#define PGT_END_DISABLED		1	/* switched off; the session goes on */
#define PGT_END_EXIT			2	/* the process ends */

typedef struct PgtSessionEnd
{
	PgtRecord	rec;
	uint32_t	reason;			/* PGT_END_* */
	uint32_t	reserved;
} PgtSessionEnd;

/* PgtStatement.flags */
#define PGT_STMT_PARSE_ERROR	0x01	/* could not be parsed; err tells why */

/*
 * The text of a cursor, before the first record that names the cursor; again
 * when PgtSlot.resend has changed.  Text beyond PGT_CHUNK_MAX follows in
 * further records of the group with a growing text_offset.
 */
typedef struct PgtStatement
{
	PgtRecord	rec;
	uint32_t	cursor;			/* from 101, unique in the session */
	uint16_t	depth;			/* 0: asked for by the client */
	uint16_t	flags;			/* PGT_STMT_* */
	uint32_t	uid;			/* current role OID */
	uint32_t	lid;			/* session role OID */
	uint32_t	sqlstate;		/* with PGT_STMT_PARSE_ERROR: SQLSTATE's five
								 * characters as a number of base 36 */
	uint32_t	text_total;		/* bytes of the whole text */
	uint32_t	text_offset;	/* of this record's part */
	uint32_t	text_length;	/* bytes that follow */
	char		tag[32];		/* command tag, NUL padded */
} PgtStatement;

/* PgtCall.kind */
#define PGT_CALL_PARSE			1
#define PGT_CALL_EXEC			2
#define PGT_CALL_FETCH			3
#define PGT_CALL_CLOSE			4

/* PgtCall.flags */
#define PGT_CALL_FAILED			0x0001	/* an error ended it */
#define PGT_CALL_PLAN_MADE		0x0002	/* PARSE: the planner made a plan */
#define PGT_CALL_PLAN_CACHED	0x0004	/* CLOSE: the plan stays cached */
#define PGT_CALL_UTILITY		0x0008	/* EXEC of a utility command */
#define PGT_CALL_PARTIAL		0x0010	/* ran already when tracing began, which
										 * is when start_ns is */

/* Block counters of the server, in the order of its BufferUsage. */
typedef struct PgtBuffers
{
	int64_t		shared_hit;
	int64_t		shared_read;
	int64_t		shared_dirtied;
	int64_t		shared_written;
	int64_t		local_hit;
	int64_t		local_read;
	int64_t		local_dirtied;
	int64_t		local_written;
	int64_t		temp_read;
	int64_t		temp_written;
} PgtBuffers;

/*
 * One database call.  Time, CPU and blocks include recursive calls; rows do
 * not.
 */
typedef struct PgtCall
{
	PgtRecord	rec;			/* time_ns: the call's end */
	uint32_t	cursor;
	uint8_t		kind;			/* PGT_CALL_* */
	uint8_t		reserved;
	uint16_t	depth;
	uint16_t	flags;			/* PGT_CALL_* */
	uint16_t	reserved1;
	uint32_t	plan_hash;		/* 0: no plan */
	int64_t		start_ns;
	int64_t		cpu_ns;			/* of the process, user + system */
	uint64_t	rows;
	PgtBuffers	buffers;
} PgtCall;

/* PgtBind.flags */
#define PGT_BIND_NULL			0x01
#define PGT_BIND_TRUNCATED		0x02

/* One bind value; the group's last record has no PGT_RF_MORE. */
typedef struct PgtBind
{
	PgtRecord	rec;
	uint32_t	cursor;
	uint16_t	depth;
	uint16_t	position;		/* from 0 */
	uint32_t	type_oid;
	uint32_t	flags;			/* PGT_BIND_* */
	uint32_t	value_total;	/* bytes of the value's text before the cut; 0
								 * where it is cut and was not measured */
	uint16_t	type_name_length;	/* bytes that follow first */
	uint16_t	value_length;	/* bytes that follow next */
} PgtBind;

/* PgtPlan.flags */
#define PGT_PLAN_FAILED			0x01	/* the execution ended in an error */
#define PGT_PLAN_WORKERS		0x02	/* workers ran: node figures below
										 * Gather are the leader's alone */
#define PGT_PLAN_RUNNING		0x04	/* tracing begins while it runs: the plan
										 * without figures */

/*
 * The plan of an execution that has ended; node_count PgtNodes follow.  That of
 * a parallel worker comes before its leader's, with the leader's node ids.
 */
typedef struct PgtPlan
{
	PgtRecord	rec;
	uint32_t	cursor;
	uint16_t	depth;
	uint16_t	flags;			/* PGT_PLAN_* */
	uint32_t	plan_hash;
	uint32_t	node_timing;	/* PGT_TIMING_* */
	uint32_t	node_count;
	uint32_t	untraced_workers;	/* that ran it and could not be traced */
} PgtPlan;

/* PgtNode.flags */
#define PGT_NODE_NEVER_RUN		0x01
#define PGT_NODE_LEADER_ONLY	0x02	/* parallel workers' share not in it */
#define PGT_NODE_SORT_DISK		0x04	/* space_kb is on disk */

/* PgtNode.removed1_kind, removed2_kind: what took rows away. */
#define PGT_REMOVED_NONE			0
#define PGT_REMOVED_FILTER			1	/* Rows Removed by Filter */
#define PGT_REMOVED_JOIN_FILTER		2	/* Rows Removed by Join Filter */
#define PGT_REMOVED_INDEX_RECHECK	3	/* Rows Removed by Index Recheck */
#define PGT_REMOVED_CONFLICT_FILTER	4	/* Rows Removed by Conflict Filter */
#define PGT_REMOVED_CONFLICTING		5	/* Conflicting Tuples */

/* PgtNode.method_kind: which of the method fields are filled. */
#define PGT_METHOD_NONE			0
#define PGT_METHOD_SORT			1	/* method_name; space_kb */
#define PGT_METHOD_HASH			2	/* buckets; batches; space_kb (peak) */
#define PGT_METHOD_HASHAGG		3	/* batches; space_kb (peak); disk_kb */
#define PGT_METHOD_MEMOIZE		4	/* buckets: hits; batches: misses;
									 * space_kb (peak); disk_kb: evictions */
#define PGT_METHOD_BITMAP		5	/* buckets: exact; batches: lossy pages */
#define PGT_METHOD_GATHER		6	/* buckets: workers planned; batches:
									 * launched */
#define PGT_METHOD_INDEX_ONLY	7	/* buckets: heap fetches */
#define PGT_METHOD_INSERT		8	/* buckets: tuples inserted */

/*
 * A plan node's figures, all loops together.  Times and buffers include the
 * children's.
 */
typedef struct PgtNode
{
	PgtRecord	rec;
	uint16_t	id;				/* from 1, preorder */
	uint16_t	parent;			/* 0: the root */
	uint16_t	position;		/* among its parent's children, from 1 */
	uint16_t	plan_node_id;	/* the server's Plan.plan_node_id */
	uint32_t	object;			/* pg_class OID, 0: none */
	uint16_t	flags;			/* PGT_NODE_* */
	uint8_t		removed1_kind;	/* PGT_REMOVED_* */
	uint8_t		removed2_kind;
	uint8_t		method_kind;	/* PGT_METHOD_* */
	uint8_t		reserved[3];
	uint32_t	width;			/* estimated bytes of a row */
	double		est_rows;		/* the planner's, one loop */
	double		total_cost;		/* the planner's */
	uint64_t	rows;			/* all loops */
	uint64_t	loops;
	int64_t		startup_ns;		/* to the first row, all loops */
	int64_t		total_ns;		/* all loops */
	PgtBuffers	buffers;
	int64_t		wal_records;
	int64_t		wal_fpi;
	int64_t		wal_bytes;
	uint64_t	removed1;
	uint64_t	removed2;
	int64_t		space_kb;
	int64_t		disk_kb;
	int64_t		buckets;
	int64_t		batches;
	char		method_name[24];	/* NUL padded */
	uint32_t	text_length;	/* bytes of operation text that follow */
	uint32_t	reserved1;
} PgtNode;

/* PgtError.flags */
#define PGT_ERROR_FATAL			0x01	/* the session ends */
#define PGT_ERROR_PARSE			0x02	/* belongs to a PARSE ERROR */

/* An error, right after the call that failed. */
typedef struct PgtError
{
	PgtRecord	rec;
	uint32_t	cursor;			/* 0: outside any statement */
	uint16_t	depth;
	uint16_t	flags;			/* PGT_ERROR_* */
	char		sqlstate[8];	/* five characters, NUL padded */
	uint32_t	position;		/* in the statement's characters, from 1; 0:
								 * none */
	uint32_t	text_length;	/* bytes of message that follow */
} PgtError;

typedef struct PgtXactEnd
{
	PgtRecord	rec;
	uint8_t		rollback;		/* 0 committed (or prepared), 1 rolled back */
	uint8_t		read_only;		/* 1: it had no transaction id */
	uint16_t	depth;			/* of the call in which it ended */
	uint32_t	reserved;
} PgtXactEnd;

/* PgtWait.kind: what its numbers are. */
#define PGT_WAIT_PLAIN			0	/* none are filled */
#define PGT_WAIT_BLOCKS			1	/* tablespace, database, file, fork; block,
									 * count; offset, bytes of the call */
#define PGT_WAIT_FILE			2	/* number of a PgtFileName (0: not known);
									 * offset, bytes */
#define PGT_WAIT_LOCK			3	/* the four fields of the lock's tag;
									 * lock_type, lock_mode, holder */
#define PGT_WAIT_CLIENT			4	/* bytes */
#define PGT_WAIT_IPC			5	/* holder: pid of who is waited for, 0: not
									 * known; number: halves of the log's
									 * position that is waited for, high, low */

/* PgtWait.call: the library's function that blocked. */
#define PGT_CALLED_READ			1	/* pread, preadv, read */
#define PGT_CALLED_WRITE		2	/* pwrite, pwritev, write */
#define PGT_CALLED_SYNC			3	/* fsync, fdatasync, sync_file_range */
#define PGT_CALLED_PREFETCH		4	/* posix_fadvise */
#define PGT_CALLED_ALLOCATE		5	/* posix_fallocate */
#define PGT_CALLED_TRUNCATE		6	/* ftruncate */
#define PGT_CALLED_POLL			7	/* epoll_wait, poll */
#define PGT_CALLED_SEMAPHORE	8	/* sem_wait, semop */
#define PGT_CALLED_SLEEP		9	/* nanosleep, clock_nanosleep, select */
#define PGT_CALLED_RECEIVE		10	/* recv */
#define PGT_CALLED_SEND			11	/* send */
#define PGT_CALLED_SUBMIT		12	/* io_uring_submit; with PGT_WAIT_BLOCKS: what
									 * io_uring has read, from when it was
									 * submitted to when the server saw it */

/* PgtWait.tier: where the bytes of a read came from. */
#define PGT_TIER_NONE			0	/* not a read, or not known */
#define PGT_TIER_CACHE			1	/* the page cache had them */
#define PGT_TIER_DISK			2	/* the kernel read a device in this call */

/*
 * PgtWait.cursor while a statement is parsed whose cursor is not known yet: that
 * of the PARSE which ends next at this depth and began before the wait; where
 * PGT_EV_IDLE or the end of the trace comes first, it was in no statement.
 */
#define PGT_CURSOR_NEXT_PARSE	UINT32_MAX

/* One call of a library's function in which the process waited, or did I/O. */
typedef struct PgtWait
{
	PgtRecord	rec;			/* time_ns: the wait's end */
	int64_t		start_ns;
	int64_t		cpu_ns;			/* of the process in between */
	uint32_t	event;			/* the server's wait_event_info; 0: none was
								 * set */
	uint32_t	cursor;			/* 0: between statements; or
								 * PGT_CURSOR_NEXT_PARSE */
	uint16_t	depth;
	uint16_t	node;			/* PgtNode.id of the node that executed; 0:
								 * none */
	uint8_t		kind;			/* PGT_WAIT_* */
	uint8_t		call;			/* PGT_CALLED_* */
	uint8_t		tier;			/* PGT_TIER_* */
	uint8_t		lock_mode;		/* the server's LOCKMODE */
	uint32_t	number[4];		/* see PGT_WAIT_* */
	uint32_t	block;			/* first one */
	uint32_t	count;			/* of blocks */
	int64_t		offset;			/* in the file, bytes; -1: not known */
	int64_t		bytes;			/* that the call moved; -1: it failed */
	uint32_t	lock_type;		/* the server's LockTagType */
	uint32_t	holder;			/* pid of who holds the lock, 0: not known;
								 * PGT_WAIT_BLOCKS: of the I/O worker that did
								 * it for this session, 0: itself */
} PgtWait;

/* Blocks of a relation, one after the other. */
typedef struct PgtSpan
{
	uint32_t	first;			/* PGT_NO_BLOCK: not known */
	uint32_t	count;			/* with PGT_SPAN_GUESS where first is a guess */
} PgtSpan;

#define PGT_NO_BLOCK	UINT32_C(0xFFFFFFFF)
#define PGT_NO_FORK		UINT32_C(0xFFFFFFFF)
#define PGT_SPAN_GUESS	UINT32_C(0x80000000)

/*
 * Blocks of one relation that were found in buffers, in their order; span_count
 * PgtSpans follow in the same record.
 */
typedef struct PgtHits
{
	PgtRecord	rec;			/* time_ns: of the last one */
	uint32_t	cursor;			/* as in PgtWait */
	uint16_t	depth;
	uint16_t	node;
	uint32_t	number[4];		/* tablespace, database, file, fork */
	uint32_t	local;			/* 1: of a temporary table */
	uint32_t	span_count;
} PgtHits;

/*
 * Where the time of an execution or of a session went: elapsed = CPU + waits +
 * what neither explains.  A wait counts without the CPU time inside of it.
 * Written only where waits were recorded from beginning to end.
 */
typedef struct PgtSummary
{
	PgtRecord	rec;
	uint32_t	cursor;			/* 0: the session, since its PgtSession */
	uint16_t	depth;
	uint16_t	reserved;
	int64_t		elapsed_ns;		/* an execution's EXEC and FETCH calls */
	int64_t		cpu_ns;
	int64_t		wait_ns;
	int64_t		think_ns;		/* part of wait_ns: for the client, between
								 * statements */
	int64_t		disk_blocks;	/* blocks read by calls in which the kernel
								 * read a device */
	int64_t		cache_blocks;	/* by others */
	PgtBuffers	buffers;
} PgtSummary;

/* What the kernel counts for a process, as getrusage() tells it. */
typedef struct PgtRusage
{
	int64_t		user_us;
	int64_t		system_us;
	int64_t		in_blocks;		/* of 512 bytes, read from a device */
	int64_t		out_blocks;		/* of 512 bytes, to be written to one */
	int64_t		minor_faults;
	int64_t		major_faults;
	int64_t		voluntary_switches;
	int64_t		involuntary_switches;
} PgtRusage;

/*
 * What the kernel has charged the process for an execution (its EXEC and FETCH
 * calls, with what they call) or a session.
 */
typedef struct PgtCharge
{
	PgtRecord	rec;
	uint32_t	cursor;			/* 0: the session, since its PgtSession */
	uint16_t	depth;
	uint16_t	reserved;
	uint32_t	statement;		/* PgtSlot.statement of a client's execution */
	uint32_t	activity;		/* PgtSlot.activity at its end */
	int64_t		start_ns;
	PgtRusage	usage;
} PgtCharge;

/* What the process works for from now on; the innermost one. */
typedef struct PgtRuns
{
	PgtRecord	rec;
	uint32_t	cursor;			/* 0: no execution */
	uint16_t	depth;
	uint16_t	kind;			/* PGT_CALL_* */
} PgtRuns;

/* What a wait event is called; before its first wait, and after a resend. */
typedef struct PgtWaitName
{
	PgtRecord	rec;
	uint32_t	event;
	uint16_t	type_length;	/* bytes that follow first */
	uint16_t	name_length;	/* bytes that follow next */
} PgtWaitName;

/* A file that is no relation's; before its first wait, and after a resend. */
typedef struct PgtFileName
{
	PgtRecord	rec;
	uint32_t	number;			/* from 1; of the last record with it */
	uint32_t	path_length;	/* bytes that follow; relative to the data
								 * directory where it lies in there */
} PgtFileName;

/* A relation whose name has become known. */
typedef struct PgtObject
{
	PgtRecord	rec;
	uint32_t	object;			/* pg_class OID */
	uint32_t	tablespace;
	uint32_t	database;
	uint32_t	file;			/* relfilenode */
	uint32_t	relkind;		/* pg_class.relkind, a character */
	uint32_t	name_length;	/* bytes that follow: schema.name */
} PgtObject;

/* Pins: a change here changes PGT_LAYOUT_MAJOR or _MINOR. */
#define PGT_PIN_SIZE(type, size) \
	_Static_assert(sizeof(type) == (size), #type " has changed its size")
#define PGT_PIN(type, field, offset) \
	_Static_assert(offsetof(type, field) == (offset), #type "." #field " has moved")

PGT_PIN_SIZE(PgtSegment, PGT_SEGMENT_HEADER_SIZE);
PGT_PIN(PgtSegment, endian, 8);
PGT_PIN(PgtSegment, layout_major, 12);
PGT_PIN(PgtSegment, slot_count, 24);
PGT_PIN(PgtSegment, rings_offset, 32);
PGT_PIN(PgtSegment, state, 56);
PGT_PIN(PgtSegment, control_generation, 108);
PGT_PIN(PgtSegment, cluster, 112);
PGT_PIN(PgtSegment, no_requests, 792);
PGT_PIN(PgtSegment, daemon_pid, 1024);
PGT_PIN(PgtSegment, trace_dir, 1048);
PGT_PIN(PgtSegment, daemon_wants, 1560);
PGT_PIN_SIZE(PgtRule, 80);
PGT_PIN(PgtSegment, rules, 1600);

PGT_PIN_SIZE(PgtSlot, PGT_SLOT_SIZE);
PGT_PIN(PgtSlot, start_ticks, 8);
PGT_PIN(PgtSlot, control, 56);
PGT_PIN(PgtSlot, lock, 64);
PGT_PIN(PgtSlot, untraced_workers, 68);
PGT_PIN(PgtSlot, activity, 72);
PGT_PIN(PgtSlot, statement_start_ns, 88);
PGT_PIN(PgtSlot, head, 128);
PGT_PIN(PgtSlot, gap_full, 184);
PGT_PIN(PgtSlot, read_pos, 256);
PGT_PIN(PgtSlot, commit, 272);
PGT_PIN(PgtSlot, resend, 336);
PGT_PIN(PgtSlot, database, 384);
PGT_PIN(PgtSlot, trace_file, 640);

PGT_PIN_SIZE(PgtRecord, 16);
PGT_PIN_SIZE(PgtLost, 40);
PGT_PIN_SIZE(PgtSession, 32);
PGT_PIN_SIZE(PgtAttribute, 24);
PGT_PIN_SIZE(PgtSessionEnd, 24);
PGT_PIN_SIZE(PgtStatement, 80);
PGT_PIN_SIZE(PgtBuffers, 80);
PGT_PIN_SIZE(PgtCall, 136);
PGT_PIN_SIZE(PgtBind, 40);
PGT_PIN_SIZE(PgtPlan, 40);
PGT_PIN_SIZE(PgtNode, 272);
PGT_PIN_SIZE(PgtError, 40);
PGT_PIN_SIZE(PgtXactEnd, 24);
PGT_PIN_SIZE(PgtWait, 96);
PGT_PIN(PgtWait, number, 48);
PGT_PIN(PgtWait, offset, 72);
PGT_PIN_SIZE(PgtSpan, 8);
PGT_PIN_SIZE(PgtHits, 48);
PGT_PIN_SIZE(PgtSummary, 152);
PGT_PIN_SIZE(PgtRusage, 64);
PGT_PIN_SIZE(PgtCharge, 104);
PGT_PIN_SIZE(PgtRuns, 24);
PGT_PIN_SIZE(PgtWaitName, 24);
PGT_PIN_SIZE(PgtFileName, 24);
PGT_PIN_SIZE(PgtObject, 40);

#endif							/* PG_TRACE_RING_LAYOUT_H */
