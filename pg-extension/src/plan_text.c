/*-------------------------------------------------------------------------
 *
 * plan_text.c
 *	  How a plan node is called, as EXPLAIN calls it, and the hash of a plan.
 *
 * The hash is the same for the same shape of plan in any session, on any day:
 * it is made from the names of operations and objects and their place in the
 * tree, not from OIDs, costs, aliases or the numbers of temporary schemas.
 *
 * Names of relations are looked up in the catalogs, which is allowed at the
 * start of an execution and at the end of planning, and kept in this process
 * until the server says that a relation or schema has changed.  What was made
 * of a plan is kept too, under a fingerprint of all that goes into it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "nodes/extensible.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "pg_trace.h"

/* ---- Names of relations ---- */

#define NAMES_MAX	10000

typedef struct RelationName
{
	Oid			relid;			/* key */
	char		name[NAMEDATALEN + 2];	/* quoted as needed */
	char		schema[NAMEDATALEN + 2];	/* "pg_temp" for any temporary one */
} RelationName;

static HTAB *names = NULL;
static bool names_stale = false;
static uint64 names_generation = 0;

static void
relation_changed(Datum arg, Oid relid)
{
	/* In the middle of anything: only note it. */
	names_stale = true;
}

static void
schema_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	names_stale = true;
}

