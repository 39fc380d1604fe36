-- What all golden scripts work on; not traced.
CREATE EXTENSION pg_trace;

CREATE TABLE dept (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE emp (
  id int PRIMARY KEY,
  dept_id int NOT NULL REFERENCES dept,
  name text NOT NULL,
  salary numeric(10, 2) NOT NULL
);
INSERT INTO dept SELECT n, 'dept ' || n FROM generate_series(1, 10) AS n;
INSERT INTO emp SELECT n, 1 + n % 10, 'emp ' || n, 1000 + n FROM generate_series(1, 1000) AS n;
CREATE INDEX emp_dept ON emp (dept_id);

CREATE TABLE scratch (id int PRIMARY KEY, v int);
CREATE TABLE log (what text, id int);

CREATE FUNCTION add_one(i int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  RETURN i + 1;
END
$$;
CREATE FUNCTION dept_size(d int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  n bigint;
BEGIN
  SELECT count(*) INTO n FROM emp WHERE dept_id = d;
  RETURN n;
END
$$;
CREATE FUNCTION dept_name(d int) RETURNS text LANGUAGE sql VOLATILE AS
  'SELECT name FROM dept WHERE id = d';
CREATE FUNCTION dept_report(d int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN dept_name(d) || ' ' || dept_size(d);
END
$$;
CREATE FUNCTION fail_caught(i int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 / i;
  RETURN 'fine';
EXCEPTION WHEN division_by_zero THEN
  RETURN 'caught';
END
$$;
CREATE FUNCTION fail_nested(i int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  r int;
BEGIN
  EXECUTE 'SELECT 1 / ' || i INTO r;
  RETURN r;
END
$$;
CREATE PROCEDURE two_transactions() LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO log VALUES ('procedure', 1);
  COMMIT;
  INSERT INTO log VALUES ('procedure', 2);
END
$$;

CREATE TABLE audited (id int PRIMARY KEY, v int, changed int NOT NULL DEFAULT 0);
CREATE FUNCTION audited_before() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  new.changed := coalesce(new.changed, 0) + 1;
  RETURN new;
END
$$;
CREATE FUNCTION audited_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO log VALUES (tg_op || ' ' || tg_when, coalesce(new.id, old.id));
  RETURN NULL;
END
$$;
CREATE TRIGGER b BEFORE INSERT OR UPDATE ON audited
  FOR EACH ROW EXECUTE FUNCTION audited_before();
CREATE TRIGGER a AFTER INSERT OR UPDATE OR DELETE ON audited
  FOR EACH ROW EXECUTE FUNCTION audited_after();
CREATE CONSTRAINT TRIGGER d AFTER DELETE ON audited DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION audited_after();

CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (id int PRIMARY KEY, parent_id int REFERENCES parent ON DELETE CASCADE);

CREATE ROLE traced LOGIN;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO traced;
VACUUM (FREEZE, ANALYZE);
