-- # exclude
SELECT * EXCLUDE (address, phones) FROM patient
-- # exclude one
SELECT v.* EXCLUDE days FROM visit v
-- # replace one
SELECT * REPLACE (upper(site) AS site) FROM visit
-- # rename
SELECT * RENAME (site AS place) FROM visit
-- # exclude and replace
SELECT * EXCLUDE (visit_id) REPLACE (lower(dept) AS dept) FROM visit
-- # columns by a pattern
SELECT COLUMNS('^(site|dept)$') FROM visit
-- # columns by a lambda
SELECT COLUMNS(c -> c LIKE '%id') FROM lab
-- # columns in an expression
SELECT COLUMNS(['days', 'visit_id']) + 1 FROM visit
-- # columns in WHERE
SELECT * FROM range WHERE COLUMNS(['low', 'high']) >= 0
-- # star like
SELECT * LIKE '%id' FROM visit
-- # columns with a new name
SELECT min(COLUMNS('(days|visit_id)')) AS "low_\0" FROM visit
-- # columns with exclude
SELECT count(COLUMNS(* EXCLUDE (doctor))) FROM visit
-- # unpacked
SELECT coalesce(*COLUMNS(['doctor', 'code', 'dept'])) AS c FROM visit
-- # star of a table in a join
SELECT c.*, r.low FROM code c, range r
-- # qualified by schema
SELECT main.code.title, main.code.* FROM main.code
-- # by three parts
SELECT lake.main.code.title FROM lake.main.code
-- # by the lake and a bare name
SELECT title FROM lake.code
-- # from first
FROM code
-- # from first with where
FROM visit WHERE days > 10
-- # from first with select at the end
FROM visit SELECT dept, count(*) GROUP BY dept
-- # table
TABLE code
-- # prefix alias
SELECT t: title, n: length(title) FROM c: code
-- # quoted and mixed case
SELECT "Dept", "SITE" FROM "Visit" AS "V v" WHERE "V v".days > 3
-- # a column with a space
SELECT "Mixed Name", p."mixed name" AS again FROM patient p
-- # upper case
SELECT DEPT, COUNT(*) FROM VISIT GROUP BY DEPT
-- # alias with columns
SELECT a, b FROM code AS t(a, b, c)
-- # alias with fewer columns
SELECT a, chapter FROM code AS t(a)
-- # alias in where, group and order
SELECT days * 2 AS d, count(*) AS n FROM visit WHERE d > 4 GROUP BY d ORDER BY d
-- # alias equal to a column
SELECT upper(dept) AS dept, count(*) FROM visit GROUP BY ALL
-- # order by all
SELECT code, title FROM code ORDER BY ALL DESC
-- # order by several kinds [ordered]
SELECT visit_id, doctor FROM visit ORDER BY doctor DESC NULLS FIRST, 1 ASC
-- # order by an expression [ordered]
SELECT visit_id FROM visit ORDER BY days % 5, -visit_id
-- # limit percent
SELECT count(*) FROM (SELECT * FROM visit LIMIT 10%)
-- # limit percent in words
SELECT count(*) FROM (SELECT * FROM visit LIMIT 10 PERCENT)
-- # limit and offset [ordered]
SELECT visit_id FROM visit ORDER BY visit_id LIMIT 5 OFFSET 3
-- # offset alone [ordered]
SELECT visit_id FROM visit ORDER BY visit_id OFFSET 100
-- # fetch first [ordered]
SELECT visit_id FROM visit ORDER BY visit_id FETCH FIRST 3 ROWS ONLY
-- # limit computed [ordered]
SELECT visit_id FROM visit ORDER BY visit_id LIMIT 2 + 1
-- # distinct
SELECT DISTINCT dept, site FROM visit
-- # distinct on [ordered]
SELECT DISTINCT ON (patient_id) patient_id, visit_id, started FROM visit ORDER BY patient_id, started, visit_id
-- # distinct on an expression
SELECT DISTINCT ON (days % 3) days % 3 AS r, min(days) OVER () AS m FROM visit ORDER BY days % 3
-- # positional columns
SELECT #1, #2 FROM code
-- # comments
SELECT /* a note */ code -- another
FROM code
-- # trailing comma and semicolon
SELECT code, title, FROM code;
-- # no table at all
SELECT 1 AS one, 'two' AS two, NULL AS three, TRUE AS four
-- # series
SELECT sum(x) FROM generate_series(1, 5) t(x)
-- # range with an alias
SELECT r.range FROM range(3) r
-- # repeat
SELECT * FROM repeat('x', 3)
-- # where on a boolean column
SELECT count(*) FROM lab WHERE abnormal
-- # names like functions
SELECT count(*) AS count, max(days) AS max, min(days) AS "min" FROM visit
-- # reserved words as names
SELECT days AS "order", dept AS "select", site AS "from" FROM visit
-- # unaliased names
SELECT count(*), sum(days), max(dept), 1 + 1, dept FROM visit GROUP BY dept
-- # the same name twice
SELECT days, days, visit_id AS days FROM visit
-- # name of a subquery
SELECT (SELECT max(days) FROM visit), (SELECT 1) FROM code
-- # names of casts are the engine's
SELECT days::DOUBLE, started::DATE, days::DECIMAL(9, 2), days::TEXT, DATE '2024-01-01', days::HUGEINT, started + INTERVAL 3 DAY, INTERVAL 2 SECOND, TRY_CAST(code AS DOUBLE), list_transform(['1'], x -> x::DOUBLE) FROM visit
