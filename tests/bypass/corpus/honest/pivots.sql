-- # pivot with a group
PIVOT visit ON dept USING count(*) GROUP BY site
-- # pivot without a group
PIVOT (SELECT dept, days FROM visit) ON dept USING sum(days)
-- # pivot of two measures with names [ada]
PIVOT visit ON dept USING sum(days) AS total, max(days) AS most GROUP BY site
-- # pivot on two columns
PIVOT visit ON dept, site USING count(*)
-- # pivot on an expression
PIVOT visit ON dept || '_' || site USING count(*)
-- # pivot with values in a list
PIVOT visit ON dept IN ('ICU', 'MED') USING sum(days) GROUP BY site ORDER BY site
-- # pivot over a CTE
WITH v AS (SELECT site, dept, days FROM visit WHERE days > 3) PIVOT v ON dept USING avg(days) GROUP BY site
-- # pivot in FROM
SELECT * FROM (PIVOT visit ON dept USING count(*) GROUP BY site) AS p ORDER BY ALL
-- # pivot in a CTE
WITH p AS (PIVOT visit ON dept USING count(*) GROUP BY site) SELECT site, "ICU" + "MED" AS two FROM p
-- # pivot as standard SQL writes it
SELECT * FROM (SELECT site, dept, days FROM visit) PIVOT (sum(days) FOR dept IN ('ICU', 'MED', 'SUR') GROUP BY site)
-- # pivot joined to a table
SELECT p.*, c.n FROM (PIVOT visit ON dept USING count(*) GROUP BY site) p JOIN (SELECT site, count(*) AS n FROM patient GROUP BY site) c USING (site)
-- # pivot of first values
PIVOT (SELECT patient_id, test, value FROM lab) ON test USING max(value) GROUP BY patient_id
-- # pivot on a boolean [maya]
PIVOT lab ON abnormal USING count(*) GROUP BY test
-- # pivot on numbers
PIVOT (SELECT days % 3 AS d, site FROM visit) ON d USING count(*) GROUP BY site
-- # pivot with order and limit
PIVOT visit ON dept USING count(*) AS n GROUP BY site ORDER BY site LIMIT 2
-- # pivot longer by name
PIVOT_WIDER visit ON dept USING count(*) GROUP BY site
-- # pivot on dates
PIVOT visit ON year(started) USING sum(days) GROUP BY dept
-- # pivot grouped by two
PIVOT visit ON dept USING sum(days) GROUP BY site, code
-- # pivot united with a pivot
FROM (PIVOT visit ON dept IN ('ICU') USING count(*) GROUP BY site) UNION ALL BY NAME FROM (PIVOT visit ON dept IN ('MED') USING count(*) GROUP BY site)
-- # unpivot by a list
UNPIVOT (SELECT visit_id, dept, site FROM visit) ON dept, site INTO NAME k VALUE v
-- # unpivot by an expression
UNPIVOT (SELECT visit_id, days, visit_id AS other FROM visit) ON COLUMNS(* EXCLUDE (visit_id)) INTO NAME k VALUE v
-- # unpivot as standard SQL writes it
SELECT * FROM (SELECT visit_id, dept, site FROM visit) UNPIVOT (v FOR k IN (dept, site))
-- # unpivot with nulls
FROM (SELECT visit_id, dept, code FROM visit) UNPIVOT INCLUDE NULLS (v FOR k IN (dept, code))
-- # unpivot of casts
UNPIVOT visit ON (days)::VARCHAR, dept INTO NAME k VALUE v
-- # unpivot in a CTE
WITH u AS (UNPIVOT (SELECT test, low, high FROM range) ON low, high INTO NAME edge VALUE v) SELECT edge, sum(v) FROM u GROUP BY edge
-- # pivot of counted distinct people
PIVOT visit ON dept USING count(DISTINCT patient_id) AS people GROUP BY site
-- # pivot with a filter behind
SELECT site, ICU FROM (PIVOT visit ON dept USING count(*) GROUP BY site) WHERE ICU > 1
-- # simple pivot without using
PIVOT (SELECT site, dept FROM visit) ON dept
-- # pivot over a CTE with order
WITH v AS (SELECT site, dept, days FROM visit WHERE days > 3) SELECT * FROM (PIVOT v ON dept USING avg(days) GROUP BY site) ORDER BY site
-- # unpivot with order and limit [ordered]
UNPIVOT (SELECT test, low, high FROM range) ON low, high INTO NAME k VALUE v ORDER BY test, k LIMIT 3
-- # pivot on a column with a quoted name
PIVOT (SELECT "Mixed Name" AS "a b", site FROM patient) ON site USING count(*)
-- # pivot of a join
PIVOT (SELECT p.sex, v.dept FROM patient p JOIN visit v USING (patient_id)) ON dept USING count(*) GROUP BY sex
-- # pivot with a null among the values
PIVOT visit ON doctor IS NULL USING count(*) GROUP BY dept
-- # nested pivots
SELECT * FROM (PIVOT (FROM (PIVOT visit ON dept USING count(*) GROUP BY site) SELECT site, "ICU" AS n) ON site USING sum(n))
-- # pivot inside a CTE that another CTE feeds
WITH v AS (SELECT site, dept FROM visit), p AS (PIVOT v ON dept USING count(*) GROUP BY site) SELECT sum("ICU") FROM p
-- # pivot in a subquery with its own CTE
SELECT * FROM (WITH v AS (SELECT site, dept FROM visit) PIVOT v ON dept USING count(*) GROUP BY site)
