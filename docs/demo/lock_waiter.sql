-- Not traced: wait until lock_holder.sql holds its row.
DO $$
BEGIN
  FOR attempt IN 1..500 LOOP
    EXIT WHEN EXISTS (
      SELECT FROM pg_stat_activity
      WHERE application_name = 'demo_lock_holder' AND wait_event = 'PgSleep');
    PERFORM pg_sleep(0.01);
    PERFORM pg_stat_clear_snapshot();
  END LOOP;
END
$$;

SET pg_trace.tracefile_identifier = 'lock_waiter';
SET pg_trace.enabled = on;
UPDATE products SET stock = stock - 1 WHERE id = 1;
SET pg_trace.enabled = off;
