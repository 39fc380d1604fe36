-- Data, and EXPLAIN's figures as rows.
CREATE EXTENSION pg_trace;
CREATE TABLE big (id int PRIMARY KEY, grp int NOT NULL, val int NOT NULL, pad text NOT NULL);
INSERT INTO big SELECT n, n % 100, (n * 7919) % 20000, repeat('p', 60) FROM generate_series(1, 20000) AS n;
CREATE INDEX big_grp ON big (grp);
CREATE TABLE small (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO small SELECT n, 'name ' || n FROM generate_series(1, 100) AS n;
CREATE TABLE part (id int, v int) PARTITION BY RANGE (id);
CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (1000);
CREATE TABLE part2 PARTITION OF part FOR VALUES FROM (1000) TO (2000);
INSERT INTO part SELECT n, n FROM generate_series(0, 1999) AS n;
CREATE TABLE target (id int PRIMARY KEY, v int, touched int DEFAULT 0);
CREATE TABLE audit (id int, op text);
CREATE FUNCTION audit_target() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit VALUES (coalesce(new.id, old.id), tg_op);
  RETURN NULL;
END
$$;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON target
  FOR EACH ROW EXECUTE FUNCTION audit_target();
CREATE FUNCTION count_group(g int) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT count(*) FROM big WHERE grp = g);
END
$$;
VACUUM (FREEZE, ANALYZE);

-- The nodes of a plan that EXPLAIN (FORMAT JSON) has printed, in preorder.
CREATE FUNCTION explained_nodes(plan jsonb, path int[] DEFAULT '{}')
RETURNS TABLE (at int[], node text, plan_rows numeric, loops numeric, hits numeric, reads numeric, writes numeric)
LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT path, plan ->> 'Node Type',
    (plan ->> 'Actual Rows')::numeric, (plan ->> 'Actual Loops')::numeric,
    (plan ->> 'Shared Hit Blocks')::numeric + (plan ->> 'Shared Read Blocks')::numeric
      + (plan ->> 'Local Hit Blocks')::numeric + (plan ->> 'Local Read Blocks')::numeric,
    (plan ->> 'Shared Read Blocks')::numeric + (plan ->> 'Local Read Blocks')::numeric
      + (plan ->> 'Temp Read Blocks')::numeric,
    (plan ->> 'Shared Written Blocks')::numeric + (plan ->> 'Local Written Blocks')::numeric
      + (plan ->> 'Temp Written Blocks')::numeric;
  FOR i IN 0 .. coalesce(jsonb_array_length(plan -> 'Plans'), 0) - 1 LOOP
    RETURN QUERY SELECT * FROM explained_nodes(plan -> 'Plans' -> i, path || i);
  END LOOP;
END
$$;

CREATE FUNCTION explained(query text)
RETURNS TABLE (at int[], node text, plan_rows numeric, loops numeric, hits numeric, reads numeric, writes numeric)
LANGUAGE plpgsql AS $$
DECLARE
  j jsonb;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING off, FORMAT JSON) ' || query INTO j;
  RETURN QUERY SELECT * FROM explained_nodes(j -> 0 -> 'Plan');
END
$$;
