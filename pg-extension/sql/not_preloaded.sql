-- The library cannot be loaded into a running session.
LOAD 'pg_trace';
