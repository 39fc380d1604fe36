/*-------------------------------------------------------------------------
 *
 * pg_trace.c
 *	  Module initialisation.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "storage/ipc.h"

#include "aio.h"
#include "buffer_table.h"
#include "pg_trace.h"
#include "wait_calls.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

static shmem_startup_hook_type prev_shmem_startup_hook = NULL;

/*
 * The segment is not part of the server's shared memory, but this is the
 * moment at which the postmaster holds its lock file and is about to serve.
 * After a crash of a backend it is called again; the segment stays.
 */
static void
pgt_shmem_startup(void)
{
	if (prev_shmem_startup_hook)
		prev_shmem_startup_hook();
	pgt_segment_startup();
	pgt_buffer_table_find();
	pgt_aio_install();
}

void
_PG_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("pg_trace must be loaded via shared_preload_libraries"),
				 errhint("Add pg_trace to shared_preload_libraries in postgresql.conf and restart the server.")));

	pgt_define_settings();

	prev_shmem_startup_hook = shmem_startup_hook;
	shmem_startup_hook = pgt_shmem_startup;

	pgt_wait_calls_install();
	pgt_parse_install();
	pgt_exec_install();
	pgt_charge_install();
	pgt_utility_install();
	pgt_xact_install();
	pgt_daemon_worker_register();
}
