-- A pgbench script for `-M extended -D product=N`: bind values from a client.
SET pg_trace.tracefile_identifier = 'binds';
SET pg_trace.level = 12;
SET pg_trace.enabled = on;
SELECT o.id, o.amount, p.name
FROM orders AS o
JOIN products AS p ON p.id = o.product_id
WHERE o.product_id = :product AND o.amount > :product::numeric / 10
ORDER BY o.id
LIMIT 10;
SET pg_trace.enabled = off;
