-- What the demo's workload needs; not traced.

CREATE EXTENSION pg_trace;

CREATE TABLE products (
  id int PRIMARY KEY,
  name text NOT NULL,
  stock int NOT NULL
);

CREATE TABLE orders (
  id int PRIMARY KEY,
  product_id int NOT NULL REFERENCES products,
  amount numeric(10, 2) NOT NULL,
  note text NOT NULL
);

CREATE TABLE stock_history (
  product_id int NOT NULL,
  stock_before int NOT NULL,
  stock_after int NOT NULL
);

INSERT INTO products
SELECT n, 'product ' || n, 100
FROM generate_series(1, 2000) AS n;

INSERT INTO orders
SELECT n, 1 + n % 2000, (n * 37 % 10000) / 100.0, repeat(md5(n::text), 4)
FROM generate_series(1, 100000) AS n;

CREATE INDEX orders_product_id ON orders (product_id);

-- Each change of a stock is kept: a recursive call from a trigger.
CREATE FUNCTION keep_stock_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stock_history VALUES (new.id, old.stock, new.stock);
  RETURN new;
END
$$;

CREATE TRIGGER keep_stock_history
AFTER UPDATE OF stock ON products
FOR EACH ROW EXECUTE FUNCTION keep_stock_history();

-- Recursive calls from a function.
CREATE FUNCTION restock(first_id int, last_id int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  product products;
  changed int := 0;
BEGIN
  FOR product IN SELECT * FROM products WHERE id BETWEEN first_id AND last_id LOOP
    UPDATE products
    SET stock = stock + (SELECT count(*) FROM orders WHERE product_id = product.id)
    WHERE id = product.id;
    changed := changed + 1;
  END LOOP;
  RETURN changed;
END
$$;

VACUUM ANALYZE;
CHECKPOINT;
