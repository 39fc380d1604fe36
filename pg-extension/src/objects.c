/*-------------------------------------------------------------------------
 *
 * objects.c
 *	  Names of the relations that a plan opens, for the numbers that waits show.
 *
 * At the start of an execution, where the catalogs may be read; a wait knows
 * its file by number alone.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "utils/rel.h"

#include "compat.h"
#include "node_text.h"
#include "pg_trace.h"
#include "ticks.h"

/* What has been told of a file; the newest one of those that share a place. */
#define OBJECTS		1024		/* power of two */

typedef struct Told
{
	uint32		file;
	uint32		database;
	Oid			object;
	uint32		generation;		/* of what is sent */
	uint64		names;			/* of the relations' names */
} Told;

static Told told[OBJECTS];

static void
tell(Relation relation)
{
	uint32		place[3];
	Told	   *entry;
	const PgtRelationName *name;
	char		text[2 * PGT_QUOTED_NAME_SIZE + 1];
	PgtObject  *rec;
	uint32		size;
	int			length;

	pgt_compat_relation_file(relation, place);
	if (place[2] == 0)
		return;
	entry = &told[(place[2] ^ place[1]) & (OBJECTS - 1)];
	if (likely(entry->file == place[2] && entry->database == place[1] &&
			   entry->object == RelationGetRelid(relation) &&
			   entry->generation == pgt_cursors_generation() &&
			   entry->names == pgt_relation_names_generation))
		return;
	name = pgt_relation_name(RelationGetRelid(relation));
	if (name == NULL)
		return;
	length = snprintf(text, sizeof(text), "%s.%s", name->schema, name->name);
	size = (uint32) (sizeof(PgtObject) + (size_t) length);
	rec = pgt_ring_begin(&pgt_ring, PGT_EV_OBJECT, 0, size, pgt_now_ns());
	if (rec == NULL)
		return;
	rec->object = RelationGetRelid(relation);
	rec->tablespace = place[0];
	rec->database = place[1];
	rec->file = place[2];
	rec->relkind = (uint32) relation->rd_rel->relkind;
	rec->name_length = (uint32) length;
	memcpy(rec + 1, text, (size_t) length);
	pgt_ring_end(&pgt_ring, size);
	entry->file = place[2];
	entry->database = place[1];
	entry->object = RelationGetRelid(relation);
	entry->generation = pgt_cursors_generation();
	entry->names = pgt_relation_names_generation;
}

/* Indexes that nodes have opened themselves. */
static bool
tell_indexes(PlanState *state, void *arg)
{
	Relation	index = NULL;

	switch (nodeTag(state))
	{
		case T_IndexScanState:
			index = ((IndexScanState *) state)->iss_RelationDesc;
			break;
		case T_IndexOnlyScanState:
			index = ((IndexOnlyScanState *) state)->ioss_RelationDesc;
			break;
		case T_BitmapIndexScanState:
			index = ((BitmapIndexScanState *) state)->biss_RelationDesc;
			break;
		case T_ModifyTableState:
			{
				const ModifyTableState *modify = (const ModifyTableState *) state;

				for (int i = 0; i < modify->mt_nrels; i++)
				{
					const ResultRelInfo *target = &modify->resultRelInfo[i];

					for (int j = 0; j < target->ri_NumIndices; j++)
						tell(target->ri_IndexRelationDescs[j]);
				}
			}
			break;
		default:
			break;
	}
	if (index != NULL)
		tell(index);
	return planstate_tree_walker(state, tell_indexes, arg);
}

void
pgt_objects_tell(const QueryDesc *desc)
{
	const EState *estate = desc->estate;

	for (Index i = 0; i < estate->es_range_table_size; i++)
		if (estate->es_relations != NULL && estate->es_relations[i] != NULL)
			tell(estate->es_relations[i]);
	if (desc->planstate != NULL)
		tell_indexes(desc->planstate, NULL);
}
