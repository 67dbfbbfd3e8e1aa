-- # rank inside a group with QUALIFY
SELECT lab_id, test, value FROM lab QUALIFY rank() OVER (PARTITION BY test ORDER BY value DESC, lab_id) <= 3
-- # qualify by an alias
SELECT lab_id, row_number() OVER (PARTITION BY test ORDER BY lab_id) AS r FROM lab QUALIFY r = 1
-- # rows frame
SELECT visit_id, avg(days) OVER (ORDER BY started, visit_id ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) FROM visit
-- # range frame over time
SELECT visit_id, count(*) OVER (ORDER BY started RANGE BETWEEN INTERVAL 30 DAYS PRECEDING AND INTERVAL 1 DAY FOLLOWING) AS n FROM visit
-- # groups frame
SELECT visit_id, sum(days) OVER (ORDER BY dept GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS s FROM visit
-- # exclude current row
SELECT visit_id, sum(days) OVER (PARTITION BY site ORDER BY visit_id ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING EXCLUDE CURRENT ROW) AS s FROM visit
-- # exclude ties
SELECT visit_id, sum(days) OVER (ORDER BY dept RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES) AS s FROM visit
-- # exclude group
SELECT visit_id, count(*) OVER (ORDER BY dept RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE GROUP) AS s FROM visit
-- # exclude no others
SELECT visit_id, count(*) OVER (ORDER BY dept, visit_id ROWS UNBOUNDED PRECEDING EXCLUDE NO OTHERS) AS s FROM visit
-- # named windows
SELECT visit_id, sum(days) OVER w AS s, row_number() OVER w AS r FROM visit WINDOW w AS (PARTITION BY site ORDER BY visit_id)
-- # one window made of another
SELECT visit_id, sum(days) OVER (w ROWS 1 PRECEDING) AS s FROM visit WINDOW w AS (PARTITION BY site ORDER BY visit_id)
-- # lag and lead with offset and default
SELECT visit_id, lag(days, 2, -1) OVER (ORDER BY visit_id) AS a, lead(days) OVER (ORDER BY visit_id) AS b FROM visit
-- # first, last and nth value
SELECT visit_id, first_value(dept) OVER w AS a, last_value(dept) OVER w AS b, nth_value(dept, 2) OVER w AS c FROM visit WINDOW w AS (PARTITION BY site ORDER BY visit_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
-- # ignore nulls
SELECT visit_id, last_value(doctor IGNORE NULLS) OVER (ORDER BY visit_id) AS d, lag(doctor, 1 IGNORE NULLS) OVER (ORDER BY visit_id) AS e FROM visit
-- # ntile, cume_dist, percent_rank
SELECT visit_id, ntile(4) OVER (ORDER BY days, visit_id) AS q, cume_dist() OVER (ORDER BY days) AS c, percent_rank() OVER (ORDER BY days) AS p FROM visit
-- # window over an aggregate
SELECT dept, sum(days) AS s, sum(sum(days)) OVER (ORDER BY dept) AS running FROM visit GROUP BY dept
-- # filtered window
SELECT visit_id, count(*) FILTER (WHERE days > 5) OVER (PARTITION BY site) AS n FROM visit
-- # distinct in a window
SELECT visit_id, count(DISTINCT dept) OVER (PARTITION BY site) AS n FROM visit
-- # windows in ORDER BY
SELECT visit_id FROM visit ORDER BY rank() OVER (ORDER BY days DESC, visit_id), visit_id LIMIT 5
-- # share of a total
SELECT site, dept, count(*) / sum(count(*)) OVER (PARTITION BY site) AS share FROM visit GROUP BY site, dept
-- # gaps by lead
SELECT patient_id, started - lag(ended) OVER (PARTITION BY patient_id ORDER BY started, visit_id) AS gap FROM visit
-- # islands
SELECT patient_id, min(started) AS a, max(ended) AS b FROM (SELECT *, sum(new) OVER (PARTITION BY patient_id ORDER BY started, visit_id) AS g FROM (SELECT *, CASE WHEN started <= lag(ended) OVER (PARTITION BY patient_id ORDER BY started, visit_id) THEN 0 ELSE 1 END AS new FROM visit)) GROUP BY patient_id, g
-- # list in a window
SELECT visit_id, list(dept) OVER (PARTITION BY patient_id ORDER BY visit_id) AS l FROM visit
-- # quantile in a window
SELECT visit_id, quantile_cont(days, 0.5) OVER (PARTITION BY site) AS m FROM visit
-- # window argument ordered
SELECT site, first_value(dept ORDER BY days DESC, visit_id) OVER (PARTITION BY site) AS d FROM visit
-- # dense rank [maya]
SELECT dept, days, dense_rank() OVER (ORDER BY days DESC NULLS LAST) FROM visit
-- # fill
SELECT lab_id, fill(value) OVER (ORDER BY lab_id) AS f FROM lab
