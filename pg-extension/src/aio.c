/*-------------------------------------------------------------------------
 *
 * aio.c
 *	  Asynchronous I/O, since 18: what I/O workers and the kernel read for a
 *	  session is a wait in that session's trace, of the statement and plan node
 *	  that request.
 *
 * Who asked is known where a session submits: the server calls the I/O method's
 * submit() through a table of functions, in whose place the postmaster puts a
 * copy with our function.  It notes for each handle who asks, in shared memory.
 * The note is good for as long as the handle has the generation that is noted,
 * so it is never taken back.
 *
 * What became of it is known where the read is done.  An I/O worker calls
 * pread() or preadv() with a shared buffer, whose descriptor names the handle;
 * io_uring's completions, which any process may reap, carry it.  There the
 * record is written, to the workers' ring of the session, before the server
 * tells anybody that the read is complete.
 *
 * All of this happens in critical sections and with locks held: no allocation,
 * no error, and nobody waits for the daemon.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aio.h"
#include "compat.h"
#include "pg_trace.h"
#include "wait_calls.h"

#ifdef PGT_HAS_AIO

#include <sys/mman.h>

#include "storage/aio_internal.h"
#include "storage/buf_internals.h"
#include "storage/bufmgr.h"
#include "utils/wait_event.h"

#include "ticks.h"

/* Who asked, by the handle's number. */
typedef struct PgtRequest
{
	uint64		generation;		/* of the handle then; 0: nobody has */
	int64		time_ns;
	uint32		slot;			/* of the session */
	uint32		session_number;
	uint32		cursor;
	uint16		depth;
	uint16		node;
	uint16		worker;			/* parallel worker that asked, from 1; 0: none */
	uint8		call;			/* whose account it is in, see CALLS */
	bool		own_work;
	bool		shown;			/* not only counted */
} PgtRequest;

/* Blocks that others have read; they only grow. */
typedef struct ReadByOthers
{
	uint64		disk_blocks;
	uint64		cache_blocks;
} ReadByOthers;

/*
 * For one process, apart by the call at top level that asked: what is still
 * being read when a call ends does not come into the next one's account.  And
 * by depth: what is read for a statement while it waits for a recursive one
 * does not come into that one's.  Deeper than DEPTHS they are together.
 */
#define CALLS	16
#define DEPTHS	8

typedef struct Accounts
{
	ReadByOthers of[CALLS][DEPTHS];
} Accounts;

static PgtRequest *requests = NULL;
static Accounts *accounts = NULL;	/* by process number */
static char not_installed[128] = "pg_trace has not been started";

static const IoMethodOps *server_method;
static IoMethodOps method;

/* Does this process note what it asks for? */
static bool noting = false;
static uint32 session_slot;
static Accounts *mine = NULL;
static Accounts taken_in;
static uint8 call = 0;			/* in progress: its place in the accounts */
static bool call_has_asked = false;
static int	deepest = 0;		/* that has asked since then */

static inline int
account_of(int depth)
{
	return Min(depth, DEPTHS - 1);
}

/* ---- Asking ---- */

static pg_noinline void
note(uint16 count, PgAioHandle **handles)
{
	PgtRequest	request = {
		.time_ns = pgt_now_ns(),
		.slot = session_slot,
		.session_number = pgt_segment_slot(session_slot)->session_number,
		.call = call,
		.worker = PGT_RF_WORKER(pgt_ring.source),
		.own_work = pgt_own_work,
		.shown = pgt_blocks() != PGT_BLOCKS_OFF,
	};

	pgt_wait_statement(&request.cursor, &request.depth, &request.node);
	pgt_wait_announce(WAIT_EVENT_DATA_FILE_READ);
	call_has_asked = true;
	deepest = Max(deepest, account_of(request.depth));
	for (int i = 0; i < count; i++)
	{
		PgtRequest   *of = &requests[handles[i] - pgaio_ctl->io_handles];

		*of = request;
		of->generation = handles[i]->generation;
	}
}

static int
submit(uint16 count, PgAioHandle **handles)
{
	if (unlikely(noting))
		note(count, handles);
	return server_method->submit(count, handles);
}

/* ---- Reading ---- */

static inline const PgtRequest *
who_asked(const PgAioHandle *handle)
{
	const PgtRequest *request = &requests[handle - pgaio_ctl->io_handles];

	return unlikely(request->generation == handle->generation) ? request : NULL;
}

