SET pg_trace.enabled = off;
SELECT 'not traced 1';
BEGIN;
SELECT 'not traced 2';
SET pg_trace.enabled = on;
SELECT 'traced 3';
SET LOCAL pg_trace.enabled = off;
SELECT 'not traced 4';
COMMIT;
SELECT 'traced 5';
DO $$
BEGIN
  PERFORM 'traced 6';
  PERFORM set_config('pg_trace.enabled', 'off', false);
  PERFORM 'may be traced 7';
END
$$;
SELECT 'not traced 8';
DO $$
BEGIN
  PERFORM 'not traced 9';
  PERFORM set_config('pg_trace.enabled', 'on', false);
  PERFORM 'traced 10';
END
$$;
SELECT 'traced 11';
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM dept ORDER BY id;
FETCH 1 FROM c;
SET pg_trace.enabled = off;
FETCH 1 FROM c;
SET pg_trace.enabled = on;
FETCH 1 FROM c;
COMMIT;
BEGIN;
SET LOCAL pg_trace.enabled = off;
SELECT 1 / 0;
ROLLBACK;
SELECT 'traced 12';
