-- Defaults, limits and units, and values that are refused.
CREATE EXTENSION pg_trace;

SELECT name, vartype, boot_val, min_val, max_val, unit, context, enumvals
FROM pg_settings
WHERE name LIKE 'pg\_trace.%'
ORDER BY name COLLATE "C";

SET pg_trace.level = 0;
SET pg_trace.level = 16;
SET pg_trace.level = 12;
SHOW pg_trace.level;
SET pg_trace.plan_stat = sometimes;
SET pg_trace.plan_stat = first_execution;
SET pg_trace.node_timing = fast;
SET pg_trace.node_timing = exact;
SET pg_trace.on_full = block;
SET pg_trace.on_full = drop;
-- How the message names the limits depends on the major.
\set VERBOSITY sqlstate
SET pg_trace.full_timeout = -1;
\set VERBOSITY default
SET pg_trace.full_timeout = '2s';
SHOW pg_trace.full_timeout;
\set VERBOSITY sqlstate
SET pg_trace.max_bind_length = 4001;
\set VERBOSITY default
SET pg_trace.max_bind_length = '1kB';
SHOW pg_trace.max_bind_length;

-- The identifier becomes part of a file's name.
SET pg_trace.tracefile_identifier = '../passwd';
SET pg_trace.tracefile_identifier = 'with blank';
SET pg_trace.tracefile_identifier = '0123456789012345678901234567890123456789012345678901234567890123';
SET pg_trace.tracefile_identifier = 'Batch_7-b';
SHOW pg_trace.tracefile_identifier;

-- Only with the server's start.
SET pg_trace.rings = 1;
SET pg_trace.ring_size = '1MB';
SET pg_trace.ring_directory = '/tmp';
SET pg_trace.daemon_command = 'true';
SET pg_trace.waits_provider = none;

-- No other setting has the prefix.
SET pg_trace.no_such_setting = 1;
DROP EXTENSION pg_trace;