/* Account for the read, and write it to the ring of who request. */
static void
write_read(const PgtRequest *request, const PgAioHandle *handle, PgtWaiting *waiting,
		   PgtMoved *moved)
{
	const PgAioTargetData *target = &handle->target_data;
	PgtSlot    *slot = pgt_segment_slot(request->slot);
	ReadByOthers *account =
		&accounts[handle->owner_procno].of[request->call][account_of(request->depth)];
	PgtRing		ring;
	PgtWait    *rec;

	moved->offset = (int64) handle->op_data.read.offset;
	moved->block = target->smgr.blockNum;
	moved->count = (uint32) ((Max(moved->bytes, 0) + BLCKSZ - 1) / BLCKSZ);
	if (!request->own_work && moved->tier != PGT_TIER_NONE)
		__atomic_add_fetch(moved->tier == PGT_TIER_DISK ? &account->disk_blocks :
						   &account->cache_blocks, moved->count, __ATOMIC_RELAXED);
	if (!request->shown ||
		__atomic_load_n(&slot->enabled, __ATOMIC_RELAXED) == 0 ||
		slot->session_number != request->session_number ||
		!pgt_segment_attach_workers(slot, request->worker, &ring))
		return;
	waiting->kind = PGT_WAIT_BLOCKS;
	waiting->number[0] = target->smgr.rlocator.spcOid;
	waiting->number[1] = target->smgr.rlocator.dbOid;
	waiting->number[2] = target->smgr.rlocator.relNumber;
	waiting->number[3] = (uint32) target->smgr.forkNum;
	rec = pgt_ring_begin(&ring, PGT_EV_WAIT, request->own_work ? PGT_RF_OWN_WORK : 0,
						 sizeof(PgtWait), moved->now);
	if (rec == NULL)
		return;
	pgt_wait_fill(rec, waiting, moved);
	rec->cursor = request->cursor;
	rec->depth = request->depth;
	rec->node = request->node;
	pgt_ring_end(&ring, sizeof(PgtWait));
}

bool
pgt_aio_read_begin(PgtAioRead *read, const void *buffer)
{
	Size		offset = (const char *) buffer - (const char *) BufferBlocks;
	uint32		index;

	if (requests == NULL || offset >= (Size) NBuffers * BLCKSZ)
		return false;
	index = GetBufferDescriptor(offset / BLCKSZ)->io_wref.aio_index;
	if (index >= pgaio_ctl->io_handle_count)
		return false;
	read->request = who_asked(&pgaio_ctl->io_handles[index]);
	if (read->request == NULL)
		return false;
	pgt_wait_begin(&read->waiting, PGT_CALLED_READ);
	return true;
}

void
pgt_aio_read_end(PgtAioRead *read, int64 bytes)
{
	int			save_errno = errno;
	const PgAioHandle *handle = &pgaio_ctl->io_handles[read->request - requests];
	PgtMoved	moved = {.bytes = bytes};

	pgt_wait_measure(&read->waiting, &moved);
	read->waiting.holder = (uint32) MyProcPid;
	write_read(read->request, handle, &read->waiting, &moved);
	errno = save_errno;
}

/* The kernel's io_uring_cqe, whose layout is part of its ABI. */
typedef struct Completion
{
	uint64		user_data;
	int32		result;
	uint32		flags;
} Completion;

/*
 * The time is from submission to when a process of the server has seen that it
 * is complete; where the bytes came from the kernel does not tell.
 */
void
pgt_aio_completed(const void *completion)
{
	const Completion *done = completion;
	const PgAioHandle *handle = (const PgAioHandle *) (uintptr_t) done->user_data;
	const PgtRequest *request = requests != NULL ? who_asked(handle) : NULL;
	int			save_errno = errno;
	PgtWaiting	waiting = {.call = PGT_CALLED_SUBMIT};
	PgtMoved	moved = {.bytes = done->result, .tier = PGT_TIER_NONE};

	if (likely(request == NULL))
		return;
	waiting.event = WAIT_EVENT_DATA_FILE_READ;
	waiting.start_ns = request->time_ns;
	moved.now = pgt_now_ns();
	write_read(request, handle, &waiting, &moved);
	errno = save_errno;
}

/* ---- The session that asks ---- */

bool
pgt_aio_needs_ring(void)
{
	return requests != NULL && io_method != IOMETHOD_SYNC;
}

