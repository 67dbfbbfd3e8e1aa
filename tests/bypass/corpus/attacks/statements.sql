-- # explain [deny]
EXPLAIN SELECT * FROM patient
-- # explain and run [deny]
EXPLAIN ANALYZE SELECT * FROM patient
-- # describe [deny]
DESCRIBE patient
-- # describe a query [deny]
DESCRIBE SELECT * FROM patient
-- # describe in FROM [deny]
SELECT * FROM (DESCRIBE patient)
-- # summarize [deny]
SUMMARIZE patient
-- # summarize in FROM [deny]
SELECT * FROM (SUMMARIZE patient)
-- # show tables [deny]
SHOW TABLES
-- # show in FROM [deny]
SELECT * FROM (SHOW ALL TABLES)
-- # two statements [deny]
SELECT 1; SELECT * FROM vault.secret
-- # create table [deny]
CREATE TABLE t AS SELECT * FROM patient
-- # create a macro that shadows a mask's function [deny]
CREATE MACRO "left"(a, b) AS a
-- # insert [deny]
INSERT INTO patient SELECT * FROM patient
-- # update [deny]
UPDATE patient SET ssn = NULL
-- # delete [deny]
DELETE FROM consent
-- # a delete inside a CTE [deny]
WITH d AS (DELETE FROM consent RETURNING *) SELECT * FROM d
-- # drop [deny]
DROP TABLE patient
-- # copy out [deny]
COPY patient TO 'out.csv'
-- # copy a query out [deny]
COPY (SELECT * FROM patient) TO '/tmp/out.parquet'
-- # attach [deny]
ATTACH 'other.db' AS o
-- # install and load [deny]
INSTALL httpfs
-- # load [deny]
LOAD httpfs
-- # set [deny]
SET memory_limit = '1TB'
-- # set a variable [deny]
SET VARIABLE x = (SELECT max(ssn) FROM patient)
-- # pragma [deny]
PRAGMA table_info('patient')
-- # call [deny]
CALL pragma_version()
-- # prepare [deny]
PREPARE p AS SELECT 1
-- # execute [deny]
EXECUTE p
-- # use [deny]
USE vault
-- # export [deny]
EXPORT DATABASE 'x'
-- # checkpoint [deny]
CHECKPOINT
-- # vacuum [deny]
VACUUM
-- # begin [deny]
BEGIN TRANSACTION
-- # select into [deny]
SELECT * INTO t FROM patient
-- # for update [deny]
SELECT * FROM patient FOR UPDATE
-- # sample [deny]
SELECT * FROM patient TABLESAMPLE 10%
-- # using sample [deny]
SELECT * FROM patient USING SAMPLE 3
-- # sample of a subquery [deny]
SELECT * FROM (SELECT * FROM patient) TABLESAMPLE reservoir(5)
-- # time travel [deny]
SELECT * FROM patient AT (VERSION => 1)
-- # time travel in words [deny trino]
SELECT * FROM patient FOR VERSION AS OF 1
-- # parameters [deny]
SELECT * FROM patient WHERE patient_id = ?
-- # named parameters [deny]
SELECT $name
-- # nothing at all [deny]
;
-- # only a comment [deny]
-- just this
-- # a jinja comment [deny]
SELECT 1 {# hidden #} FROM vault.secret
-- # kill [deny]
KILL 1
-- # merge [deny]
MERGE INTO patient USING visit ON TRUE WHEN MATCHED THEN DELETE
-- # alter [deny]
ALTER TABLE patient ADD COLUMN x INT
-- # comment on [deny]
COMMENT ON TABLE patient IS 'x'
-- # grant [deny]
GRANT ALL ON patient TO ada
-- # top level show of a table [deny]
SHOW patient
