-- What the traced work needs; not traced. The same data in each run: the same plans.
SET client_min_messages = warning;
DROP TABLE IF EXISTS orders, customers;

CREATE TABLE customers (
  id int PRIMARY KEY,
  name text NOT NULL
);

CREATE TABLE orders (
  id int PRIMARY KEY,
  customer_id int NOT NULL REFERENCES customers,
  amount numeric(10, 2) NOT NULL,
  note text NOT NULL
);

INSERT INTO customers
SELECT n, 'customer ' || n
FROM generate_series(1, 500) AS n;

INSERT INTO orders
SELECT n, 1 + n % 500, (n * 37 % 10000) / 100.0, repeat(md5(n::text), 4)
FROM generate_series(1, 20000) AS n;

CREATE INDEX orders_customer ON orders (customer_id);

VACUUM ANALYZE customers, orders;
