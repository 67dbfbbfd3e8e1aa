-- # the common ones
SELECT test, count(*), count(value), min(value), max(value), avg(value), median(value), stddev(value), var_pop(value) FROM lab GROUP BY test
-- # group by all
SELECT site, dept, sum(days) FROM visit GROUP BY ALL
-- # having
SELECT dept, count(*) FROM visit GROUP BY dept HAVING count(*) > 3
-- # having with an alias
SELECT dept, count(*) AS n FROM visit GROUP BY dept HAVING n > 3
-- # distinct
SELECT count(DISTINCT patient_id), count(DISTINCT (dept, site)) FROM visit
-- # filter
SELECT site, count(*) FILTER (WHERE dept = 'ICU') AS icu, sum(days) FILTER (days > 3) AS long FROM visit GROUP BY site
-- # cube, rollup and sets
SELECT site, dept, count(*), grouping(site, dept) FROM visit GROUP BY CUBE (site, dept)
-- # rollup
SELECT site, dept, sum(days) FROM visit GROUP BY ROLLUP (site, dept)
-- # grouping sets
SELECT site, dept, code, count(*) FROM visit GROUP BY GROUPING SETS ((site, dept), (code), ())
-- # grouping sets mixed with a rollup
SELECT site, dept, code, count(*) FROM visit GROUP BY site, ROLLUP (dept, code)
-- # ordered lists
SELECT site, list(dept ORDER BY visit_id DESC) AS l, string_agg(dept, ',' ORDER BY visit_id) AS s, array_agg(DISTINCT dept ORDER BY dept) AS a FROM visit GROUP BY site
-- # group_concat and listagg
SELECT site, group_concat(dept, '|' ORDER BY visit_id), listagg(dept, ';' ORDER BY visit_id) FROM visit GROUP BY site
-- # within group
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY value) AS m, percentile_disc(0.9) WITHIN GROUP (ORDER BY value DESC) AS d, mode() WITHIN GROUP (ORDER BY test) AS t FROM lab
-- # several quantiles
SELECT test, quantile_cont(value, [0.25, 0.5, 0.75]) AS q, quantile_disc(value, 0.5) AS d FROM lab GROUP BY test
-- # approximate
SELECT approx_count_distinct(patient_id) > 0, approx_quantile(value, 0.5) IS NOT NULL FROM lab
-- # arg_max with ties broken
SELECT test, arg_max(lab_id, value), arg_min(lab_id, value), max_by(lab_id, value), arg_max(lab_id, value, 2) FROM lab GROUP BY test
-- # top values
SELECT test, max(value, 3) AS top, min(value, 2) AS low FROM lab GROUP BY test
-- # bools and bits
SELECT bool_and(abnormal), bool_or(abnormal), bit_and(visit_id), bit_or(visit_id), bit_xor(visit_id) FROM lab
-- # statistics
SELECT corr(value, visit_id), covar_samp(value, visit_id), regr_slope(value, visit_id), regr_r2(value, visit_id), regr_intercept(value, visit_id), kurtosis(value), skewness(value), entropy(test), mad(value) FROM lab
-- # histogram
SELECT histogram(dept) FROM visit
-- # histogram into bins
SELECT histogram(days, [5, 10, 20]) FROM visit
-- # product and geometric mean
SELECT product(1 + days / 1000.0), geomean(value), favg(value), fsum(value), sem(value) FROM visit JOIN lab USING (visit_id)
-- # first and last with order
SELECT site, first(dept ORDER BY visit_id), last(dept ORDER BY visit_id), any_value(site) FROM visit GROUP BY site
-- # count_if and countif
SELECT count_if(days > 5), countif(days > 5), sum(CASE WHEN days > 5 THEN 1 ELSE 0 END), sum((days > 5)::INT) FROM visit
-- # group by position and order by position
SELECT site, dept, count(*) FROM visit GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
-- # aggregate of nothing
SELECT count(*), sum(days), max(dept) FROM visit WHERE FALSE
-- # group by an expression
SELECT days // 10 AS d, count(*) FROM visit GROUP BY days // 10 ORDER BY d
-- # aggregate over a struct
SELECT max({'d': days, 'v': visit_id}) FROM visit
-- # map of counts
SELECT map_from_entries(list((dept, n) ORDER BY dept)) FROM (SELECT dept, count(*) AS n FROM visit GROUP BY dept)
-- # two levels
SELECT avg(n), max(n) FROM (SELECT patient_id, count(*) AS n FROM visit GROUP BY patient_id)
-- # group by with order inside [ada]
SELECT gene, list(effect ORDER BY pos) FROM variant GROUP BY gene
-- # sums of masked columns [ada]
SELECT zip, avg(score), sum(weight) FROM patient GROUP BY zip ORDER BY zip
-- # sums of money [gene]
SELECT site, sum(cost * (1 - 0.1)) AS net, sum(cost) / count(*) AS mean, avg(cost::DOUBLE) FROM visit GROUP BY site
-- # weighted average
SELECT wavg(value, visit_id) FROM lab
-- # string_agg of distinct
SELECT string_agg(DISTINCT dept, ',' ORDER BY dept) FROM visit
-- # list of structs
SELECT patient_id, list({'c': code, 'd': days} ORDER BY visit_id) AS visits FROM visit GROUP BY patient_id
-- # json group
SELECT site, json_group_array(dept ORDER BY visit_id), json_group_object(visit_id, dept ORDER BY visit_id) IS NOT NULL FROM visit GROUP BY site
-- # group by with columns expression
SELECT max(COLUMNS('^(days|visit_id)$')) FROM visit
-- # all columns at once
SELECT min(COLUMNS(*)) FROM range
