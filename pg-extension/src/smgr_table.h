/*-------------------------------------------------------------------------
 *
 * smgr_table.h
 *	  Blocks that the session has begun to read, or has added to a relation.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_SMGR_TABLE_H
#define PG_TRACE_SMGR_TABLE_H

/* Look at the storage manager's calls from now on; in the postmaster. */
extern void pgt_smgr_table_install(void);

#endif							/* PG_TRACE_SMGR_TABLE_H */
