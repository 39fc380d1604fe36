/*-------------------------------------------------------------------------
 *
 * node_text.c
 *	  How a plan node is called, as EXPLAIN (VERBOSE) calls it.
 *
 * The hash is the same for the same shape of plan in any session, on any day:
 * it is made from the names of operations and objects and their place in the
 * tree, not from OIDs, costs, aliases or the numbers of temporary schemas.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "nodes/extensible.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "compat.h"
#include "node_text.h"

/* Add to the text alone. */
static void
add_text(PgtNodeDescription *d, const char *s)
{
	size_t		length = strlen(s);

	length = Min(length, sizeof(d->text) - 1 - d->length);
	memcpy(d->text + d->length, s, length);
	d->length += length;
}

/* Add to the text and the hash. */
static void
add(PgtNodeDescription *d, const char *s)
{
	d->hash = hash_bytes_extended((const unsigned char *) s, (int) strlen(s), d->hash);
	add_text(d, s);
}

static void
add_relation(PgtNodeDescription *d, Oid relid)
{
	const PgtRelationName *name = pgt_relation_name(relid);

	if (name == NULL)
	{
		add(d, "?");
		return;
	}
	add(d, name->schema);
	add(d, ".");
	add(d, name->name);
}

static void
add_index(PgtNodeDescription *d, Oid relid)
{
	const PgtRelationName *name = pgt_relation_name(relid);

	add(d, name == NULL ? "?" : name->name);
}

/* " on object alias", as ExplainTargetRel does it with VERBOSE. */
static void
add_target(PgtNodeDescription *d, const Plan *plan, Index rti)
{
	RangeTblEntry *rte;
	const char *alias;
	const char *object = NULL;

	if (rti == 0 || rti > (Index) list_length(d->stmt->rtable))
		return;
	rte = rt_fetch(rti, d->stmt->rtable);
	alias = rte->eref != NULL ? rte->eref->aliasname : "";

	add(d, " on ");
	switch (nodeTag(plan))
	{
		case T_FunctionScan:
			{
				const FunctionScan *scan = (const FunctionScan *) plan;
				RangeTblFunction *function = list_length(scan->functions) == 1 ?
				linitial_node(RangeTblFunction, scan->functions) : NULL;

				if (function != NULL && IsA(function->funcexpr, FuncExpr))
				{
					object = get_func_name(((FuncExpr *) function->funcexpr)->funcid);
					if (object != NULL)
						add(d, quote_identifier(object));
				}
			}
			break;
		case T_TableFuncScan:
			add(d, "xmltable");
			object = "xmltable";
			break;
		case T_CteScan:
		case T_WorkTableScan:
			object = rte->ctename;
			if (object != NULL)
				add(d, quote_identifier(object));
			break;
		case T_NamedTuplestoreScan:
			object = rte->enrname;
			if (object != NULL)
				add(d, quote_identifier(object));
			break;
		default:
			if (rte->rtekind == RTE_RELATION)
			{
				const PgtRelationName *name = pgt_relation_name(rte->relid);

				d->object = rte->relid;
				add_relation(d, rte->relid);
				if (name != NULL && strcmp(name->name, quote_identifier(alias)) == 0)
					object = alias;
			}
			break;
	}
	if (object == NULL || strcmp(object, alias) != 0)
	{
		/* Of anything but a relation the alias is the only name there is. */
		bool		only_name = d->object == InvalidOid && object == NULL;

		if (!only_name)
			add_text(d, " ");
		if (only_name)
			add(d, quote_identifier(alias));
		else
			add_text(d, quote_identifier(alias));
	}
}

static void
add_join(PgtNodeDescription *d, const Plan *plan, const char *name)
{
	JoinType	type = ((const Join *) plan)->jointype;

	add(d, name);
	if (type != JOIN_INNER)
	{
		add(d, " ");
		add(d, pgt_compat_join_name(type));
		add(d, " Join");
	}
	else if (!IsA(plan, NestLoop))
		add(d, " Join");
}

static void
add_index_scan(PgtNodeDescription *d, const char *name, Oid index, ScanDirection direction)
{
	add(d, name);
	if (ScanDirectionIsBackward(direction))
		add(d, " Backward");
	add(d, " using ");
	add_index(d, index);
}

static const char *
aggregate_name(const Agg *agg)
{
	switch (agg->aggstrategy)
	{
		case AGG_PLAIN:
			return "Aggregate";
		case AGG_SORTED:
			return "GroupAggregate";
		case AGG_HASHED:
			return "HashAggregate";
		case AGG_MIXED:
			return "MixedAggregate";
	}
	return "Aggregate ???";
}

static const char *
operation_name(CmdType operation)
{
	switch (operation)
	{
		case CMD_INSERT:
			return "Insert";
		case CMD_UPDATE:
			return "Update";
		case CMD_DELETE:
			return "Delete";
		case CMD_MERGE:
			return "Merge";
		default:
			return "???";
	}
}

static const char *
setop_name(SetOpCmd cmd)
{
	switch (cmd)
	{
		case SETOPCMD_INTERSECT:
			return " Intersect";
		case SETOPCMD_INTERSECT_ALL:
			return " Intersect All";
		case SETOPCMD_EXCEPT:
			return " Except";
		case SETOPCMD_EXCEPT_ALL:
			return " Except All";
	}
	return " ???";
}

static Index
scan_relation(const Plan *plan)
{
	return ((const Scan *) plan)->scanrelid;
}

