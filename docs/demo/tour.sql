-- One session that shows most kinds of line; two statements fail on purpose.

SET pg_trace.tracefile_identifier = 'tour';
SET pg_trace.level = 12;
SET pg_trace.enabled = on;

-- A cold read by an index, then the same block again, from the buffers.
SELECT id, amount FROM orders WHERE id = 4711;
SELECT id, amount FROM orders WHERE id = 4712;

-- A sequential read.
SET max_parallel_workers_per_gather = 0;
SELECT count(*), sum(amount) FROM orders WHERE note LIKE '%cafe%';

-- A prepared statement.
PREPARE orders_of (int) AS
  SELECT count(*), max(amount) FROM orders WHERE product_id = $1;
EXECUTE orders_of (7);
EXECUTE orders_of (8);
DEALLOCATE orders_of;

-- A sort that does not fit into memory.
SET work_mem = '64kB';
SELECT count(*) FROM (SELECT note FROM orders ORDER BY note OFFSET 0) AS sorted;
RESET work_mem;

-- A join in parallel.
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT p.name, sum(o.amount) AS total
FROM orders AS o
JOIN products AS p ON p.id = o.product_id
GROUP BY p.name
ORDER BY total DESC, p.name
LIMIT 3;
RESET max_parallel_workers_per_gather;

-- Recursive calls, from a function and from a trigger.
SELECT restock(1, 3);

-- A cursor.
BEGIN;
DECLARE by_id CURSOR FOR SELECT id, note FROM orders ORDER BY id;
FETCH 10 FROM by_id;
FETCH 5 FROM by_id;
CLOSE by_id;
COMMIT;

-- Rows in and out in bulk.
COPY products (id, name, stock) FROM stdin;
3001	copied one	1
3002	copied two	2
\.
COPY (SELECT id, name FROM products WHERE id > 3000) TO stdout;

-- Errors: a name that is not there, and one that ends an execution.
SELECT * FROM no_such_table;
SELECT 1 / (id - 5) FROM products WHERE id <= 10;

-- A transaction that is taken back.
BEGIN;
DELETE FROM orders WHERE product_id = 9;
ROLLBACK;

SET pg_trace.enabled = off;