void
pgt_aio_watch(bool on)
{
	noting = false;
	if (!on || !pgt_aio_needs_ring() || pgaio_my_backend == NULL)
		return;
	/* A parallel worker writes to the workers' ring itself. */
	session_slot = (uint32) (pgt_ring.slot - pgt_segment_slot(0)) % pgt_segment->slot_count;
	if (!pgt_segment_has_workers(pgt_segment_slot(session_slot)))
		return;
	mine = &accounts[MyProcNumber];
	taken_in = *mine;
	noting = true;
}

static void
take_in(int of_call, int from_depth, int to_depth)
{
	for (int i = account_of(from_depth); i <= to_depth; i++)
	{
		const ReadByOthers *from = &mine->of[of_call][i];
		ReadByOthers *before = &taken_in.of[of_call][i];
		uint64		disk_blocks = __atomic_load_n(&from->disk_blocks, __ATOMIC_RELAXED);
		uint64		cache_blocks = __atomic_load_n(&from->cache_blocks, __ATOMIC_RELAXED);

		pgt_waited.disk_blocks += (int64) (disk_blocks - before->disk_blocks);
		pgt_waited.cache_blocks += (int64) (cache_blocks - before->cache_blocks);
		before->disk_blocks = disk_blocks;
		before->cache_blocks = cache_blocks;
	}
}

void
pgt_aio_take_in(void)
{
	if (likely(!noting))
		return;
	if (pgt_frame != NULL)
		/* What an outer statement gets meanwhile waits for that one. */
		take_in(call, pgt_frame->depth, deepest);
	else if (call_has_asked)
	{
		/* What the last one has asked for and not got is only in the session's account. */
		call = (call + 1) % CALLS;
		take_in(call, 0, DEPTHS - 1);
		deepest = 0;
		call_has_asked = false;
	}
}

void
pgt_aio_take_in_all(void)
{
	for (int i = 0; noting && i < CALLS; i++)
		take_in(i, 0, DEPTHS - 1);
}

/* ---- Installing ---- */

/* The notes, in memory that the postmaster's children share; false: there is none. */
static bool
make_notes(void)
{
	Size		notes = pgaio_ctl->io_handle_count * sizeof(PgtRequest);
	Size		processes = pgaio_ctl->io_handle_count / io_max_concurrency;
	Size		size = notes + processes * sizeof(Accounts);
	void	   *memory;

	if (requests != NULL)
	{
		/* After a crash: the handles begin anew. */
		memset(requests, 0, notes);
		return true;
	}
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return false;
	requests = memory;
	accounts = (Accounts *) ((char *) memory + notes);
	return true;
}

void
pgt_aio_install(void)
{
	const char *why_not;

	if (IsUnderPostmaster || pgt_segment == NULL)
		return;
	why_not = pgt_wait_calls_why_not(NULL);
	if (why_not == NULL && io_method == IOMETHOD_IO_URING)
		why_not = pgt_wait_calls_why_not("io_uring_peek_batch_cqe");
	if (why_not == NULL && (pgaio_ctl == NULL || !make_notes()))
		why_not = "there is no memory for notes of who asked for what";
	strlcpy(not_installed, why_not != NULL ? why_not : "", sizeof(not_installed));
	if (why_not != NULL)
		return;
	if (pgaio_method_ops == &method)
		return;
	server_method = pgaio_method_ops;
	method = *server_method;
	method.submit = submit;
	pgaio_method_ops = &method;
}

const char *
pgt_aio_why_not(void)
{
	if (not_installed[0] != '\0')
		return pgt_segment != NULL ? not_installed : pgt_segment_why_not();
	if (pgt_aio_needs_ring() && pgt_ring.slot != NULL &&
		!pgt_segment_has_workers(pgt_ring.slot))
		return "pg_trace.ring_directory has no room for the session's workers' ring: what others read for it is not recorded";
	return NULL;
}

#else							/* before 18 */

void
pgt_aio_install(void)
{
}

const char *
pgt_aio_why_not(void)
{
	return "this server has no asynchronous I/O";
}

bool
pgt_aio_needs_ring(void)
{
	return false;
}

void
pgt_aio_watch(bool on)
{
}

void
pgt_aio_take_in(void)
{
}

void
pgt_aio_take_in_all(void)
{
}

bool
pgt_aio_read_begin(PgtAioRead *read, const void *buffer)
{
	return false;
}

void
pgt_aio_read_end(PgtAioRead *read, int64 bytes)
{
}

void
pgt_aio_completed(const void *completion)
{
}

#endif