void
pgt_describe_node(PgtNodeDescription *d, const Plan *plan)
{
	d->length = 0;
	d->object = InvalidOid;
	if (plan->parallel_aware)
		add(d, "Parallel ");
	if (plan->async_capable)
		add(d, "Async ");
	switch (nodeTag(plan))
	{
		case T_Result:
			add(d, "Result");
			break;
		case T_ProjectSet:
			add(d, "ProjectSet");
			break;
		case T_ModifyTable:
			{
				const ModifyTable *modify = (const ModifyTable *) plan;

				add(d, operation_name(modify->operation));
				if (modify->nominalRelation > 0)
					add_target(d, plan, modify->nominalRelation);
			}
			break;
		case T_Append:
			add(d, "Append");
			break;
		case T_MergeAppend:
			add(d, "Merge Append");
			break;
		case T_RecursiveUnion:
			add(d, "Recursive Union");
			break;
		case T_BitmapAnd:
			add(d, "BitmapAnd");
			break;
		case T_BitmapOr:
			add(d, "BitmapOr");
			break;
		case T_NestLoop:
			add_join(d, plan, "Nested Loop");
			break;
		case T_MergeJoin:
			add_join(d, plan, "Merge");
			break;
		case T_HashJoin:
			add_join(d, plan, "Hash");
			break;
		case T_SeqScan:
			add(d, "Seq Scan");
			add_target(d, plan, scan_relation(plan));
			break;
		case T_SampleScan:
			add(d, "Sample Scan");
			add_target(d, plan, scan_relation(plan));
			break;
		case T_Gather:
			add(d, "Gather");
			break;
		case T_GatherMerge:
			add(d, "Gather Merge");
			break;
		case T_IndexScan:
			add_index_scan(d, "Index Scan", ((const IndexScan *) plan)->indexid,
						   ((const IndexScan *) plan)->indexorderdir);
			add_target(d, plan, scan_relation(plan));
			break;
		case T_IndexOnlyScan:
			add_index_scan(d, "Index Only Scan", ((const IndexOnlyScan *) plan)->indexid,
						   ((const IndexOnlyScan *) plan)->indexorderdir);
			add_target(d, plan, scan_relation(plan));
			break;
		case T_BitmapIndexScan:
			add(d, "Bitmap Index Scan on ");
			d->object = ((const BitmapIndexScan *) plan)->indexid;
			add_index(d, d->object);
			break;
		case T_BitmapHeapScan:
			add(d, "Bitmap Heap Scan");
			add_target(d, plan, scan_relation(plan));
			break;
		case T_TidScan:
			add(d, "Tid Scan");
			add_target(d, plan, scan_relation(plan));
			break;
		case T_TidRangeScan:
			add(d, "Tid Range Scan");
			add_target(d, plan, scan_relation(plan));
			break;
		case T_SubqueryScan:
			add(d, "Subquery Scan");
			add_target(d, plan, scan_relation(plan));
			break;
		case T_FunctionScan:
			add(d, "Function Scan");
			add_target(d, plan, scan_relation(plan));
			break;
		case T_TableFuncScan:
			add(d, "Table Function Scan");
			add_target(d, plan, scan_relation(plan));
			break;
		case T_ValuesScan:
			add(d, "Values Scan");
			add_target(d, plan, scan_relation(plan));
			break;
		case T_CteScan:
			add(d, "CTE Scan");
			add_target(d, plan, scan_relation(plan));
			break;
		case T_NamedTuplestoreScan:
			add(d, "Named Tuplestore Scan");
			add_target(d, plan, scan_relation(plan));
			break;
		case T_WorkTableScan:
			add(d, "WorkTable Scan");
			add_target(d, plan, scan_relation(plan));
			break;
		case T_ForeignScan:
			{
				CmdType		operation = ((const ForeignScan *) plan)->operation;

				add(d, "Foreign ");
				add(d, operation == CMD_SELECT ? "Scan" : operation_name(operation));
				add_target(d, plan, scan_relation(plan));
			}
			break;
		case T_CustomScan:
			add(d, "Custom Scan (");
			add(d, ((const CustomScan *) plan)->methods->CustomName);
			add(d, ")");
			add_target(d, plan, scan_relation(plan));
			break;
		case T_Material:
			add(d, "Materialize");
			break;
		case T_Memoize:
			add(d, "Memoize");
			break;
		case T_Sort:
			add(d, "Sort");
			break;
		case T_IncrementalSort:
			add(d, "Incremental Sort");
			break;
		case T_Group:
			add(d, "Group");
			break;
		case T_Agg:
			if (DO_AGGSPLIT_SKIPFINAL(((const Agg *) plan)->aggsplit))
				add(d, "Partial ");
			else if (DO_AGGSPLIT_COMBINE(((const Agg *) plan)->aggsplit))
				add(d, "Finalize ");
			add(d, aggregate_name((const Agg *) plan));
			break;
		case T_WindowAgg:
			add(d, "WindowAgg");
			break;
		case T_Unique:
			add(d, "Unique");
			break;
		case T_SetOp:
			add(d, ((const SetOp *) plan)->strategy == SETOP_HASHED ? "HashSetOp" : "SetOp");
			add(d, setop_name(((const SetOp *) plan)->cmd));
			break;
		case T_LockRows:
			add(d, "LockRows");
			break;
		case T_Limit:
			add(d, "Limit");
			break;
		case T_Hash:
			add(d, "Hash");
			break;
		default:
			add(d, "???");
			break;
	}
}

/* Keep the node's text; ids are small and dense. */
