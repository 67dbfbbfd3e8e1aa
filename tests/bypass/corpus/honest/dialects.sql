-- # casts and patterns [postgres ada]
SELECT zip::int AS z, site FROM patient WHERE site ~ '^H' AND site !~ 'X' AND zip ~* '^1'
-- means: SELECT zip::int AS z, site FROM patient WHERE regexp_matches(site, '^H') AND NOT regexp_matches(site, 'X') AND regexp_matches(zip, '^1')
-- # lateral [postgres]
SELECT x.n FROM patient p JOIN LATERAL (SELECT count(*) AS n FROM lab l WHERE l.patient_id = p.patient_id) x ON true
-- # rollup and numeric [postgres bill]
SELECT v.site, SUM(v.cost)::numeric(18,2) FROM visit AS v GROUP BY ROLLUP (v.site)
-- # string_agg and filter [postgres]
SELECT site, string_agg(dept, ',' ORDER BY visit_id), count(*) FILTER (WHERE days > 3) FROM visit GROUP BY site
-- # distinct on [postgres]
SELECT DISTINCT ON (patient_id) patient_id, visit_id FROM visit ORDER BY patient_id, visit_id
-- # date functions [postgres]
SELECT date_trunc('month', started) AS m, extract(year from started) AS y, started + interval '1 day' FROM visit
-- # struct and array subscripts [postgres]
SELECT (ARRAY[1, 2, 3])[1], labels[1] FROM scan
-- means: SELECT 1, labels[1] FROM scan
-- # generate_series [postgres]
SELECT g FROM generate_series(1, 5) AS g
-- means: SELECT g FROM generate_series(1, 5) AS t(g)
-- # count_if and max_by [trino]
SELECT count_if(days > 10), max_by(visit_id, days * 1000 + visit_id) FROM visit
-- # unnest [trino]
SELECT t.l, count(*) FROM scan CROSS JOIN UNNEST(labels) AS t(l) GROUP BY t.l
-- means: SELECT l, count(*) FROM (SELECT unnest(labels) AS l FROM scan) GROUP BY l
-- # dates [trino]
SELECT date_trunc('month', started), approx_distinct(patient_id) >= 0, date_diff('day', started, ended) FROM visit GROUP BY 1, started, ended
-- means: SELECT date_trunc('month', started), TRUE, date_sub('day', started, ended) FROM visit GROUP BY 1, started, ended
-- # array functions [trino]
SELECT cardinality(labels), contains(labels, 'urgent'), element_at(labels, 1), array_join(labels, ',') FROM scan
-- means: SELECT len(labels), list_contains(labels, 'urgent'), labels[1], array_to_string(labels, ',') FROM scan
-- # try_cast and if [trino]
SELECT TRY_CAST(code AS BIGINT), IF(days > 3, 'a', 'b'), coalesce(doctor, '-') FROM visit
-- # datediff [spark]
SELECT datediff(ended, started) FROM visit
-- means: SELECT date_diff('day', started::DATE, ended::DATE) FROM visit
-- # size and array_contains [spark]
SELECT size(labels), array_contains(labels, 'urgent') FROM scan
-- means: SELECT len(labels), list_contains(labels, 'urgent') FROM scan
-- # quotes [spark]
SELECT 'it\'s' AS q, count(*) FROM `lab`
-- means: SELECT 'it''s' AS q, count(*) FROM lab
-- # explode [spark]
SELECT scan_id, explode(labels) AS l FROM scan
-- means: SELECT scan_id, unnest(labels) AS l FROM scan
-- # lateral view [spark]
SELECT scan_id, l FROM scan LATERAL VIEW explode(labels) t AS l
-- means: SELECT scan_id, unnest(labels) AS l FROM scan
-- # collect and concat [spark]
SELECT site, sort_array(collect_set(dept)), concat_ws('-', site, 'x') FROM visit GROUP BY site
-- means: SELECT site, list_sort(list(DISTINCT dept) FILTER (WHERE dept IS NOT NULL)), concat_ws('-', site, 'x') FROM visit GROUP BY site
-- # date functions [spark]
SELECT year(started), month(started), date_format(started, 'yyyy-MM') FROM visit
-- means: SELECT year(started), month(started), strftime(started, '%Y-%m') FROM visit
-- # nvl and left semi join [spark]
SELECT nvl(v.doctor, '-') FROM visit v LEFT SEMI JOIN lab l ON v.visit_id = l.visit_id
-- means: SELECT coalesce(doctor, '-') FROM visit WHERE visit_id IN (SELECT visit_id FROM lab)
-- # cube with having [spark]
SELECT site, dept, count(*) FROM visit GROUP BY CUBE (site, dept) HAVING count(*) > 2
