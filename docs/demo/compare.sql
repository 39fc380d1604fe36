-- What two runs are compared by: `-v identifier=base`, then an index less, then `-v identifier=new`.
SET pg_trace.tracefile_identifier = :'identifier';
SET pg_trace.blocks = 'all';
SET pg_trace.enabled = on;

SELECT count(*), max(amount) FROM orders WHERE product_id = 7;

SELECT name FROM products WHERE id = 7;

SET pg_trace.enabled = off;
