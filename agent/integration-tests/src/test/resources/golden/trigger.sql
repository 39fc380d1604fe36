INSERT INTO audited VALUES (1, 1), (2, 2);
UPDATE audited SET v = v + 1 WHERE id = 1;
UPDATE audited SET v = v + 1 WHERE id = 2 RETURNING id;
BEGIN;
DELETE FROM audited WHERE id = 1;
COMMIT;
DELETE FROM audited;
TRUNCATE log;
