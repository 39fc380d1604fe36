-- Who may do what.
CREATE EXTENSION pg_trace;
CREATE ROLE regress_pg_trace_plain;
CREATE ROLE regress_pg_trace_granted;
GRANT SET ON PARAMETER pg_trace.enabled, pg_trace.level TO regress_pg_trace_granted;
GRANT EXECUTE ON FUNCTION pg_trace_status() TO regress_pg_trace_granted;
SET client_min_messages = error;
-- The texts of these errors differ from one major version to the next.
\set VERBOSITY sqlstate

SET ROLE regress_pg_trace_plain;
SET pg_trace.enabled = on;
SET pg_trace.level = 12;
SET pg_trace.plan_stat = never;
SET pg_trace.node_timing = off;
SET pg_trace.max_bind_length = 1;
SET pg_trace.tracefile_identifier = 'mine';
SET pg_trace.on_full = drop;
SET pg_trace.full_timeout = 0;
SELECT set_config('pg_trace.enabled', 'on', false);
SELECT count(*) FROM pg_trace_status();
SELECT count(*) FROM pg_trace_capabilities();
SELECT pg_trace_session_enable(pg_backend_pid());
SELECT pg_trace_session_disable(pg_backend_pid());
SELECT pg_trace_application_enable('psql');
SELECT pg_trace_application_disable('psql');
SELECT pg_trace_role_enable('postgres');
SELECT pg_trace_role_disable('postgres');
SELECT pg_trace_database_enable('postgres');
SELECT pg_trace_database_disable('postgres');
SELECT pg_trace_file() IS NULL AS may_ask;
SHOW pg_trace.ring_directory;
SHOW pg_trace.daemon_command;

SET ROLE regress_pg_trace_granted;
SET pg_trace.level = 12;
SET pg_trace.enabled = on;
SHOW pg_trace.enabled;
SET pg_trace.enabled = off;
SET pg_trace.node_timing = off;
SELECT count(*) BETWEEN 0 AND 1 AS may_ask FROM pg_trace_status() WHERE pid = pg_backend_pid();
RESET ROLE;

DROP EXTENSION pg_trace;
REVOKE ALL ON PARAMETER pg_trace.enabled, pg_trace.level FROM regress_pg_trace_granted;
DROP ROLE regress_pg_trace_plain, regress_pg_trace_granted;
