-- The change that the example catches.
DROP INDEX orders_customer;
