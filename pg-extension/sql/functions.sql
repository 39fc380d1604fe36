-- The shape of the functions, and what they give without and with a trace.
CREATE EXTENSION pg_trace;

SELECT p.oid::regprocedure AS function, pg_get_function_result(p.oid) AS result,
  p.provolatile AS volatility, p.proparallel AS parallel, p.proisstrict AS strict
FROM pg_proc AS p
JOIN pg_depend AS d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
JOIN pg_extension AS e ON e.oid = d.refobjid
WHERE e.extname = 'pg_trace'
ORDER BY p.proname COLLATE "C";

SELECT name FROM pg_trace_capabilities() ORDER BY name COLLATE "C";
SELECT name, available FROM pg_trace_capabilities() WHERE name = 'executor';
SELECT count(*) FROM pg_trace_capabilities() WHERE detail IS NULL OR detail = '';

SELECT pg_trace_file() IS NULL AS no_file;
SELECT count(*) FROM pg_trace_status();

SET client_min_messages = error;
SET pg_trace.level = 4;
SET pg_trace.enabled = on;
SELECT pid = pg_backend_pid() AS mine, leader_pid, level, events > 0 AS has_events,
  dropped_events, ring_fill BETWEEN 0 AND 1 AS has_fill
FROM pg_trace_status()
WHERE pid = pg_backend_pid();
SET pg_trace.enabled = off;
SELECT level FROM pg_trace_status() WHERE pid = pg_backend_pid();

-- What can be asked of another session.
SELECT pg_trace_session_enable(0);
SELECT pg_trace_session_enable(pg_backend_pid(), 16);
SELECT pg_trace_session_enable(pg_backend_pid(), blocks => 'some');
SELECT pg_trace_session_enable(pg_backend_pid(), plan_stat => 'often');
SELECT pg_trace_session_enable(NULL) IS NULL AS nothing;
SELECT pg_trace_session_disable(0);
SELECT pg_trace_session_disable(pg_backend_pid());

-- What can be asked of sessions by what they are.
SELECT pg_trace_role_enable('nobody_of_this_name');
SELECT pg_trace_database_enable('no_such_database');
SELECT pg_trace_application_enable(repeat('x', 64));
SELECT pg_trace_application_enable('nobody_s_program', 12);
SELECT pg_trace_application_enable('nobody_s_program', 4, 'off', 'never');
SELECT level, rule FROM pg_trace_status() WHERE pid IS NULL;
SELECT pg_trace_application_disable('nobody_s_program');
SELECT pg_trace_application_disable('nobody_s_program');
SELECT pg_trace_role_disable('nobody_s_program'), pg_trace_database_disable('nobody_s_program');

-- Without the extension's objects tracing works all the same.
DROP EXTENSION pg_trace;
SET pg_trace.enabled = on;
SELECT 1 AS traced;
SET pg_trace.enabled = off;
