/*-------------------------------------------------------------------------
 *
 * layout_dump.c
 *	  Prints every size, offset and constant of ring_layout.h, one line each.
 *
 * The output is compared with layout.golden.  The program fails where its own
 * list of fields leaves out a byte of a struct, so a field that was added to
 * the header cannot be forgotten here; the Makefile compares the list of
 * constants with the header's.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <stdio.h>

#include "ring_layout.h"

static const char *struct_name;
static size_t next_offset;
static int	failures;
static int	checks;

static void
begin_struct(const char *name, size_t size)
{
	printf("size %s %zu\n", name, size);
	struct_name = name;
	next_offset = 0;
}

static void
field(const char *name, size_t offset, size_t size)
{
	printf("offset %s.%s %zu %zu\n", struct_name, name, offset, size);
	checks++;
	if (offset != next_offset)
	{
		fprintf(stderr, "%s.%s is at %zu, but the field before it ends at %zu\n",
				struct_name, name, offset, next_offset);
		failures++;
	}
	next_offset = offset + size;
}

static void
end_struct(size_t size)
{
	checks++;
	if (next_offset != size)
	{
		fprintf(stderr, "the fields of %s end at %zu of %zu bytes\n",
				struct_name, next_offset, size);
		failures++;
	}
}

#define BEGIN(type) { typedef type S; begin_struct(#type, sizeof(S));
#define F(name) field(#name, offsetof(S, name), sizeof(((S *) 0)->name));
#define END end_struct(sizeof(S)); }

#define CONST(name) printf("const " #name " %" PRId64 "\n", (int64_t) (name));

static void
dump_shared_structs(void)
{
	BEGIN(PgtRule)
		F(kind) F(reserved) F(control) F(name)
	END
	BEGIN(PgtSegment)
		F(magic) F(endian) F(layout_major) F(layout_minor) F(header_size) F(slot_size)
		F(slot_count) F(record_align) F(rings_offset) F(ring_size) F(segment_size)
		F(state) F(server_pid) F(server_start_ticks) F(server_version_num) F(clock_id)
		F(anchor_mono_ns) F(anchor_wall_ns) F(port) F(block_size) F(session_counter)
		F(control_generation) F(cluster) F(server_version) F(data_directory) F(boot_id)
		F(no_requests)
		F(reserved1) F(daemon_pid) F(daemon_generation) F(daemon_start_ticks)
		F(daemon_heartbeat_ns) F(trace_dir) F(daemon_wants) F(reserved2) F(rules) F(reserved3)
	END
	BEGIN(PgtCommit)
		F(read_pos) F(file_length) F(file_number) F(workers_read_pos)
	END
	BEGIN(PgtSlot)
		F(state) F(pid) F(start_ticks) F(leader_pid) F(backend_type) F(session_number)
		F(enabled) F(anchor_mono_ns) F(anchor_wall_ns) F(level) F(reserved0)
		F(control) F(lock) F(untraced_workers) F(activity)
		F(statement) F(statement_cursor) F(reserved4) F(statement_start_ns) F(reserved3) F(head) F(reserved_to) F(events) F(lost_full)
		F(lost_too_big) F(waited_ns) F(gap_from_ns) F(gap_full) F(gap_too_big)
		F(reserved1) F(read_pos) F(commit_seq) F(commit) F(resend) F(reserved2)
		F(database) F(role) F(application) F(identifier) F(trace_file)
	END
}

static void
dump_records(void)
{
	BEGIN(PgtRecord)
		F(length) F(type) F(flags) F(time_ns)
	END
	BEGIN(PgtLost)
		F(rec) F(from_ns) F(full) F(too_big)
	END
	BEGIN(PgtSession)
		F(rec) F(level) F(plan_stat) F(node_timing) F(max_bind_length)
	END
	BEGIN(PgtAttribute)
		F(rec) F(key) F(text_length)
	END
	BEGIN(PgtSessionEnd)
		F(rec) F(reason) F(reserved)
	END
	BEGIN(PgtStatement)
		F(rec) F(cursor) F(depth) F(flags) F(uid) F(lid) F(sqlstate) F(text_total)
		F(text_offset) F(text_length) F(tag)
	END
	BEGIN(PgtBuffers)
		F(shared_hit) F(shared_read) F(shared_dirtied) F(shared_written) F(local_hit)
		F(local_read) F(local_dirtied) F(local_written) F(temp_read) F(temp_written)
	END
	BEGIN(PgtCall)
		F(rec) F(cursor) F(kind) F(reserved) F(depth) F(flags) F(reserved1)
		F(plan_hash) F(start_ns) F(cpu_ns) F(rows) F(buffers)
	END
	BEGIN(PgtBind)
		F(rec) F(cursor) F(depth) F(position) F(type_oid) F(flags) F(value_total)
		F(type_name_length) F(value_length)
	END
	BEGIN(PgtPlan)
		F(rec) F(cursor) F(depth) F(flags) F(plan_hash) F(node_timing) F(node_count)
		F(untraced_workers)
	END
	BEGIN(PgtNode)
		F(rec) F(id) F(parent) F(position) F(plan_node_id) F(object) F(flags)
		F(removed1_kind) F(removed2_kind) F(method_kind) F(reserved) F(width)
		F(est_rows) F(total_cost) F(rows) F(loops) F(startup_ns) F(total_ns)
		F(buffers) F(wal_records) F(wal_fpi) F(wal_bytes) F(removed1) F(removed2)
		F(space_kb) F(disk_kb) F(buckets) F(batches) F(method_name) F(text_length)
		F(reserved1)
	END
	BEGIN(PgtError)
		F(rec) F(cursor) F(depth) F(flags) F(sqlstate) F(position) F(text_length)
	END
	BEGIN(PgtXactEnd)
		F(rec) F(rollback) F(read_only) F(depth) F(reserved)
	END
	BEGIN(PgtWait)
		F(rec) F(start_ns) F(cpu_ns) F(event) F(cursor) F(depth) F(node) F(kind) F(call)
		F(tier) F(lock_mode) F(number) F(block) F(count) F(offset) F(bytes) F(lock_type)
		F(holder)
	END
	BEGIN(PgtSpan)
		F(first) F(count)
	END
	BEGIN(PgtHits)
		F(rec) F(cursor) F(depth) F(node) F(number) F(local) F(span_count)
	END
	BEGIN(PgtSummary)
		F(rec) F(cursor) F(depth) F(reserved) F(elapsed_ns) F(cpu_ns) F(wait_ns)
		F(think_ns) F(disk_blocks) F(cache_blocks) F(buffers)
	END
	BEGIN(PgtRusage)
		F(user_us) F(system_us) F(in_blocks) F(out_blocks) F(minor_faults) F(major_faults)
		F(voluntary_switches) F(involuntary_switches)
	END
	BEGIN(PgtCharge)
		F(rec) F(cursor) F(depth) F(reserved) F(statement) F(activity) F(start_ns) F(usage)
	END
	BEGIN(PgtRuns)
		F(rec) F(cursor) F(depth) F(kind)
	END
	BEGIN(PgtWaitName)
		F(rec) F(event) F(type_length) F(name_length)
	END
	BEGIN(PgtFileName)
		F(rec) F(number) F(path_length)
	END
	BEGIN(PgtObject)
		F(rec) F(object) F(tablespace) F(database) F(file) F(relkind) F(name_length)
	END
}

static void
dump_constants(void)
{
	CONST(PGT_MAGIC)
	CONST(PGT_ENDIAN)
	CONST(PGT_LAYOUT_MAJOR)
	CONST(PGT_LAYOUT_MINOR)
	CONST(PGT_SEGMENT_HEADER_SIZE)
	CONST(PGT_SLOT_SIZE)
	CONST(PGT_RECORD_ALIGN)
	CONST(PGT_LOCK_SERVER)
	CONST(PGT_LOCK_DAEMON)
	printf("const PGT_FILE_PREFIX \"%s\"\n", PGT_FILE_PREFIX);
	CONST(PGT_RECORD_MAX)
	CONST(PGT_CHUNK_MAX)
	CONST(PGT_RING_SIZE_MIN)
	CONST(PGT_RING_SIZE_MAX)
	CONST(PGT_SLOTS_MAX)
	CONST(PGT_HEARTBEAT_TIMEOUT_NS)
	CONST(PGT_SEGMENT_INITIALISING)
	CONST(PGT_SEGMENT_READY)
	CONST(PGT_SEGMENT_STOPPED)
	CONST(PGT_CLOCK_MONOTONIC)
	CONST(PGT_WANTS_RUNS)
	CONST(PGT_RULE_NONE)
	CONST(PGT_RULE_APPLICATION)
	CONST(PGT_RULE_ROLE)
	CONST(PGT_RULE_DATABASE)
	CONST(PGT_RULE_CHANGING)
	CONST(PGT_RULES)
	CONST(PGT_SLOT_FREE)
	CONST(PGT_SLOT_CLAIMED)
	CONST(PGT_SLOT_ACTIVE)
	CONST(PGT_SLOT_CLOSED)
	CONST(PGT_SLOT_FREEING)
	CONST(PGT_SLOT_OFFERED)
	CONST(PGT_BACKEND_CLIENT)
	CONST(PGT_BACKEND_PARALLEL)
	CONST(PGT_BACKEND_BACKGROUND)
	CONST(PGT_BACKEND_AUTOVACUUM)
	CONST(PGT_BACKEND_WALSENDER)
	CONST(PGT_BACKEND_AUXILIARY)
	CONST(PGT_CONTROL_OFF)
	CONST(PGT_CONTROL_ON)
	CONST(PGT_BLOCKS_OFF)
	CONST(PGT_BLOCKS_PHYSICAL)
	CONST(PGT_BLOCKS_ALL)
	CONST(PGT_RF_MORE)
	CONST(PGT_RF_TRUNCATED)
	CONST(PGT_RF_OWN_WORK)
	CONST(PGT_RF_WORKER_SHIFT)
	CONST(PGT_WORKER_MAX)
	CONST(PGT_WORKER_NUMBERS_SHIFT)
	CONST(PGT_EV_PAD)
	CONST(PGT_EV_LOST)
	CONST(PGT_EV_SESSION)
	CONST(PGT_EV_ATTRIBUTE)
	CONST(PGT_EV_SESSION_END)
	CONST(PGT_EV_STATEMENT)
	CONST(PGT_EV_CALL)
	CONST(PGT_EV_BIND)
	CONST(PGT_EV_PLAN)
	CONST(PGT_EV_NODE)
	CONST(PGT_EV_ERROR)
	CONST(PGT_EV_XACT_END)
	CONST(PGT_EV_WAIT)
	CONST(PGT_EV_WAIT_NAME)
	CONST(PGT_EV_FILE_NAME)
	CONST(PGT_EV_OBJECT)
	CONST(PGT_EV_SUMMARY)
	CONST(PGT_EV_IDLE)
	CONST(PGT_EV_HITS)
	CONST(PGT_EV_CHARGE)
	CONST(PGT_EV_RUNS)
	CONST(PGT_NO_BLOCK)
	CONST(PGT_NO_FORK)
	CONST(PGT_SPAN_GUESS)
	CONST(PGT_PLAN_STAT_NEVER)
	CONST(PGT_PLAN_STAT_FIRST)
	CONST(PGT_PLAN_STAT_ALL)
	CONST(PGT_TIMING_OFF)
	CONST(PGT_TIMING_SAMPLED)
	CONST(PGT_TIMING_EXACT)
	CONST(PGT_TIMING_SERVER)
	CONST(PGT_ATTR_DATABASE)
	CONST(PGT_ATTR_APPLICATION)
	CONST(PGT_ATTR_CLIENT_ADDRESS)
	CONST(PGT_ATTR_ROLE)
	CONST(PGT_ATTR_BACKEND_TYPE)
	CONST(PGT_ATTR_CAPABILITY)
	CONST(PGT_ATTR_IDENTIFIER)
	CONST(PGT_END_DISABLED)
	CONST(PGT_END_EXIT)
	CONST(PGT_STMT_PARSE_ERROR)
	CONST(PGT_CALL_PARSE)
	CONST(PGT_CALL_EXEC)
	CONST(PGT_CALL_FETCH)
	CONST(PGT_CALL_CLOSE)
	CONST(PGT_CALL_FAILED)
	CONST(PGT_CALL_PLAN_MADE)
	CONST(PGT_CALL_PLAN_CACHED)
	CONST(PGT_CALL_UTILITY)
	CONST(PGT_CALL_PARTIAL)
	CONST(PGT_BIND_NULL)
	CONST(PGT_BIND_TRUNCATED)
	CONST(PGT_PLAN_FAILED)
	CONST(PGT_PLAN_WORKERS)
	CONST(PGT_PLAN_RUNNING)
	CONST(PGT_NODE_NEVER_RUN)
	CONST(PGT_NODE_LEADER_ONLY)
	CONST(PGT_NODE_SORT_DISK)
	CONST(PGT_REMOVED_NONE)
	CONST(PGT_REMOVED_FILTER)
	CONST(PGT_REMOVED_JOIN_FILTER)
	CONST(PGT_REMOVED_INDEX_RECHECK)
	CONST(PGT_REMOVED_CONFLICT_FILTER)
	CONST(PGT_REMOVED_CONFLICTING)
	CONST(PGT_METHOD_NONE)
	CONST(PGT_METHOD_SORT)
	CONST(PGT_METHOD_HASH)
	CONST(PGT_METHOD_HASHAGG)
	CONST(PGT_METHOD_MEMOIZE)
	CONST(PGT_METHOD_BITMAP)
	CONST(PGT_METHOD_GATHER)
	CONST(PGT_METHOD_INDEX_ONLY)
	CONST(PGT_METHOD_INSERT)
	CONST(PGT_ERROR_FATAL)
	CONST(PGT_ERROR_PARSE)
	CONST(PGT_WAIT_PLAIN)
	CONST(PGT_WAIT_BLOCKS)
	CONST(PGT_WAIT_FILE)
	CONST(PGT_WAIT_LOCK)
	CONST(PGT_WAIT_CLIENT)
	CONST(PGT_WAIT_IPC)
	CONST(PGT_CALLED_READ)
	CONST(PGT_CALLED_WRITE)
	CONST(PGT_CALLED_SYNC)
	CONST(PGT_CALLED_PREFETCH)
	CONST(PGT_CALLED_ALLOCATE)
	CONST(PGT_CALLED_TRUNCATE)
	CONST(PGT_CALLED_POLL)
	CONST(PGT_CALLED_SEMAPHORE)
	CONST(PGT_CALLED_SLEEP)
	CONST(PGT_CALLED_RECEIVE)
	CONST(PGT_CALLED_SEND)
	CONST(PGT_CALLED_SUBMIT)
	CONST(PGT_TIER_NONE)
	CONST(PGT_TIER_CACHE)
	CONST(PGT_TIER_DISK)
	CONST(PGT_CURSOR_NEXT_PARSE)
}

int
main(void)
{
	dump_shared_structs();
	dump_records();
	dump_constants();
	/* The closing line goes to the terminal; the golden file has none. */
	fprintf(stderr, "layout_dump: %d passed, %d failed\n", checks - failures, failures);
	return failures == 0 ? 0 : 1;
}
