-- # pricing summary [bill]
SELECT dept, site, sum(days) AS sum_qty, sum(cost) AS sum_base, sum(cost * (1 - days / 100.0)) AS sum_disc, sum(cost * (1 - 0.05) * (1 + 0.08)) AS charge, avg(days) AS avg_qty, count(*) AS n FROM visit WHERE started <= DATE '2025-01-01' - INTERVAL 90 DAY GROUP BY dept, site ORDER BY dept, site
-- # shipping priority [ada]
SELECT v.visit_id, sum(l.value * (1 - 0.1)) AS revenue, v.started, v.dept FROM patient p, visit v, lab l WHERE p.sex = 'F' AND p.patient_id = v.patient_id AND l.visit_id = v.visit_id AND v.started < DATE '2024-10-15' AND l.taken > DATE '2024-02-01' GROUP BY v.visit_id, v.started, v.dept ORDER BY revenue DESC, v.started LIMIT 10
-- # order priority checking
SELECT dept, count(*) AS n FROM visit v WHERE started >= DATE '2024-03-01' AND started < DATE '2024-03-01' + INTERVAL 3 MONTH AND EXISTS (SELECT * FROM lab l WHERE l.visit_id = v.visit_id AND l.taken > v.started) GROUP BY dept ORDER BY dept
-- # forecast [bill]
SELECT sum(cost * 0.06) AS revenue FROM visit WHERE started >= DATE '2024-01-01' AND started < DATE '2025-01-01' AND days BETWEEN 3 AND 20 AND cost < 24000
-- # volume between sites [ada]
SELECT s1, s2, y, sum(volume) AS revenue FROM (SELECT p.site AS s1, v.site AS s2, extract(year FROM v.started) AS y, v.cost * (1 - 0.1) AS volume FROM patient p, visit v WHERE p.patient_id = v.patient_id AND (p.site = 'H1' AND v.site = 'H2' OR p.site = 'H2' AND v.site = 'H2')) AS shipping GROUP BY s1, s2, y ORDER BY s1, s2, y
-- # market share [ada]
SELECT y, sum(CASE WHEN chapter = 'Endocrine' THEN volume ELSE 0 END) / sum(volume) AS share FROM (SELECT year(v.started) AS y, v.cost AS volume, c.chapter FROM visit v, code c WHERE v.code = c.code) AS t GROUP BY y ORDER BY y
-- # customer distribution
SELECT n, count(*) AS people FROM (SELECT p.patient_id, count(v.visit_id) FROM patient p LEFT OUTER JOIN visit v ON p.patient_id = v.patient_id AND v.dept NOT LIKE '%S%' GROUP BY p.patient_id) AS c(pid, n) GROUP BY n ORDER BY people DESC, n DESC
-- # promotion [bill]
SELECT 100.00 * sum(CASE WHEN dept LIKE 'M%' THEN cost * (1 - 0.1) ELSE 0 END) / sum(cost * (1 - 0.1)) AS promo FROM visit WHERE started >= DATE '2024-02-01'
-- # top supplier [bill]
WITH revenue AS (SELECT doctor AS who, sum(cost) AS total FROM visit WHERE started >= DATE '2024-01-01' GROUP BY doctor) SELECT who, total FROM revenue WHERE total = (SELECT max(total) FROM revenue) ORDER BY who
-- # parts and suppliers
SELECT dept, site, count(DISTINCT patient_id) AS n FROM visit WHERE dept <> 'PSY' AND days IN (1, 2, 3, 4, 5, 6, 7, 8) AND patient_id NOT IN (SELECT patient_id FROM scan WHERE modality = 'US') GROUP BY dept, site ORDER BY n DESC, dept, site
-- # small quantities [bill]
SELECT sum(cost) / 7.0 AS yearly FROM visit v WHERE days < (SELECT 0.8 * avg(days) FROM visit w WHERE w.dept = v.dept)
-- # large volume [ada]
SELECT p.name, v.visit_id, v.started, sum(l.value) FROM patient p, visit v, lab l WHERE v.visit_id IN (SELECT visit_id FROM lab GROUP BY visit_id HAVING sum(value) > 100) AND p.patient_id = v.patient_id AND v.visit_id = l.visit_id GROUP BY p.name, v.visit_id, v.started ORDER BY v.visit_id LIMIT 100
-- # discounted revenue [bill]
SELECT sum(cost) FROM visit WHERE (dept = 'ICU' AND days BETWEEN 1 AND 11) OR (dept = 'MED' AND days BETWEEN 10 AND 20 AND code IN ('E', 'C')) OR (dept = 'SUR' AND length(code) = 1)
-- # those kept waiting
SELECT v1.dept, count(*) AS n FROM visit v1 WHERE EXISTS (SELECT * FROM visit v2 WHERE v2.patient_id = v1.patient_id AND v2.visit_id <> v1.visit_id) AND NOT EXISTS (SELECT * FROM visit v3 WHERE v3.patient_id = v1.patient_id AND v3.visit_id <> v1.visit_id AND v3.ended > v1.ended) GROUP BY v1.dept ORDER BY n DESC, v1.dept
-- # opportunity
SELECT substr(zip, 1, 1) AS area, count(*) AS n, sum(score) AS total FROM patient WHERE substring(zip FROM 1 FOR 1) IN ('1', '2', '3') AND score > (SELECT avg(score) FROM patient WHERE score > 0.00) AND NOT EXISTS (SELECT * FROM scan WHERE scan.patient_id = patient.patient_id) GROUP BY area ORDER BY area
-- # rollup with ranks [bill]
SELECT dept, code, sum(cost) AS total, rank() OVER (PARTITION BY grouping(dept) + grouping(code) ORDER BY sum(cost) DESC) AS r FROM visit GROUP BY ROLLUP (dept, code) ORDER BY total DESC
-- # year over year [bill]
WITH m AS (SELECT date_trunc('month', started) AS month, sum(cost) AS c FROM visit GROUP BY 1) SELECT a.month, a.c - b.c AS change FROM m a JOIN m b ON a.month = b.month + INTERVAL 1 MONTH ORDER BY 1
-- # ratio to report [bill]
SELECT dept, sum(cost) AS s, sum(cost) * 100 / sum(sum(cost)) OVER () AS pct FROM visit GROUP BY dept ORDER BY dept
-- # cohort retention
WITH f AS (SELECT patient_id, min(date_trunc('month', started)) AS m0 FROM visit GROUP BY 1) SELECT m0, date_diff('month', m0, date_trunc('month', v.started)) AS k, count(DISTINCT v.patient_id) FROM visit v JOIN f USING (patient_id) GROUP BY 1, 2 ORDER BY 1, 2
-- # sessions
SELECT patient_id, count(*) FILTER (WHERE new) FROM (SELECT patient_id, started > lag(ended) OVER (PARTITION BY patient_id ORDER BY started, visit_id) + INTERVAL 30 DAY AS new FROM visit) GROUP BY 1
-- # intersect of buyers
SELECT count(*) FROM (SELECT DISTINCT patient_id FROM visit WHERE days > 3 INTERSECT SELECT DISTINCT patient_id FROM lab WHERE abnormal INTERSECT SELECT DISTINCT patient_id FROM scan)
