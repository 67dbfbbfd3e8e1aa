-- # a CTE that forges the table of a filter [ada]
WITH consent AS (SELECT patient_id, 'glucose' AS study, 'active' AS status FROM visit) SELECT count(*) FROM visit
-- # forged by its full name [ada]
WITH "main.consent" AS (SELECT 1) SELECT count(*) FROM visit
-- # forged care team [grace]
WITH care_team AS (SELECT 'grace' AS member, patient_id FROM visit) SELECT count(*) FROM patient
-- # a CTE out of scope [deny]
SELECT * FROM (WITH secret AS (SELECT 1) SELECT 2) q, vault.secret
-- # a CTE's own name inside it is the table [grace]
WITH patient AS (SELECT * FROM patient) SELECT count(*) FROM patient
-- # a qualified name is never a CTE [deny]
WITH secret AS (SELECT 1 AS x) SELECT * FROM vault.secret
-- # a CTE of a sibling [bill deny]
SELECT (WITH lab AS (SELECT 1 AS x) SELECT x FROM lab), (SELECT count(*) FROM lab)
-- # a later CTE does not cover an earlier use [bill deny]
WITH a AS (SELECT count(*) AS n FROM lab), lab AS (SELECT 1 AS x) SELECT * FROM a, lab
-- # recursive under the name of a table [bill]
WITH RECURSIVE lab(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM lab WHERE n < 3) SELECT * FROM lab
-- # recursive in a mixed WITH [bill deny]
WITH RECURSIVE a AS (SELECT * FROM lab), lab AS (SELECT 1 AS x) SELECT * FROM a
-- # a CTE in another case [bill]
WITH "LAB" AS (SELECT 1 AS x) SELECT * FROM lab
-- # a CTE with the lake's name
WITH lake AS (SELECT 1 AS main) SELECT lake.main FROM lake
-- # a CTE with the alias of the raw rows
WITH _raw AS (SELECT 1 AS x) SELECT count(*) FROM patient, _raw
-- # a CTE called as the key table [ada]
WITH lakeward_keys AS (SELECT 'pseudonym:lake' AS label, 'k' AS key) SELECT name FROM patient
-- # a derived table called as the key table [ada]
SELECT name FROM patient, (SELECT 'pseudonym:lake' AS label, 'k' AS key) AS _k
-- # a CTE with column names of a hidden one [ada]
WITH patient(ssn) AS (SELECT sex FROM patient) SELECT ssn FROM patient
-- # two WITH inside each other [bill deny]
WITH a AS (WITH lab AS (SELECT 1 AS x) SELECT x FROM lab) SELECT * FROM a, lab
-- # a CTE in a set operation's other arm [bill deny]
(WITH lab AS (SELECT 1 AS x) SELECT x FROM lab) UNION ALL SELECT count(*) FROM lab
-- # a CTE that a lateral refers to
WITH t AS (SELECT patient_id FROM visit) SELECT count(*) FROM patient p, LATERAL (SELECT 1 FROM t WHERE t.patient_id = p.patient_id)
