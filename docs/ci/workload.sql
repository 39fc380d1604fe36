-- The traced work: what the application does.
SET pg_trace.tracefile_identifier = 'ci';
SET pg_trace.blocks = 'all';
SET pg_trace.enabled = on;
\o /dev/null

SELECT name FROM customers WHERE id = 42;

SELECT c.name, count(*), sum(o.amount)
FROM customers AS c
JOIN orders AS o ON o.customer_id = c.id
WHERE c.id = 42
GROUP BY c.name;

SELECT id, amount FROM orders WHERE customer_id = 7 ORDER BY amount DESC LIMIT 5;

BEGIN;
UPDATE orders SET amount = amount + 1 WHERE id = 4711;
COMMIT;

-- No longer traced. The file's name is known when the daemon has made it.
SET pg_trace.enabled = off;
DO $$
BEGIN
  FOR i IN 1 .. 100 LOOP
    EXIT WHEN pg_trace_file() IS NOT NULL;
    PERFORM pg_sleep(0.1);
  END LOOP;
END
$$;
\o
SELECT pg_trace_file();
