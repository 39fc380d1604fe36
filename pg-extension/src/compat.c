/*-------------------------------------------------------------------------
 *
 * compat.c
 *	  Differences between PostgreSQL majors, see compat.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#if PG_VERSION_NUM >= 190000
#include "catalog/pg_database.h"
#else
#include "commands/dbcommands.h"
#endif
#include "nodes/execnodes.h"
#if PG_VERSION_NUM >= 180000
#include "storage/aio.h"
#endif
#include "storage/buf_internals.h"
#include "storage/lwlock.h"
#include "storage/smgr.h"
#include "utils/backend_status.h"
#include "utils/rel.h"
#include "utils/wait_event.h"

#include "compat.h"

#if PG_VERSION_NUM >= 190000
#define SECONDS_TO_NS(t)	INSTR_TIME_GET_NANOSEC(t)
#else
#define SECONDS_TO_NS(t)	((int64) ((t) * 1e9 + 0.5))
#endif

int64
pgt_compat_startup_ns(const PgtServerInstr *instr)
{
	return SECONDS_TO_NS(instr->startup);
}

int64
pgt_compat_total_ns(const PgtServerInstr *instr)
{
	return SECONDS_TO_NS(PGT_INSTR_BASE(instr)->total);
}

void
pgt_compat_bitmap_pages(struct BitmapHeapScanState *state,
						int64 *exact, int64 *lossy)
{
#if PG_VERSION_NUM >= 180000
	*exact = (int64) state->stats.exact_pages;
	*lossy = (int64) state->stats.lossy_pages;
#else
	*exact = (int64) state->exact_pages;
	*lossy = (int64) state->lossy_pages;
#endif
}

void
pgt_compat_buffer_tag(int buffer, uint32 file[4], uint32 *block)
{
	pgt_compat_tag(&GetBufferDescriptor(buffer)->tag, file, block);
}

void
pgt_compat_tag(const void *buffer_tag, uint32 file[4], uint32 *block)
{
	const BufferTag *tag = buffer_tag;

#if PG_VERSION_NUM >= 160000
	file[0] = tag->spcOid;
	file[1] = tag->dbOid;
	file[2] = BufTagGetRelNumber(tag);
	file[3] = (uint32) BufTagGetForkNum(tag);
#else
	file[0] = tag->rnode.spcNode;
	file[1] = tag->rnode.dbNode;
	file[2] = tag->rnode.relNode;
	file[3] = (uint32) tag->forkNum;
#endif
	*block = tag->blockNum;
}

bool
pgt_compat_buffer_is_valid(int buffer)
{
#if PG_VERSION_NUM >= 190000
	return (pg_atomic_read_u64(&GetBufferDescriptor(buffer)->state) & BM_VALID) != 0;
#else
	return (pg_atomic_read_u32(&GetBufferDescriptor(buffer)->state) & BM_VALID) != 0;
#endif
}

/* Asynchronously, blocks that others have read may be passed over. */
bool
pgt_compat_reads_in_order(void)
{
#if PG_VERSION_NUM >= 180000
	return io_method == IOMETHOD_SYNC;
#else
	return true;
#endif
}

void
pgt_compat_relation_file(const struct RelationData *relation, uint32 file[3])
{
#if PG_VERSION_NUM >= 160000
	file[0] = relation->rd_locator.spcOid;
	file[1] = relation->rd_locator.dbOid;
	file[2] = relation->rd_locator.relNumber;
#else
	file[0] = relation->rd_node.spcNode;
	file[1] = relation->rd_node.dbNode;
	file[2] = relation->rd_node.relNode;
#endif
}

void
pgt_compat_smgr_file(const struct SMgrRelationData *relation, uint32 file[3])
{
#if PG_VERSION_NUM >= 160000
	file[0] = relation->smgr_rlocator.locator.spcOid;
	file[1] = relation->smgr_rlocator.locator.dbOid;
	file[2] = relation->smgr_rlocator.locator.relNumber;
#else
	file[0] = relation->smgr_rnode.node.spcNode;
	file[1] = relation->smgr_rnode.node.dbNode;
	file[2] = relation->smgr_rnode.node.relNode;
#endif
}

/*
 * Extensions' own events lie in shared memory, behind a lock: those of the
 * classes Extension and InjectionPoint since 17, LWLock tranches since 19.
 */
bool
pgt_compat_wait_name_needs_lock(uint32 event)
{
	switch (event & 0xFF000000)
	{
#if PG_VERSION_NUM >= 170000
		case PG_WAIT_EXTENSION:
		case PG_WAIT_INJECTIONPOINT:
			return (event & 0xFFFF) != 0;
#endif
#if PG_VERSION_NUM >= 190000
		case PG_WAIT_LWLOCK:
			return (event & 0xFFFF) >= LWTRANCHE_FIRST_USER_DEFINED;
#endif
		default:
			return false;
	}
}

Oid
pgt_compat_database_oid(const char *name)
{
	return get_database_oid(name, false);
}

int
pgt_compat_backend_count(void)
{
	return pgstat_fetch_stat_numbackends();
}

const struct PgBackendStatus *
pgt_compat_backend(int index)
{
#if PG_VERSION_NUM >= 160000
	LocalPgBackendStatus *local = pgstat_get_local_beentry_by_index(index + 1);
#else
	LocalPgBackendStatus *local = pgstat_fetch_stat_local_beentry(index + 1);
#endif

	return local != NULL && local->backendStatus.st_procpid > 0 ? &local->backendStatus : NULL;
}

/* The events of message queues have other names since 17. */
bool
pgt_compat_is_parallel_wait(uint32 event)
{
	switch (event)
	{
		case WAIT_EVENT_EXECUTE_GATHER:
		case WAIT_EVENT_PARALLEL_FINISH:
		case WAIT_EVENT_BGWORKER_SHUTDOWN:
#if PG_VERSION_NUM >= 170000
		case WAIT_EVENT_MESSAGE_QUEUE_INTERNAL:
		case WAIT_EVENT_MESSAGE_QUEUE_PUT_MESSAGE:
		case WAIT_EVENT_MESSAGE_QUEUE_RECEIVE:
		case WAIT_EVENT_MESSAGE_QUEUE_SEND:
#else
		case WAIT_EVENT_MQ_INTERNAL:
		case WAIT_EVENT_MQ_PUT_MESSAGE:
		case WAIT_EVENT_MQ_RECEIVE:
		case WAIT_EVENT_MQ_SEND:
#endif
			return true;
		default:
			return false;
	}
}

bool
pgt_compat_is_cluster(const Node *statement)
{
#if PG_VERSION_NUM >= 190000
	return IsA(statement, RepackStmt);
#else
	return IsA(statement, ClusterStmt);
#endif
}

/* As EXPLAIN names the join types. */
const char *
pgt_compat_join_name(JoinType type)
{
	switch (type)
	{
		case JOIN_INNER:
			return "Inner";
		case JOIN_LEFT:
			return "Left";
		case JOIN_FULL:
			return "Full";
		case JOIN_RIGHT:
			return "Right";
		case JOIN_SEMI:
			return "Semi";
		case JOIN_ANTI:
			return "Anti";
#if PG_VERSION_NUM >= 160000
		case JOIN_RIGHT_ANTI:
			return "Right Anti";
#endif
#if PG_VERSION_NUM >= 180000
		case JOIN_RIGHT_SEMI:
			return "Right Semi";
#endif
		default:
			return "???";
	}
}
