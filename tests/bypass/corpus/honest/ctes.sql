-- # two, one over the other
WITH a AS (SELECT patient_id, count(*) AS n FROM visit GROUP BY 1), b AS (SELECT n, count(*) AS m FROM a GROUP BY n) SELECT * FROM b ORDER BY n
-- # materialized and not
WITH a AS MATERIALIZED (SELECT patient_id FROM visit WHERE days > 5), b AS NOT MATERIALIZED (SELECT patient_id FROM lab WHERE value > 6) SELECT count(DISTINCT patient_id) FROM a SEMI JOIN b USING (patient_id)
-- # recursive
WITH RECURSIVE d(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM d WHERE n < 11) SELECT n, count(v.visit_id) FROM d LEFT JOIN visit v ON month(v.started) = d.n + 1 GROUP BY n ORDER BY n
-- # recursive over a table
WITH RECURSIVE chain AS (SELECT visit_id, patient_id, 1 AS depth FROM visit WHERE days > 20 UNION ALL SELECT v.visit_id, v.patient_id, c.depth + 1 FROM visit v JOIN chain c ON v.patient_id = c.patient_id AND v.visit_id > c.visit_id WHERE c.depth < 3) SELECT depth, count(*) FROM chain GROUP BY depth
-- # recursive with UNION
WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT (n * 3) % 17 FROM r) SELECT list(n ORDER BY n) FROM r
-- # a CTE that shadows a table
WITH visit AS (SELECT 1 AS visit_id) SELECT * FROM visit
-- # a CTE that shadows and reads the table by its full name
WITH visit AS (SELECT * FROM main.visit WHERE days > 10) SELECT count(*) FROM visit
-- # a CTE that shadows and reads itself
WITH visit AS (SELECT * FROM visit WHERE days > 10) SELECT count(*) FROM visit
-- # column names
WITH t(a, b) AS (SELECT dept, count(*) FROM visit GROUP BY dept) SELECT a FROM t WHERE b > 3
-- # used twice
WITH t AS (SELECT site, count(*) AS n FROM visit GROUP BY site) SELECT x.site FROM t x, t y WHERE x.n < y.n
-- # inside a subquery
SELECT (WITH m AS (SELECT max(days) AS d FROM visit) SELECT d FROM m) AS d
-- # before a set operation
WITH t AS (SELECT code FROM visit) SELECT code FROM t INTERSECT SELECT code FROM code
-- # nested
WITH a AS (WITH b AS (SELECT days FROM visit) SELECT max(days) AS m FROM b) SELECT m FROM a
-- # recursion with a key [maya]
WITH RECURSIVE t(k, v) USING KEY (k) AS (SELECT 1, 0 UNION SELECT k, v + 1 FROM t WHERE v < 3) SELECT * FROM t
