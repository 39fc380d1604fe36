SELECT add_one(1);
SELECT dept_size(3);
SELECT dept_name(4);
SELECT id, dept_size(id) FROM dept WHERE id < 3;
SELECT dept_report(5);
DO $$
DECLARE
  r record;
BEGIN
  FOR r IN SELECT id FROM dept WHERE id < 4 ORDER BY id LOOP
    PERFORM dept_size(r.id);
  END LOOP;
  EXECUTE 'SELECT count(*) FROM dept WHERE id < $1' USING 5;
END
$$;
CALL two_transactions();
