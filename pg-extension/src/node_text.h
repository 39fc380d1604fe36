/*-------------------------------------------------------------------------
 *
 * node_text.h
 *	  How a plan node is called: what plan_text.c makes its texts and hash of.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_NODE_TEXT_H
#define PG_TRACE_NODE_TEXT_H

#include "postgres.h"

#include "nodes/plannodes.h"

/* ---- relation_names.c ---- */

/* A quoted name is at most twice as long, and two quotes. */
#define PGT_QUOTED_NAME_SIZE	(2 * NAMEDATALEN + 2)

typedef struct PgtRelationName
{
	Oid			relid;			/* key */
	char		name[PGT_QUOTED_NAME_SIZE]; /* quoted as needed */
	char		schema[PGT_QUOTED_NAME_SIZE];	/* "pg_temp" for any temporary
												 * one */
} PgtRelationName;

/* Changes when names that were given may not hold any more. */
extern uint64 pgt_relation_names_generation;

/* Drop names that may have changed; before names are asked for. */
extern void pgt_relation_names_refresh(void);

/* The relation's name, or NULL if it is no more. */
extern const PgtRelationName *pgt_relation_name(Oid relid);

/* ---- node_text.c ---- */

/* A node's text as it grows, and the hash of its plan. */
typedef struct PgtNodeDescription
{
	const PlannedStmt *stmt;
	uint64		hash;			/* of all nodes so far */
	char		text[1024];
	size_t		length;
	Oid			object;
} PgtNodeDescription;

/* Make the node's text and object, and add it to the hash. */
extern void pgt_describe_node(PgtNodeDescription *d, const Plan *plan);

#endif							/* PG_TRACE_NODE_TEXT_H */
