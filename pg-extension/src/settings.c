/*-------------------------------------------------------------------------
 *
 * settings.c
 *	  The settings pg_trace.*: defaults, limits, checks.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "miscadmin.h"
#include "utils/guc.h"

#include "parallel.h"
#include "pg_trace.h"

#define LEVEL_DEFAULT			8
#define MAX_BIND_LENGTH_DEFAULT	256
#define MAX_BIND_LENGTH_MIN		0
#define MAX_BIND_LENGTH_MAX		4000
#define FULL_TIMEOUT_DEFAULT	100
#define FULL_TIMEOUT_MIN		0
#define FULL_TIMEOUT_MAX		10000
#define RINGS_DEFAULT			128
#define RINGS_MIN				1
#define RING_SIZE_DEFAULT		4096
#define RING_DIRECTORY_DEFAULT	"/dev/shm"
#define IDENTIFIER_MAX			63

bool		pgt_settings_changed = true;

bool		pgt_guc_enabled = false;
int			pgt_guc_level = LEVEL_DEFAULT;
int			pgt_guc_blocks = PGT_BLOCKS_PHYSICAL;
int			pgt_guc_plan_stat = PGT_PLAN_STAT_ALL;
int			pgt_guc_node_timing = PGT_TIMING_SAMPLED;
int			pgt_guc_max_bind_length = MAX_BIND_LENGTH_DEFAULT;
char	   *pgt_guc_tracefile_identifier = NULL;
int			pgt_guc_on_full = PGT_ON_FULL_WAIT;
int			pgt_guc_full_timeout = FULL_TIMEOUT_DEFAULT;
char	   *pgt_guc_daemon_command = NULL;
int			pgt_guc_waits_provider = PGT_WAITS_AUTO;
int			pgt_guc_rings = RINGS_DEFAULT;
int			pgt_guc_ring_size = RING_SIZE_DEFAULT;
char	   *pgt_guc_ring_directory = NULL;

static const struct config_enum_entry blocks_options[] = {
	{"off", PGT_BLOCKS_OFF, false},
	{"physical", PGT_BLOCKS_PHYSICAL, false},
	{"all", PGT_BLOCKS_ALL, false},
	{NULL, 0, false}
};

static const struct config_enum_entry plan_stat_options[] = {
	{"never", PGT_PLAN_STAT_NEVER, false},
	{"first_execution", PGT_PLAN_STAT_FIRST, false},
	{"all_executions", PGT_PLAN_STAT_ALL, false},
	{NULL, 0, false}
};

static const struct config_enum_entry node_timing_options[] = {
	{"sampled", PGT_TIMING_SAMPLED, false},
	{"exact", PGT_TIMING_EXACT, false},
	{"off", PGT_TIMING_OFF, false},
	{NULL, 0, false}
};

static const struct config_enum_entry on_full_options[] = {
	{"wait", PGT_ON_FULL_WAIT, false},
	{"drop", PGT_ON_FULL_DROP, false},
	{NULL, 0, false}
};

static const struct config_enum_entry waits_provider_options[] = {
	{"auto", PGT_WAITS_AUTO, false},
	{"none", PGT_WAITS_NONE, false},
	{NULL, 0, false}
};

static int
option_named(const struct config_enum_entry *options, const char *name)
{
	for (; options->name != NULL; options++)
		if (pg_strcasecmp(options->name, name) == 0)
			return options->val;
	return -1;
}

int
pgt_blocks_named(const char *name)
{
	return option_named(blocks_options, name);
}

int
pgt_plan_stat_named(const char *name)
{
	return option_named(plan_stat_options, name);
}

/*
 * SET pg_trace.enabled = on fails here where no ring can be had, with the
 * reason; from a file, a role or a database's settings it is a warning when
 * the session begins to trace.
 */
static bool
check_enabled(bool *newval, void **extra, GucSource source)
{
	PgtClaimError error;

	if (!*newval || source < PGC_S_INTERACTIVE)
		return true;
	if (pgt_session_check_enable(&error))
		return true;
	GUC_check_errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED);
	GUC_check_errmsg("%s", error.message);
	if (error.detail[0] != '\0')
		GUC_check_errdetail("%s", error.detail);
	if (error.hint[0] != '\0')
		GUC_check_errhint("%s", error.hint);
	return false;
}

/* Not where a RESET finds it as it was: somebody else may have asked for a trace. */
static void
assign_enabled(bool newval, void *extra)
{
	if (newval != pgt_guc_enabled)
		pgt_session_switch(newval);
}

/* A setting that the trace shows or that the ring follows has changed. */
static void
assign_int(int newval, void *extra)
{
	pgt_settings_changed = true;
}

static void
assign_string(const char *newval, void *extra)
{
	pgt_settings_changed = true;
}

static bool
check_identifier(char **newval, void **extra, GucSource source)
{
	if (strlen(*newval) > IDENTIFIER_MAX)
	{
		GUC_check_errdetail("It is longer than %d bytes.", IDENTIFIER_MAX);
		return false;
	}
	for (const char *c = *newval; *c != '\0'; c++)
	{
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
			  (*c >= '0' && *c <= '9') || *c == '_' || *c == '-'))
		{
			GUC_check_errdetail("Letters, digits, \"_\" and \"-\" are allowed: it is part of a file name.");
			return false;
		}
	}
	return true;
}

