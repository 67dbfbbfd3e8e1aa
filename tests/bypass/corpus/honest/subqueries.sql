-- # exists
SELECT patient_id FROM patient p WHERE EXISTS (SELECT 1 FROM variant v WHERE v.patient_id = p.patient_id AND v.effect = 'pathogenic')
-- # not exists
SELECT patient_id FROM patient p WHERE NOT EXISTS (FROM visit v WHERE v.patient_id = p.patient_id)
-- # in and not in
SELECT count(*) FROM lab WHERE patient_id IN (SELECT patient_id FROM visit WHERE code = 'I10') AND visit_id NOT IN (SELECT visit_id FROM visit WHERE days > 20)
-- # any and all
SELECT lab_id FROM lab l WHERE value > ALL (SELECT high FROM range r WHERE r.test = l.test) AND value > ANY (SELECT low FROM range)
-- # some
SELECT lab_id FROM lab WHERE value >= SOME (SELECT high FROM range)
-- # scalar
SELECT visit_id, days - (SELECT avg(days) FROM visit) AS d FROM visit WHERE days > (SELECT median(days) FROM visit)
-- # correlated scalar
SELECT p.patient_id, (SELECT count(*) FROM visit v WHERE v.patient_id = p.patient_id) AS n, (SELECT max(started) FROM visit v WHERE v.patient_id = p.patient_id) AS last FROM patient p
-- # correlated in select and where
SELECT v.visit_id FROM visit v WHERE v.days = (SELECT max(w.days) FROM visit w WHERE w.site = v.site)
-- # tuple in
SELECT visit_id FROM visit WHERE (dept, site) IN (('ICU', 'H1'), ('MED', 'H2'))
-- # tuple in a subquery
SELECT visit_id FROM visit WHERE (patient_id, visit_id) IN (SELECT patient_id, visit_id FROM lab)
-- # nested three deep
SELECT count(*) FROM visit WHERE patient_id IN (SELECT patient_id FROM lab WHERE test IN (SELECT test FROM range WHERE high > (SELECT avg(high) FROM range)))
-- # in ORDER BY
SELECT code FROM code c ORDER BY (SELECT count(*) FROM visit v WHERE v.code = c.code) DESC, code
-- # in LIMIT
SELECT code FROM code ORDER BY code LIMIT (SELECT 2)
-- # in CASE
SELECT CASE WHEN EXISTS (SELECT 1 FROM lab l WHERE l.visit_id = v.visit_id) THEN 'lab' ELSE 'none' END AS x, count(*) FROM visit v GROUP BY x
-- # in HAVING
SELECT dept, sum(days) FROM visit GROUP BY dept HAVING sum(days) > (SELECT avg(days) FROM visit)
-- # derived tables
SELECT x.site, y.n FROM (SELECT site, avg(days) AS a FROM visit GROUP BY site) AS x JOIN (SELECT site, count(*) AS n FROM patient GROUP BY site) AS y ON x.site = y.site WHERE x.a > 1
-- # derived with column names
SELECT a, b FROM (SELECT visit_id, days FROM visit) AS t(a, b) WHERE b > 5
-- # values
SELECT v.code, x.label FROM visit v JOIN (VALUES ('E11.9', 'sugar'), ('I10', 'pressure')) AS x(code, label) USING (code)
-- # values alone
VALUES (1, 'a'), (2, 'b')
-- # values in FROM
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) t(n, s) ORDER BY n DESC
-- # subquery with CTE inside
SELECT * FROM (WITH lab AS (SELECT test FROM range) SELECT * FROM lab) t
-- # correlated with a set operation
SELECT p.patient_id FROM patient p WHERE 1 <= (SELECT count(*) FROM (SELECT visit_id FROM visit v WHERE v.patient_id = p.patient_id UNION ALL SELECT 1 WHERE FALSE))
-- # lateral column reference
SELECT days * 24 AS hours, hours * 60 AS minutes FROM visit WHERE hours > 24
-- # scalar subquery in a list
SELECT [(SELECT max(days) FROM visit), (SELECT min(days) FROM visit)]
-- # exists with a limit
SELECT EXISTS (SELECT 1 FROM visit WHERE days > 1000), NOT EXISTS (SELECT 1 FROM visit LIMIT 1)
-- # an unnamed subquery under a star
SELECT * FROM (SELECT count(*) + (SELECT count(*) FROM visit) FROM patient)
-- # an unnamed subquery of a CTE under a star
WITH t AS (SELECT (SELECT count(*) FROM patient)) SELECT t.* FROM t
-- # an unnamed subquery in a set operation
SELECT 1 + (SELECT count(*) FROM visit) UNION ALL SELECT count(*) FROM patient
-- # an unnamed subquery in a set operation under a star
SELECT * FROM (SELECT 1 + (SELECT count(*) FROM visit) UNION ALL SELECT 2)
-- # exists over a star
SELECT NOT EXISTS (FROM lab), EXISTS (SELECT * FROM patient)
-- # an unnamed exists in another dialect [postgres]
SELECT EXISTS (SELECT 1 FROM patient WHERE sex = 'F')
-- # an unnamed scalar in another dialect [spark]
SELECT (SELECT count(*) FROM patient), 1 + (SELECT count(*) FROM visit)
-- # an unnamed scalar beside a star [trino]
SELECT (SELECT count(*) FROM patient), r.* FROM range AS r
