-- The functions of pg_trace in the first database, and in those to come.
SELECT current_setting('shared_preload_libraries') ~ '\mpg_trace\M' AS loaded \gset
\if :loaded
CREATE EXTENSION IF NOT EXISTS pg_trace;
\connect template1
CREATE EXTENSION IF NOT EXISTS pg_trace;
\else
\echo pg_trace is not in shared_preload_libraries: its functions are not made
\endif
