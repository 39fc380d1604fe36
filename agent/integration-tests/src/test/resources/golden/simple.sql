SELECT 1;
SELECT count(*) FROM emp;
SELECT name FROM emp WHERE id = 42;
SELECT d.name, count(*)
FROM dept AS d
JOIN emp AS e ON e.dept_id = d.id
WHERE e.salary > 1500
GROUP BY d.name
ORDER BY 2 DESC, 1
LIMIT 3;
SELECT name FROM emp WHERE name = 'nobody';
-- a comment before
SELECT /* a comment inside */ 'it''s' AS "quoted", '$1' AS dollar;
BEGIN;
INSERT INTO scratch VALUES (1, 1), (2, 2);
UPDATE scratch SET v = v + 1 WHERE id = 1;
DELETE FROM scratch WHERE id = 2 RETURNING id;
ROLLBACK;
INSERT INTO scratch VALUES (1, 1);
DELETE FROM scratch;
BEGIN;
SELECT 1;
COMMIT;
