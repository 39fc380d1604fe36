/* pg_trace--1.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION pg_trace" to load this file. \quit

CREATE FUNCTION pg_trace_file() RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION pg_trace_file() IS 'path of this session''s trace file';

CREATE FUNCTION pg_trace_status(
    OUT pid integer,
    OUT leader_pid integer,
    OUT level integer,
    OUT events bigint,
    OUT dropped_events bigint,
    OUT ring_fill double precision,
    OUT trace_file text,
    OUT rule text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION pg_trace_status() IS 'a row for each traced process, and for each rule by which sessions are traced';
REVOKE ALL ON FUNCTION pg_trace_status() FROM PUBLIC;

CREATE FUNCTION pg_trace_session_enable(
    pid integer,
    level integer DEFAULT 8,
    blocks text DEFAULT 'physical',
    plan_stat text DEFAULT 'all_executions')
RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION pg_trace_session_enable(integer, integer, text, text) IS 'trace another session, at once';
REVOKE ALL ON FUNCTION pg_trace_session_enable(integer, integer, text, text) FROM PUBLIC;

CREATE FUNCTION pg_trace_session_disable(pid integer) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION pg_trace_session_disable(integer) IS 'end the trace of another session; false: it was not traced';
REVOKE ALL ON FUNCTION pg_trace_session_disable(integer) FROM PUBLIC;

CREATE FUNCTION pg_trace_application_enable(
    application_name text,
    level integer DEFAULT 8,
    blocks text DEFAULT 'physical',
    plan_stat text DEFAULT 'all_executions')
RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION pg_trace_application_enable(text, integer, text, text) IS 'trace sessions of an application, running and to come';
REVOKE ALL ON FUNCTION pg_trace_application_enable(text, integer, text, text) FROM PUBLIC;

CREATE FUNCTION pg_trace_application_disable(application_name text) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION pg_trace_application_disable(text) IS 'trace sessions of an application no longer; false: they were not';
REVOKE ALL ON FUNCTION pg_trace_application_disable(text) FROM PUBLIC;

CREATE FUNCTION pg_trace_role_enable(
    role_name text,
    level integer DEFAULT 8,
    blocks text DEFAULT 'physical',
    plan_stat text DEFAULT 'all_executions')
RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION pg_trace_role_enable(text, integer, text, text) IS 'trace sessions of a role, running and to come';
REVOKE ALL ON FUNCTION pg_trace_role_enable(text, integer, text, text) FROM PUBLIC;

CREATE FUNCTION pg_trace_role_disable(role_name text) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION pg_trace_role_disable(text) IS 'trace sessions of a role no longer; false: they were not';
REVOKE ALL ON FUNCTION pg_trace_role_disable(text) FROM PUBLIC;

CREATE FUNCTION pg_trace_database_enable(
    database_name text,
    level integer DEFAULT 8,
    blocks text DEFAULT 'physical',
    plan_stat text DEFAULT 'all_executions')
RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION pg_trace_database_enable(text, integer, text, text) IS 'trace sessions of a database, running and to come';
REVOKE ALL ON FUNCTION pg_trace_database_enable(text, integer, text, text) FROM PUBLIC;

CREATE FUNCTION pg_trace_database_disable(database_name text) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION pg_trace_database_disable(text) IS 'trace sessions of a database no longer; false: they were not';
REVOKE ALL ON FUNCTION pg_trace_database_disable(text) FROM PUBLIC;

CREATE FUNCTION pg_trace_capabilities(
    OUT name text,
    OUT available boolean,
    OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION pg_trace_capabilities() IS 'what this server build can show, and why not';
REVOKE ALL ON FUNCTION pg_trace_capabilities() FROM PUBLIC;
