SET statement_timeout = '500ms';
SELECT pg_sleep(10);
SELECT count(*) FROM generate_series(1, 1000000000);
DO $$ BEGIN PERFORM pg_sleep(10); END $$;
RESET statement_timeout;
SELECT 1;
