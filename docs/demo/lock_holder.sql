-- Holds the row that lock_waiter.sql needs, for half a second.
SET pg_trace.tracefile_identifier = 'lock_holder';
SET pg_trace.enabled = on;
BEGIN;
UPDATE products SET stock = stock - 1 WHERE id = 1;
SELECT pg_sleep(0.5);
COMMIT;
SET pg_trace.enabled = off;