static void
empty_names(void)
{
	HASHCTL		ctl = {0};

	if (names != NULL)
		hash_destroy(names);
	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(RelationName);
	ctl.hcxt = TopMemoryContext;
	names = hash_create("pg_trace relation names", 128, &ctl,
						HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	names_stale = false;
	names_generation++;
}

/* Drop names that may have changed, before a plan is described. */
static void
refresh_names(void)
{
	if (names == NULL)
	{
		CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
		CacheRegisterSyscacheCallback(NAMESPACEOID, schema_changed, (Datum) 0);
	}
	if (names == NULL || names_stale || hash_get_num_entries(names) > NAMES_MAX)
		empty_names();
}

/* The relation's name, or NULL if it is no more. */
static const RelationName *
relation_name(Oid relid)
{
	RelationName *entry;
	bool		found;
	char	   *relname;
	Oid			schema;

	entry = hash_search(names, &relid, HASH_FIND, NULL);
	if (entry != NULL)
		return entry;

	relname = get_rel_name(relid);
	if (relname == NULL)
		return NULL;
	schema = get_rel_namespace(relid);
	entry = hash_search(names, &relid, HASH_ENTER, &found);
	strlcpy(entry->name, quote_identifier(relname), sizeof(entry->name));
	if (isAnyTempNamespace(schema))
		strlcpy(entry->schema, "pg_temp", sizeof(entry->schema));
	else
	{
		char	   *schema_name = get_namespace_name(schema);

		strlcpy(entry->schema, schema_name ? quote_identifier(schema_name) : "",
				sizeof(entry->schema));
	}
	return entry;
}

/* ---- Texts of nodes ---- */

typedef struct Describe
{
	const PlannedStmt *stmt;
	uint64		hash;
	char		text[1024];		/* of the node in hand */
	size_t		length;
	Oid			object;
	StringInfo	strings;		/* texts of all nodes, NUL-terminated */
	PgtNodeText *nodes;			/* by plan_node_id; offsets in strings, + 1 */
	int			capacity;
	int			count;			/* highest plan_node_id seen, + 1 */
} Describe;

/* Add to the text alone. */
static void
add_text(Describe *d, const char *s)
{
	size_t		length = strlen(s);

	length = Min(length, sizeof(d->text) - 1 - d->length);
	memcpy(d->text + d->length, s, length);
	d->length += length;
}

/* Add to the text and the hash. */
static void
add(Describe *d, const char *s)
{
	d->hash = hash_bytes_extended((const unsigned char *) s, (int) strlen(s), d->hash);
	add_text(d, s);
}

static void
add_relation(Describe *d, Oid relid)
{
	const RelationName *name = relation_name(relid);

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
add_index(Describe *d, Oid relid)
{
	const RelationName *name = relation_name(relid);

	add(d, name == NULL ? "?" : name->name);
}

/* " on object alias", as ExplainTargetRel does it with VERBOSE. */
static void
add_target(Describe *d, const Plan *plan, Index rti)
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
				const RelationName *name = relation_name(rte->relid);

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
add_join(Describe *d, const Plan *plan, const char *name)
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
add_index_scan(Describe *d, const char *name, Oid index, ScanDirection direction)
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

static void
describe_node(Describe *d, const Plan *plan)
{
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
static void
keep_text(Describe *d, int id)
{
	if (id < 0)
		return;
	if (id >= d->capacity)
	{
		int			capacity = Max(id + 1, d->capacity * 2);

		d->nodes = repalloc(d->nodes, capacity * sizeof(PgtNodeText));
		memset(d->nodes + d->capacity, 0, (capacity - d->capacity) * sizeof(PgtNodeText));
		d->capacity = capacity;
	}
	d->nodes[id].text = (const char *) (intptr_t) (d->strings->len + 1);
	d->nodes[id].length = (uint32) d->length;
	d->nodes[id].object = d->object;
	appendBinaryStringInfo(d->strings, d->text, (int) d->length);
	appendStringInfoChar(d->strings, '\0');
	d->count = Max(d->count, id + 1);
}

/* ---- The tree of a plan ---- */

typedef void (*PlanVisitor) (const Plan *plan, int level, void *arg);

static void visit_tree(const Plan *plan, int level, PlanVisitor visit, void *arg);

static void
visit_list(List *plans, int level, PlanVisitor visit, void *arg)
{
	ListCell   *cell;

	foreach(cell, plans)
		visit_tree((const Plan *) lfirst(cell), level, visit, arg);
}

static void
visit_tree(const Plan *plan, int level, PlanVisitor visit, void *arg)
{
	if (plan == NULL)
		return;
	check_stack_depth();
	visit(plan, level, arg);
	visit_tree(plan->lefttree, level + 1, visit, arg);
	visit_tree(plan->righttree, level + 1, visit, arg);
	switch (nodeTag(plan))
	{
		case T_Append:
			visit_list(((const Append *) plan)->appendplans, level + 1, visit, arg);
			break;
		case T_MergeAppend:
			visit_list(((const MergeAppend *) plan)->mergeplans, level + 1, visit, arg);
			break;
		case T_BitmapAnd:
			visit_list(((const BitmapAnd *) plan)->bitmapplans, level + 1, visit, arg);
			break;
		case T_BitmapOr:
			visit_list(((const BitmapOr *) plan)->bitmapplans, level + 1, visit, arg);
			break;
		case T_SubqueryScan:
			visit_tree(((const SubqueryScan *) plan)->subplan, level + 1, visit, arg);
			break;
		case T_CustomScan:
			visit_list(((const CustomScan *) plan)->custom_plans, level + 1, visit, arg);
			break;
		default:
			break;
	}
}

/* The main plan in preorder, then its subplans in the statement's order. */
static void
visit_plan(const PlannedStmt *stmt, PlanVisitor visit, void *arg)
{
	visit_tree(stmt->planTree, 0, visit, arg);
	visit_list(stmt->subplans, 1, visit, arg);
}

static void
describe_visitor(const Plan *plan, int level, void *arg)
{
	Describe   *d = arg;

	d->hash = hash_combine64(d->hash, (uint64) level);
	d->length = 0;
	d->object = InvalidOid;
	describe_node(d, plan);
	keep_text(d, plan->plan_node_id);
}

/* ---- The fingerprint ---- */

typedef struct Fingerprint
{
	const PlannedStmt *stmt;
	uint64		value;
} Fingerprint;

static inline void
mix(Fingerprint *f, uint64 value)
{
	f->value = (f->value ^ value) * UINT64CONST(0x9E3779B97F4A7C15);
	f->value ^= f->value >> 29;
}

static inline void
mix_double(Fingerprint *f, double value)
{
	uint64		bits;

	memcpy(&bits, &value, sizeof(bits));
	mix(f, bits);
}

static void
mix_string(Fingerprint *f, const char *s)
{
	uint64		hash = UINT64CONST(0xCBF29CE484222325);

	for (; s != NULL && *s != '\0'; s++)
		hash = (hash ^ (uint8) *s) * UINT64CONST(0x100000001B3);
	mix(f, hash);
}

static void
mix_target(Fingerprint *f, Index rti)
{
	RangeTblEntry *rte;

	if (rti == 0 || rti > (Index) list_length(f->stmt->rtable))
		return;
	rte = rt_fetch(rti, f->stmt->rtable);
	mix(f, ((uint64) rte->rtekind << 32) | rte->relid);
	mix_string(f, rte->eref != NULL ? rte->eref->aliasname : "");
	mix_string(f, rte->ctename);
	mix_string(f, rte->enrname);
}

/* All that describe_node makes a text of, and the costs. */
static void
fingerprint_visitor(const Plan *plan, int level, void *arg)
{
	Fingerprint *f = arg;

	mix(f, ((uint64) nodeTag(plan) << 32) | (uint32) plan->plan_node_id);
	mix(f, ((uint64) level << 2) | (plan->parallel_aware ? 2 : 0) | (plan->async_capable ? 1 : 0));
	mix_double(f, plan->total_cost);
	mix_double(f, plan->plan_rows);
	switch (nodeTag(plan))
	{
		case T_ModifyTable:
			mix(f, ((const ModifyTable *) plan)->operation);
			mix_target(f, ((const ModifyTable *) plan)->nominalRelation);
			break;
		case T_NestLoop:
		case T_MergeJoin:
		case T_HashJoin:
			mix(f, ((const Join *) plan)->jointype);
			break;
		case T_IndexScan:
			mix(f, ((uint64) ((const IndexScan *) plan)->indexid << 2) |
				(((const IndexScan *) plan)->indexorderdir + 1));
			mix_target(f, scan_relation(plan));
			break;
		case T_IndexOnlyScan:
			mix(f, ((uint64) ((const IndexOnlyScan *) plan)->indexid << 2) |
				(((const IndexOnlyScan *) plan)->indexorderdir + 1));
			mix_target(f, scan_relation(plan));
			break;
		case T_BitmapIndexScan:
			mix(f, ((const BitmapIndexScan *) plan)->indexid);
			break;
		case T_FunctionScan:
			{
				ListCell   *cell;

				foreach(cell, ((const FunctionScan *) plan)->functions)
				{
					Node	   *call = lfirst_node(RangeTblFunction, cell)->funcexpr;

					mix(f, IsA(call, FuncExpr) ? ((FuncExpr *) call)->funcid : 0);
				}
				mix_target(f, scan_relation(plan));
			}
			break;
		case T_SeqScan:
		case T_SampleScan:
		case T_BitmapHeapScan:
		case T_TidScan:
		case T_TidRangeScan:
		case T_SubqueryScan:
		case T_TableFuncScan:
		case T_ValuesScan:
		case T_CteScan:
		case T_NamedTuplestoreScan:
		case T_WorkTableScan:
			mix_target(f, scan_relation(plan));
			break;
		case T_ForeignScan:
			mix(f, ((const ForeignScan *) plan)->operation);
			mix_target(f, scan_relation(plan));
			break;
		case T_CustomScan:
			mix_string(f, ((const CustomScan *) plan)->methods->CustomName);
			mix_target(f, scan_relation(plan));
			break;
		case T_Agg:
			mix(f, ((uint64) ((const Agg *) plan)->aggstrategy << 32) | ((const Agg *) plan)->aggsplit);
			break;
		case T_SetOp:
			mix(f, ((uint64) ((const SetOp *) plan)->strategy << 32) | ((const SetOp *) plan)->cmd);
			break;
		default:
			break;
	}
}

/* ---- What was made of plans ---- */

#define CACHE_SIZE	1024		/* power of two */

static PgtPlanText *cache[CACHE_SIZE];

static PgtPlanText *
describe(const PlannedStmt *stmt)
{
	Describe	d;
	StringInfoData strings;
	MemoryContext scratch;
	MemoryContext caller;
	PgtPlanText *plan;
	char	   *to;

	scratch = AllocSetContextCreate(CurrentMemoryContext, "pg_trace plan", ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(scratch);
	initStringInfo(&strings);
	d.stmt = stmt;
	d.hash = 0;
	d.strings = &strings;
	d.capacity = 16;
	d.count = 0;
	d.nodes = palloc0(d.capacity * sizeof(PgtNodeText));
	visit_plan(stmt, describe_visitor, &d);
	MemoryContextSwitchTo(caller);

	plan = MemoryContextAlloc(TopMemoryContext, offsetof(PgtPlanText, nodes) +
							  d.count * sizeof(PgtNodeText) + strings.len);
	plan->hash = (uint32) (d.hash ^ (d.hash >> 32));
	if (plan->hash == 0)
		plan->hash = 1;
	plan->count = d.count;
	memcpy(plan->nodes, d.nodes, d.count * sizeof(PgtNodeText));
	to = (char *) &plan->nodes[d.count];
	memcpy(to, strings.data, strings.len);
	for (int i = 0; i < plan->count; i++)
	{
		intptr_t	offset = (intptr_t) plan->nodes[i].text;

		plan->nodes[i].text = offset > 0 ? to + offset - 1 : NULL;
	}
	MemoryContextDelete(scratch);
	return plan;
}

PgtPlanText *
pgt_plan_text(const PlannedStmt *stmt)
{
	Fingerprint f = {stmt, 0};
	PgtPlanText **place;
	PgtPlanText *plan;

	refresh_names();
	if (stmt->planTree != NULL)
		visit_plan(stmt, fingerprint_visitor, &f);
	place = &cache[(f.value >> 16) & (CACHE_SIZE - 1)];
	plan = *place;
	if (plan != NULL && plan->fingerprint == f.value && plan->generation == names_generation)
	{
		plan->users++;
		return plan;
	}
	plan = describe(stmt);
	plan->fingerprint = f.value;
	plan->generation = names_generation;
	plan->users = 2;			/* the cache and the caller */
	if (*place != NULL)
		pgt_plan_text_release(*place);
	*place = plan;
	return plan;
}

void
pgt_plan_text_release(PgtPlanText *plan)
{
	if (--plan->users == 0)
		pfree(plan);
}
