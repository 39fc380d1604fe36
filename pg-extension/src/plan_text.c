/*-------------------------------------------------------------------------
 *
 * plan_text.c
 *	  What is made of a plan: the texts of its nodes, and its hash.
 *
 * It is kept for the next execution, under a fingerprint of all that goes
 * into it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/extensible.h"
#include "parser/parsetree.h"
#include "utils/memutils.h"

#include "node_text.h"
#include "pg_trace.h"

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

/* ---- Texts and hash ---- */

typedef struct Describe
{
	PgtNodeDescription node;	/* in hand */
	StringInfo	strings;		/* texts of all nodes, NUL-terminated */
	PgtNodeText *nodes;			/* by plan_node_id; offsets in strings, + 1 */
	int			capacity;
	int			count;			/* highest plan_node_id seen, + 1 */
} Describe;

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
	d->nodes[id].length = (uint32) d->node.length;
	d->nodes[id].object = d->node.object;
	appendBinaryStringInfo(d->strings, d->node.text, (int) d->node.length);
	appendStringInfoChar(d->strings, '\0');
	d->count = Max(d->count, id + 1);
}

static void
describe_visitor(const Plan *plan, int level, void *arg)
{
	Describe   *d = arg;

	d->node.hash = hash_combine64(d->node.hash, (uint64) level);
	pgt_describe_node(&d->node, plan);
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
			mix_target(f, ((const Scan *) plan)->scanrelid);
			break;
		case T_IndexOnlyScan:
			mix(f, ((uint64) ((const IndexOnlyScan *) plan)->indexid << 2) |
				(((const IndexOnlyScan *) plan)->indexorderdir + 1));
			mix_target(f, ((const Scan *) plan)->scanrelid);
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
				mix_target(f, ((const Scan *) plan)->scanrelid);
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
			mix_target(f, ((const Scan *) plan)->scanrelid);
			break;
		case T_ForeignScan:
			mix(f, ((const ForeignScan *) plan)->operation);
			mix_target(f, ((const Scan *) plan)->scanrelid);
			break;
		case T_CustomScan:
			mix_string(f, ((const CustomScan *) plan)->methods->CustomName);
			mix_target(f, ((const Scan *) plan)->scanrelid);
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
	d.node.stmt = stmt;
	d.node.hash = 0;
	d.strings = &strings;
	d.capacity = 16;
	d.count = 0;
	d.nodes = palloc0(d.capacity * sizeof(PgtNodeText));
	visit_plan(stmt, describe_visitor, &d);
	MemoryContextSwitchTo(caller);

	plan = MemoryContextAlloc(TopMemoryContext, offsetof(PgtPlanText, nodes) +
							  d.count * sizeof(PgtNodeText) + strings.len);
	plan->hash = (uint32) (d.node.hash ^ (d.node.hash >> 32));
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
	BufferUsage usage = pgBufferUsage;
	PgtPlanText **place;
	PgtPlanText *plan;

	pgt_relation_names_refresh();
	if (stmt->planTree != NULL)
		visit_plan(stmt, fingerprint_visitor, &f);
	place = &cache[(f.value >> 16) & (CACHE_SIZE - 1)];
	plan = *place;
	if (plan != NULL && plan->fingerprint == f.value && plan->generation == pgt_relation_names_generation)
	{
		plan->users++;
		return plan;
	}
	/* What we read of the catalogs is not the statement's. */
	pgt_own_work = true;
	plan = describe(stmt);
	pgt_own_work = false;
	pgBufferUsage = usage;
	plan->fingerprint = f.value;
	plan->generation = pgt_relation_names_generation;
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
