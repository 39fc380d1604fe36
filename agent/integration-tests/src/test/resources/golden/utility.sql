CREATE TABLE made (id int, name text);
COPY made FROM stdin;
1	one
2	two
3	three
\.
COPY made TO '/dev/null';
COPY (SELECT id FROM made WHERE id > 1) TO '/dev/null';
CREATE INDEX made_id ON made (id);
ALTER TABLE made ADD COLUMN extra int DEFAULT 7;
ANALYZE made;
VACUUM made;
EXPLAIN (COSTS off) SELECT * FROM made WHERE id = 1;
EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) SELECT * FROM made WHERE id = 1;
CREATE TABLE made_too AS SELECT * FROM made;
CREATE VIEW made_view AS SELECT id FROM made;
SELECT * FROM made_view;
CREATE MATERIALIZED VIEW made_mat AS SELECT count(*) FROM made;
REFRESH MATERIALIZED VIEW made_mat;
SHOW work_mem;
SET work_mem = '1MB';
RESET work_mem;
DROP MATERIALIZED VIEW made_mat;
DROP TABLE made, made_too CASCADE;
