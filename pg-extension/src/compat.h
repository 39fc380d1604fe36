/*-------------------------------------------------------------------------
 *
 * compat.h
 *	  Differences between PostgreSQL majors; the only place (with compat.c)
 *	  that looks at PG_VERSION_NUM.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_COMPAT_H
#define PG_TRACE_COMPAT_H

#include "executor/execdesc.h"
#include "executor/instrument.h"
#include "nodes/plannodes.h"
#include "parser/analyze.h"
#include "tcop/utility.h"

#if PG_VERSION_NUM < 150000
#error "pg_trace needs PostgreSQL 15 or later"
#endif

/* The server that this is built for, as server_version_num shows it. */
#define PGT_SERVER_VERSION_NUM PG_VERSION_NUM

/*
 * Reads are begun by mdstartreadv, and waited for later.  A block that another
 * session has read by then is counted as a hit that late.
 */
#define PGT_STARTS_READS (PG_VERSION_NUM >= 180000)

/* The per-node instrumentation that PlanState.instrument points to. */
#if PG_VERSION_NUM >= 190000
typedef NodeInstrumentation PgtServerInstr;
#define PGT_INSTR_BASE(i)	(&(i)->instr)
#else
typedef Instrumentation PgtServerInstr;
#define PGT_INSTR_BASE(i)	(i)
#endif

/* ExecutorRun lost its last argument in 18. */
#if PG_VERSION_NUM >= 180000
#define PGT_EXECUTOR_RUN_ARGS \
	QueryDesc *queryDesc, ScanDirection direction, uint64 count
#define PGT_EXECUTOR_RUN_PASS queryDesc, direction, count
#else
#define PGT_EXECUTOR_RUN_ARGS \
	QueryDesc *queryDesc, ScanDirection direction, uint64 count, bool execute_once
#define PGT_EXECUTOR_RUN_PASS queryDesc, direction, count, execute_once
#endif

/* planner got an ExplainState in 19. */
#if PG_VERSION_NUM >= 190000
#define PGT_PLANNER_ARGS \
	Query *parse, const char *query_string, int cursorOptions, \
	ParamListInfo boundParams, ExplainState *es
#define PGT_PLANNER_PASS parse, query_string, cursorOptions, boundParams, es
#else
#define PGT_PLANNER_ARGS \
	Query *parse, const char *query_string, int cursorOptions, \
	ParamListInfo boundParams
#define PGT_PLANNER_PASS parse, query_string, cursorOptions, boundParams
#endif

/* The post-parse-analysis hook may not write to this since 19. */
#if PG_VERSION_NUM >= 190000
typedef const JumbleState PgtJumbleState;
#else
typedef JumbleState PgtJumbleState;
#endif

/* Asynchronous I/O, and processes that do it for others, since 18. */
#if PG_VERSION_NUM >= 180000
#define PGT_HAS_AIO
#define PGT_IO_WORKER	B_IO_WORKER
#else
#define PGT_IO_WORKER	((BackendType) -1)
#endif

/* A signal's handler has a type of its own since 19. */
#ifndef PG_SIG_IGN
#define PG_SIG_DFL	SIG_DFL
#define PG_SIG_IGN	SIG_IGN
#endif

/* Seconds that the server's instrumentation counted, as ns. */
extern int64 pgt_compat_startup_ns(const PgtServerInstr *instr);
extern int64 pgt_compat_total_ns(const PgtServerInstr *instr);

/* Heap pages of a bitmap heap scan. */
struct BitmapHeapScanState;
extern void pgt_compat_bitmap_pages(struct BitmapHeapScanState *state,
									int64 *exact, int64 *lossy);

/* Where a relation's file is: tablespace, database, file (0: mapped). */
struct RelationData;
extern void pgt_compat_relation_file(const struct RelationData *relation, uint32 file[3]);

/* The same of a relation of the storage manager. */
struct SMgrRelationData;
extern void pgt_compat_smgr_file(const struct SMgrRelationData *relation, uint32 file[3]);

/*
 * The block in a shared buffer (from 0): tablespace, database, file and fork,
 * and its number.
 */
extern void pgt_compat_buffer_tag(int buffer, uint32 file[4], uint32 *block);

/* The same of a BufferTag. */
extern void pgt_compat_tag(const void *buffer_tag, uint32 file[4], uint32 *block);

/* Does a shared buffer (from 0) hold its block, or is that still to be read? */
extern bool pgt_compat_buffer_is_valid(int buffer);

/*
 * Does the server come to blocks that it has to read in the order in which it has
 * looked for them?
 */
extern bool pgt_compat_reads_in_order(void);

/* An error where there is no such database. */
extern Oid	pgt_compat_database_oid(const char *name);

/* The processes of pg_stat_activity, from 0; NULL where one has gone. */
struct PgBackendStatus;
extern int	pgt_compat_backend_count(void);
extern const struct PgBackendStatus *pgt_compat_backend(int index);

/* CLUSTER, which is a kind of REPACK since 19. */
extern bool pgt_compat_is_cluster(const Node *statement);

/* Do leader and workers of a parallel query wait for each other so? */
extern bool pgt_compat_is_parallel_wait(uint32 event);

/* Would the server take a lock to name this wait event? */
extern bool pgt_compat_wait_name_needs_lock(uint32 event);

/* A range table entry's relation of a scan, or InvalidOid. */
extern const char *pgt_compat_join_name(JoinType type);

#endif							/* PG_TRACE_COMPAT_H */