static bool
check_ring_directory(char **newval, void **extra, GucSource source)
{
	if (!is_absolute_path(*newval))
	{
		GUC_check_errdetail("It must be an absolute path.");
		return false;
	}
	return true;
}

void
pgt_define_settings(void)
{
	DefineCustomBoolVariable("pg_trace.enabled",
							 "Traces this session.",
							 NULL,
							 &pgt_guc_enabled,
							 false,
							 PGC_SUSET, 0,
							 check_enabled, assign_enabled, NULL);
	DefineCustomIntVariable("pg_trace.level",
							"What is traced: 1 calls and plans, +4 bind values, +8 waits.",
							NULL,
							&pgt_guc_level,
							LEVEL_DEFAULT, PGT_LEVEL_MIN, PGT_LEVEL_MAX,
							PGC_SUSET, 0,
							NULL, assign_int, NULL);
	DefineCustomEnumVariable("pg_trace.blocks",
							 "Which blocks are shown: none, those read and written, or buffer hits too.",
							 NULL,
							 &pgt_guc_blocks,
							 PGT_BLOCKS_PHYSICAL, blocks_options,
							 PGC_SUSET, 0,
							 NULL, assign_int, NULL);
	DefineCustomEnumVariable("pg_trace.plan_stat",
							 "Which executions of a statement have their plan written.",
							 NULL,
							 &pgt_guc_plan_stat,
							 PGT_PLAN_STAT_ALL, plan_stat_options,
							 PGC_SUSET, 0,
							 NULL, assign_int, NULL);
	DefineCustomEnumVariable("pg_trace.node_timing",
							 "How the times of plan nodes are taken.",
							 "Rows, loops and buffers are exact in each mode.",
							 &pgt_guc_node_timing,
							 PGT_TIMING_SAMPLED, node_timing_options,
							 PGC_SUSET, 0,
							 NULL, assign_int, NULL);
	DefineCustomIntVariable("pg_trace.max_bind_length",
							"Bytes of a bind value that are kept.",
							NULL,
							&pgt_guc_max_bind_length,
							MAX_BIND_LENGTH_DEFAULT, MAX_BIND_LENGTH_MIN, MAX_BIND_LENGTH_MAX,
							PGC_SUSET, GUC_UNIT_BYTE,
							NULL, assign_int, NULL);
	DefineCustomStringVariable("pg_trace.tracefile_identifier",
							   "Part of the trace file's name.",
							   NULL,
							   &pgt_guc_tracefile_identifier,
							   "",
							   PGC_SUSET, 0,
							   check_identifier, assign_string, NULL);
	DefineCustomEnumVariable("pg_trace.on_full",
							 "What a session does when its ring is full.",
							 "With no daemon attached it never waits.",
							 &pgt_guc_on_full,
							 PGT_ON_FULL_WAIT, on_full_options,
							 PGC_SUSET, 0,
							 NULL, assign_int, NULL);
	DefineCustomIntVariable("pg_trace.full_timeout",
							"How long a session waits for the daemon when its ring is full.",
							NULL,
							&pgt_guc_full_timeout,
							FULL_TIMEOUT_DEFAULT, FULL_TIMEOUT_MIN, FULL_TIMEOUT_MAX,
							PGC_SUSET, GUC_UNIT_MS,
							NULL, assign_int, NULL);
	DefineCustomEnumVariable("pg_trace.waits_provider",
							 "How calls into the system are seen: by the server's import slots, or not at all.",
							 NULL,
							 &pgt_guc_waits_provider,
							 PGT_WAITS_AUTO, waits_provider_options,
							 PGC_POSTMASTER, 0,
							 NULL, NULL, NULL);
	DefineCustomStringVariable("pg_trace.daemon_command",
							   "Shell command with which the server runs the daemon.",
							   "Empty: the daemon is managed outside of the server.",
							   &pgt_guc_daemon_command,
							   "",
							   PGC_POSTMASTER, GUC_SUPERUSER_ONLY,
							   NULL, NULL, NULL);
	DefineCustomIntVariable("pg_trace.rings",
							"Sessions that can be traced at once.",
							NULL,
							&pgt_guc_rings,
							RINGS_DEFAULT, RINGS_MIN, PGT_SLOTS_MAX,
							PGC_POSTMASTER, 0,
							NULL, NULL, NULL);
	DefineCustomIntVariable("pg_trace.ring_size",
							"Size of a traced session's ring.",
							NULL,
							&pgt_guc_ring_size,
							RING_SIZE_DEFAULT, PGT_RING_SIZE_MIN / 1024, PGT_RING_SIZE_MAX / 1024,
							PGC_POSTMASTER, GUC_UNIT_KB,
							NULL, NULL, NULL);
	DefineCustomStringVariable("pg_trace.ring_directory",
							   "Folder of the segment that the rings lie in.",
							   NULL,
							   &pgt_guc_ring_directory,
							   RING_DIRECTORY_DEFAULT,
							   PGC_POSTMASTER, GUC_SUPERUSER_ONLY,
							   check_ring_directory, NULL, NULL);

	DefineCustomStringVariable("pg_trace.px",
							   "What parallel workers are told of their leader's statement.",
							   NULL,
							   &pgt_guc_px,
							   "",
							   PGC_SUSET,
							   GUC_NO_SHOW_ALL | GUC_NO_RESET_ALL | GUC_NOT_IN_SAMPLE |
							   GUC_DISALLOW_IN_FILE,
							   NULL, pgt_px_assign, NULL);

	MarkGUCPrefixReserved("pg_trace");
}
