/*-------------------------------------------------------------------------
 *
 * aio.h
 *	  Asynchronous I/O, since 18: who asked for what is read by another process
 *	  or by the kernel.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_AIO_H
#define PG_TRACE_AIO_H

#include "miscadmin.h"

#include "waits.h"

/* In the postmaster, when the server has made its shared memory; again after a crash. */
extern void pgt_aio_install(void);

/*
 * Why reads that this session asks others for are not seen; NULL where they are,
 * or where there are none.
 */
extern const char *pgt_aio_why_not(void);

/* Does a session need its workers' ring for them? */
extern bool pgt_aio_needs_ring(void);

/* The session's waits are recorded from now on, or not any more. */
extern void pgt_aio_watch(bool on);

/*
 * Take into pgt_waited what others have read for the call in progress; where
 * none is, the next one begins.  All: what they have read for earlier ones too.
 */
extern void pgt_aio_take_in(void);
extern void pgt_aio_take_in_all(void);

/* A read of this process that another one may have asked for. */
typedef struct PgtAioRead
{
	PgtWaiting	waiting;
	const struct PgtRequest *request;
} PgtAioRead;

#define pgt_aio_is_worker()		unlikely(MyBackendType == PGT_IO_WORKER)

/* In an I/O worker: begin to read into the buffer; false: for nobody who records it. */
extern bool pgt_aio_read_begin(PgtAioRead *read, const void *buffer);
extern void pgt_aio_read_end(PgtAioRead *read, int64 bytes);

/* The kernel has completed what somebody submitted to io_uring: an io_uring_cqe. */
extern void pgt_aio_completed(const void *completion);

#endif							/* PG_TRACE_AIO_H */
