-- # name extract year [postgres]
SELECT name, EXTRACT(YEAR FROM born) AS y, date_part('month', born) FROM patient
-- # to_char started yyyy mm dd [postgres]
SELECT to_char(started, 'YYYY-MM-DD') FROM visit
-- means: SELECT strftime(started, '%Y-%m-%d') FROM visit
-- # to_char started yyyy mm as [postgres]
SELECT to_char(started, 'YYYY-MM') AS m, count(*) FROM visit GROUP BY 1
-- means: SELECT strftime(started, '%Y-%m') AS m, count(*) FROM visit GROUP BY 1
-- # to_date yyyy mm dd to_timestamp [postgres]
SELECT to_date('2024-01-02', 'YYYY-MM-DD'), to_timestamp('2024-01-02 10:00', 'YYYY-MM-DD HH24:MI')::timestamp
-- means: SELECT DATE '2024-01-02', TIMESTAMP '2024-01-02 10:00:00'
-- # started interval day started interval [postgres]
SELECT started + interval '1 day', started - interval '2 hours', ended - started FROM visit
-- # date_trunc month started date now [postgres]
SELECT date_trunc('month', started)::date, now() > timestamp '2020-01-01', current_date > date '2020-01-01' FROM visit
-- means: SELECT date_trunc('month', started)::date, true, true FROM visit
-- # age timestamp born timestamp [postgres]
SELECT age(timestamp '2025-01-01', born::timestamp) FROM patient
-- # string_agg dept order by dept [postgres]
SELECT string_agg(dept, ',' ORDER BY dept) FROM visit
-- # array_agg dept order by dept [postgres]
SELECT array_agg(dept ORDER BY dept), array_length(array_agg(dept), 1) FROM visit
-- means: SELECT array_agg(dept ORDER BY dept), len(array_agg(dept)) FROM visit
-- # name ilike a name a [postgres]
SELECT name ILIKE 'a%', name ~* '^a', name !~ 'a', name !~* 'a', name ~~ 'A%', name SIMILAR TO 'A%' FROM patient
-- means: SELECT name ILIKE 'a%', regexp_matches(name, '^a', 'i'), NOT regexp_matches(name, 'a'), NOT regexp_matches(name, 'a', 'i'), name LIKE 'A%', name LIKE 'A%' FROM patient
-- # coalesce site x nullif site [postgres]
SELECT coalesce(site, 'x'), nullif(site, 'y'), greatest(1, 2), least(1, 2) FROM patient
-- # position a in name strpos [postgres]
SELECT position('a' in name), strpos(name, 'a'), substring(name from 2 for 3), substring(name, 2), overlay('abcdef' placing 'zz' from 2 for 2), left(name, 2), right(name, 2), lpad(zip, 8, '0'), initcap('abc def'), split_part(plan, '@', 1), btrim('  a '), trim(both 'x' from 'xax'), reverse(name), repeat('a', 3), char_length(name), md5(name), translate('abc', 'ab', 'xy'), concat_ws('-', 'a', NULL, 'b'), format('%s', 'x') FROM patient
-- means: SELECT position('a' in name), strpos(name, 'a'), substring(name, 2, 3), substring(name, 2), 'azzdef', left(name, 2), right(name, 2), lpad(zip, 8, '0'), 'Abc Def', split_part(plan, '@', 1), 'a', 'a', reverse(name), repeat('a', 3), length(name), md5(name), 'xyc', 'a-b', 'x' FROM patient
-- # initcap abc def [postgres]
SELECT initcap('abc def')
-- means: SELECT 'Abc Def'
-- # overlay abcdef placing zz from [postgres]
SELECT overlay('abcdef' placing 'zz' from 2 for 2)
-- means: SELECT 'azzdef'
-- # btrim a [postgres]
SELECT btrim('  a ')
-- means: SELECT 'a'
-- # format s x [postgres]
SELECT format('%s', 'x')
-- means: SELECT 'x'
-- # regexp_replace ssn g regexp_replace aaa [postgres]
SELECT regexp_replace(ssn, '[^0-9]', '', 'g'), regexp_replace('aaa', 'a', 'b') FROM patient
-- means: SELECT regexp_replace(ssn, '[^0-9]', '', 'g'), 'baa' FROM patient
-- # regexp_match abc [postgres]
SELECT regexp_match('abc123', '[0-9]+')
-- means: SELECT ['123']
-- # rows [postgres]
SELECT * FROM regexp_split_to_table('a,b', ',') AS t(x)
-- means: SELECT unnest(['a','b']) AS x
-- # regexp_split_to_array a b [postgres]
SELECT regexp_split_to_array('a,b', ',')
-- means: SELECT ['a','b']
-- # string_to_array a b array_to_string array [postgres]
SELECT string_to_array('a,b', ','), array_to_string(ARRAY[1, 2], ',')
-- means: SELECT ['a','b'], '1,2'
-- # rows 2 [postgres]
SELECT |/ 16
-- means: SELECT 4
-- # rows 3 [postgres]
SELECT 5 # 3
-- means: SELECT 6
-- # div [postgres]
SELECT div(7, 2)
-- means: SELECT 3
-- # trunc [postgres]
SELECT trunc(2.567, 2)
-- means: SELECT 2.56
-- # days [postgres]
SELECT 5 / 2, days / 7 FROM visit
-- means: SELECT 2, days // 7 FROM visit
-- # width_bucket value [postgres]
SELECT width_bucket(value, 0, 10, 5) FROM lab WHERE value BETWEEN 0 AND 10
-- means: SELECT CASE WHEN value >= 10 THEN 6 ELSE floor(value / 2) + 1 END FROM lab WHERE value BETWEEN 0 AND 10
-- # count filter where days percentile_cont [postgres]
SELECT count(*) FILTER (WHERE days > 100), percentile_cont(0.5) WITHIN GROUP (ORDER BY days), percentile_disc(0.9) WITHIN GROUP (ORDER BY days), mode() WITHIN GROUP (ORDER BY dept), bool_and(days > 0), every(days > 0), stddev(days), var_pop(days), corr(days, days) FROM visit
-- means: SELECT count(*) FILTER (WHERE days > 100), quantile_cont(days, 0.5), quantile_disc(days, 0.9), mode(dept), bool_and(days > 0), bool_and(days > 0), stddev(days), var_pop(days), corr(days, days) FROM visit
-- # every days [postgres]
SELECT every(days > 0) FROM visit
-- means: SELECT bool_and(days > 0) FROM visit
-- # rows 4 [postgres]
SELECT * FROM generate_series(1, 5) AS g(x)
-- # g date [postgres]
SELECT g::date FROM generate_series('2024-01-01'::timestamp, '2024-01-05'::timestamp, '1 day'::interval) g
-- means: SELECT unnest(generate_series(DATE '2024-01-01', DATE '2024-01-05', INTERVAL 1 DAY))::date
-- # unnest array as x [postgres]
SELECT unnest(ARRAY[1, 2, 3]) AS x
-- means: SELECT unnest([1,2,3])
-- # rows 5 [postgres]
SELECT * FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS t(v, i)
-- means: SELECT 'a', 1 UNION ALL SELECT 'b', 2
-- # scan_id t [postgres]
SELECT scan_id, t FROM scan, unnest(labels) AS t
-- means: SELECT scan_id, unnest(labels) FROM scan
-- # labels array_length labels cardinality labels [postgres]
SELECT labels[1], array_length(labels, 1), cardinality(labels), 'urgent' = ANY(labels), labels @> ARRAY['urgent'], labels && ARRAY['urgent'], array_position(labels, 'urgent'), array_append(labels, 'x'), array_cat(labels, ARRAY['y']), array_remove(labels, 'urgent') FROM scan
-- means: SELECT labels[1], len(labels), len(labels), list_contains(labels, 'urgent'), list_contains(labels, 'urgent'), list_contains(labels, 'urgent'), list_position(labels, 'urgent'), list_append(labels, 'x'), list_concat(labels, ['y']), list_filter(labels, x -> x <> 'urgent') FROM scan
-- # urgent any labels [postgres]
SELECT 'urgent' = ANY(labels) FROM scan
-- means: SELECT list_contains(labels, 'urgent') FROM scan
-- # cardinality labels [postgres]
SELECT cardinality(labels) FROM scan
-- means: SELECT len(labels) FROM scan
-- # array_remove labels urgent [postgres]
SELECT array_remove(labels, 'urgent') FROM scan
-- means: SELECT list_filter(labels, x -> x <> 'urgent') FROM scan
-- # array_position labels urgent [postgres]
SELECT array_position(labels, 'urgent') FROM scan
-- means: SELECT list_position(labels, 'urgent') FROM scan
-- # a b jsonb a b [postgres]
SELECT '{"a": {"b": 1}}'::jsonb -> 'a' -> 'b', '{"a": 1}'::json ->> 'a', '{"a": {"b": 1}}'::jsonb #>> '{a,b}'
-- means: SELECT '1', '1', '1'
-- # jsonb_array_length [postgres]
SELECT jsonb_array_length('[1, 2]')
-- means: SELECT 2
-- # json_build_object a [postgres]
SELECT json_build_object('a', 1)
-- means: SELECT '{"a":1}'
-- # jsonb_typeof [postgres]
SELECT jsonb_typeof('{}')
-- means: SELECT 'object'
-- # json_agg dept [postgres]
SELECT json_agg(dept) FROM (SELECT dept FROM visit ORDER BY visit_id LIMIT 3) t
-- means: SELECT json_group_array(dept) FROM (SELECT dept FROM visit ORDER BY visit_id LIMIT 3) t
-- # x n [postgres]
SELECT x.n FROM patient p LEFT JOIN LATERAL (SELECT count(*) AS n FROM lab l WHERE l.patient_id = p.patient_id) x ON true
-- # rows 6 [postgres]
SELECT * FROM patient WHERE (sex, site) = ('F', 'H1')
-- # rows 7 [postgres]
SELECT * FROM patient WHERE born BETWEEN SYMMETRIC '2000-01-01' AND '1950-01-01'
-- means: SELECT * FROM patient WHERE born BETWEEN '1950-01-01' AND '2000-01-01'
-- # rows 8 [postgres]
SELECT * FROM patient FETCH FIRST 0 ROWS ONLY
-- means: SELECT * FROM patient LIMIT 0
-- # patient_id [postgres]
SELECT patient_id FROM patient ORDER BY patient_id LIMIT 5 OFFSET 2
-- # rank over partition by dept [postgres]
SELECT rank() OVER (PARTITION BY dept ORDER BY days DESC), sum(days) OVER (ORDER BY visit_id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM visit
-- means: SELECT rank() OVER (PARTITION BY dept ORDER BY days DESC NULLS FIRST), sum(days) OVER (ORDER BY visit_id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM visit
-- # lag days over w first_value [postgres]
SELECT lag(days, 1, 0) OVER w, first_value(days) OVER w FROM visit WINDOW w AS (PARTITION BY dept ORDER BY visit_id)
-- # recursive t n as values [postgres]
WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT * FROM t
-- # x as materialized select dept [postgres]
WITH x AS MATERIALIZED (SELECT dept FROM visit) SELECT count(*) FROM x
-- # site dept count [postgres]
SELECT site, dept, count(*) FROM visit GROUP BY GROUPING SETS ((site), (dept), ())
-- # site grouping site count [postgres]
SELECT site, GROUPING(site), count(*) FROM visit GROUP BY CUBE (site, dept)
-- # cast days as text days [postgres]
SELECT CAST(days AS text), days::float8, days::numeric(10,2), days::bigint, '1'::int4, true::int, 'a'::varchar(10), 'x'::char(1), 1.5::real, 1::smallint FROM visit
-- means: SELECT CAST(days AS text), days::double, days::numeric(10,2), days::bigint, '1'::int, true::int, 'a'::varchar(10), 'x', 1.5::real, 1::smallint FROM visit
-- # e a nb x o [postgres]
SELECT E'a\nb', $$x$$, 'o''b', U&'\0041'
-- means: SELECT chr(97)||chr(10)||'b', 'x', 'o''b', 'A'
-- # date date date date interval [postgres]
SELECT date '2024-01-31' + 1, date '2024-01-31' - date '2024-01-01', date '2024-01-31' + interval '1 month'
-- means: SELECT DATE '2024-02-01', 30, TIMESTAMP '2024-02-29'
-- # make_date make_interval days [postgres]
SELECT make_date(2024, 1, 2), make_interval(days => 3)
-- means: SELECT DATE '2024-01-02', INTERVAL 3 DAY
-- # extract epoch from ended started [postgres]
SELECT extract(epoch from ended - started) / 3600, extract(dow from started), extract(isodow from started), extract(doy from started), extract(week from started), extract(quarter from started) FROM visit
-- # localtimestamp timestamp current_timestamp timestamp clock_timestamp [postgres]
SELECT localtimestamp > timestamp '2020-01-01', current_timestamp > timestamp '2020-01-01', clock_timestamp() IS NOT NULL
-- means: SELECT true, true, true
-- # ascii a chr encode a [postgres]
SELECT ascii('a'), chr(97), encode('a'::bytea, 'hex'), octet_length('abc'), bit_length('a'), quote_literal('a'), starts_with('abc', 'a'), gcd(12, 8), lcm(4, 6), factorial(3)
-- means: SELECT 97, 'a', '61', 3, 8, '''a''', true, 4, 12, 6
-- # ascii a chr octet_length abc [postgres]
SELECT ascii('a'), chr(97), octet_length('abc'), bit_length('a'), starts_with('abc', 'a'), gcd(12, 8), lcm(4, 6), factorial(3)
-- means: SELECT 97, 'a', 3, 8, true, 4, 12, 6
-- # encode a bytea hex [postgres]
SELECT encode('a'::bytea, 'hex')
-- means: SELECT '61'
-- # count [postgres]
SELECT count(*) FROM patient p, lab l WHERE p.patient_id = l.patient_id AND l.value > ALL (SELECT avg(value) FROM lab)
-- # rows 9 [postgres]
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t(n, s)
-- # a dept [postgres]
SELECT a.dept FROM visit a INTERSECT SELECT dept FROM visit EXCEPT SELECT 'ED'
-- # p site p [postgres]
SELECT (p).site, p.* FROM patient p
-- means: SELECT site, p.* FROM patient p
-- # address street [postgres]
SELECT (address).street FROM patient
-- means: SELECT address.street FROM patient
-- # array select dept [postgres]
SELECT ARRAY(SELECT dept FROM visit ORDER BY visit_id LIMIT 2), ARRAY[[1, 2], [3, 4]], (ARRAY[1, 2, 3])[2:3]
-- means: SELECT ARRAY(SELECT dept FROM visit ORDER BY visit_id LIMIT 2), [[1,2],[3,4]], [2,3]
-- # num_nonnulls null [postgres]
SELECT num_nonnulls(1, NULL, 2)
-- means: SELECT 2
-- # sex count [postgres]
SELECT sex, count(*) FROM patient GROUP BY ROLLUP (sex) ORDER BY sex NULLS FIRST
-- # row_to_json r to_jsonb r [postgres]
SELECT row_to_json(r), to_jsonb(r) FROM code r
-- means: SELECT to_json(r), to_json(r) FROM code r
-- # isfinite date date infinity date [postgres]
SELECT isfinite(date '2024-01-01'), date '2024-01-01' < 'infinity'::date
-- means: SELECT true, true
-- # started ended overlaps timestamp timestamp [postgres]
SELECT (started, ended) OVERLAPS (timestamp '2024-01-01', timestamp '2024-06-01') FROM visit
-- means: SELECT started < TIMESTAMP '2024-06-01' AND ended > TIMESTAMP '2024-01-01' FROM visit
-- # count 2 [postgres]
SELECT count(*) FROM visit WHERE dept IS DISTINCT FROM 'ED' AND days IS NOT NULL AND NOT (days BETWEEN 1 AND 5)
-- # array_agg distinct site order by [postgres]
SELECT array_agg(DISTINCT site ORDER BY site) FILTER (WHERE site IS NOT NULL) FROM visit
-- # bit_and days bit_or days regr_slope [postgres]
SELECT bit_and(days), bit_or(days), regr_slope(days, days), regr_intercept(days, days), covar_pop(days, days), stddev_samp(days), variance(days) FROM visit
-- # abc null a b collate [postgres]
SELECT 'abc' || 1 || NULL, 'a' < 'b' COLLATE "C"
-- means: SELECT NULL, true
-- # date_part year age date born [postgres]
SELECT date_part('year', age(date '2025-01-01', born)) FROM patient
-- # born text born timestamp start [postgres]
SELECT born::text, born::timestamp, start FROM (SELECT born, 1 AS start FROM patient) t
-- means: SELECT born::text, born::timestamp, 1 FROM patient
-- # case when sex f then [postgres]
SELECT CASE WHEN sex = 'F' THEN 1 ELSE 0 END::int, sum(CASE sex WHEN 'F' THEN 1 END) OVER () FROM patient
-- # bool_or abnormal count count value [postgres]
SELECT bool_or(abnormal), count(*) - count(value) FROM lab
-- # like any and all of an array [postgres]
SELECT name FROM patient WHERE name LIKE ANY (ARRAY['A%', 'B%']) OR name ILIKE ANY ('{c%,d%}'::text[]) OR name LIKE ANY ('{E%}')
-- means: SELECT name FROM patient WHERE regexp_matches(name, '^[A-E]') OR regexp_matches(name, '^[cd]')
-- # not like all and any of an array [postgres]
SELECT name FROM patient WHERE name NOT LIKE ALL (ARRAY['A%', 'B%']) AND name NOT ILIKE ANY (ARRAY['c%', 'd%'])
-- means: SELECT name FROM patient WHERE name NOT LIKE 'A%' AND name NOT LIKE 'B%'
-- # exists of no column [postgres]
SELECT patient_id FROM patient AS p WHERE NOT EXISTS (SELECT FROM visit AS v WHERE v.patient_id = p.patient_id)
-- means: SELECT patient_id FROM patient AS p WHERE NOT EXISTS (SELECT 1 FROM visit AS v WHERE v.patient_id = p.patient_id)
-- # a frame of an interval written as text [postgres]
SELECT visit_id, count(*) OVER (ORDER BY started RANGE BETWEEN '7 days' PRECEDING AND '1 day' FOLLOWING) FROM visit
-- means: SELECT visit_id, count(*) OVER (ORDER BY started RANGE BETWEEN INTERVAL 7 DAYS PRECEDING AND INTERVAL 1 DAY FOLLOWING) FROM visit
-- # numbers with underscores and bases [postgres]
SELECT 1_000 AS a, 1_000.5 AS b, 0x1F + 0b11 AS c, 0o17 AS d, 1e3 AS e, '1_000' AS f, count(*) AS n FROM visit WHERE days < 1_0
-- means: SELECT 1000 AS a, 1000.5 AS b, 34 AS c, 15 AS d, 1000.0 AS e, '1_000' AS f, count(*) AS n FROM visit WHERE days < 10
-- # index event and what follows [postgres]
WITH idx AS (SELECT patient_id, min(started) AS at FROM visit GROUP BY patient_id) SELECT i.patient_id, count(v.visit_id) AS after FROM idx i LEFT JOIN visit v ON v.patient_id = i.patient_id AND v.started > i.at AND v.started <= i.at + interval '90 days' GROUP BY 1
-- # a month of days with who was there [postgres]
SELECT d::date AS day, count(v.visit_id) FROM generate_series('2024-01-01'::timestamp, '2024-01-31'::timestamp, interval '1 day') AS d LEFT JOIN visit v ON v.started::date <= d::date AND v.ended::date >= d::date GROUP BY 1
-- means: SELECT d::date AS day, count(v.visit_id) FROM generate_series('2024-01-01'::timestamp, '2024-01-31'::timestamp, interval 1 day) AS g(d) LEFT JOIN visit v ON v.started::date <= d::date AND v.ended::date >= d::date GROUP BY 1
