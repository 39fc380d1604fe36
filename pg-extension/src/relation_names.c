/*-------------------------------------------------------------------------
 *
 * relation_names.c
 *	  Names of relations, kept in this process until the server says that a
 *	  relation or schema has changed.
 *
 * They are looked up in the catalogs, which is allowed at the start of an
 * execution and at the end of planning.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "node_text.h"

#define NAMES_MAX	10000

static HTAB *names = NULL;
static bool names_stale = false;
uint64		pgt_relation_names_generation = 0;

static void
relation_changed(Datum arg, Oid relid)
{
	/* In the middle of anything: only note it.  InvalidOid: any of them. */
	if (!OidIsValid(relid) ||
		(names != NULL && hash_search(names, &relid, HASH_FIND, NULL) != NULL))
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
	names = NULL;
	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(PgtRelationName);
	ctl.hcxt = TopMemoryContext;
	names = hash_create("pg_trace relation names", 128, &ctl,
						HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	names_stale = false;
	pgt_relation_names_generation++;
}

void
pgt_relation_names_refresh(void)
{
	static bool registered = false;

	if (!registered)
	{
		registered = true;
		CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
		CacheRegisterSyscacheCallback(NAMESPACEOID, schema_changed, (Datum) 0);
	}
	if (names == NULL || names_stale || hash_get_num_entries(names) > NAMES_MAX)
		empty_names();
}

const PgtRelationName *
pgt_relation_name(Oid relid)
{
	PgtRelationName *entry;
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
