-- The traced work: what the application does.
SET pg_trace.tracefile_identifier = 'ci';
SET pg_trace.enabled = on;
SELECT pg_trace_file();
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
