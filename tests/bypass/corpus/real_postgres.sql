SELECT |/ cost FROM visit WHERE cost IS NOT NULL
SELECT ||/ days FROM visit
SELECT to_char(cost, 'FM999999.00') FROM visit
SELECT to_char(cost, 'FM999,999,990.00') FROM visit
SELECT to_char(days, 'FM0000') FROM visit
SELECT to_char(days, '9999') FROM visit
SELECT to_char(score, 'FM0.000') FROM patient
SELECT to_char(started, 'YYYY-MM-DD HH24:MI:SS') FROM visit
SELECT to_char(started, 'Mon YYYY') FROM visit
SELECT to_char(started, 'Day') FROM visit
SELECT to_char(started, 'FMDay') FROM visit
SELECT to_char(started, 'FMMonth DD, YYYY') FROM visit
SELECT to_char(started, 'IYYY-IW') FROM visit
SELECT to_char(started, 'Q') FROM visit
SELECT to_char(started, 'YYYY"Q"Q') FROM visit
SELECT to_char(started, 'D'), to_char(started,'ID'), to_char(started,'DDD'), to_char(started,'HH12:MI AM') FROM visit
SELECT to_char(born, 'DD/MM/YYYY') FROM patient
SELECT to_char(started, 'YY'), to_char(started,'WW') FROM visit
SELECT jsonb_build_object('a', days, 'b', dept) FROM visit
SELECT json_agg(dept ORDER BY visit_id) FROM visit
SELECT jsonb_agg(days ORDER BY visit_id) FROM visit
SELECT json_object_agg(visit_id, days) FROM visit
SELECT jsonb_array_elements_text('["a","b"]'::jsonb)
SELECT '{"a": {"b": [10, 20]}}'::jsonb #> '{a,b}', '{"a": {"b": [10, 20]}}'::jsonb #>> '{a,b,1}', ('{"a": [1,2]}'::jsonb -> 'a' -> 1)::int
SELECT '[1,2]'::jsonb ->> -1
SELECT row_to_json(r) FROM range r
SELECT to_json(labels) FROM scan
SELECT date_trunc('month', started), count(*) FROM visit GROUP BY 1 ORDER BY 1
SELECT date_trunc('quarter', started), date_trunc('week', started), date_trunc('year', started), date_trunc('hour', started), date_trunc('minute', started), date_trunc('day', started), date_trunc('decade', started) FROM visit
SELECT date_trunc('month', born) FROM patient
SELECT date_trunc('month', born)::date FROM patient
SELECT d::date FROM generate_series(date '2024-01-01', date '2024-03-01', interval '1 month') AS d
SELECT d FROM generate_series('2024-01-01'::timestamp, '2024-03-01'::timestamp, '1 month') AS d
SELECT * FROM generate_series(10, 1, -3)
SELECT generate_series(1, 3)
SELECT i, i * i FROM generate_series(1, 4) i
SELECT string_agg(dept, ', ' ORDER BY dept DESC) FROM visit
SELECT string_agg(DISTINCT dept, ',' ORDER BY dept) FROM visit
SELECT site, string_agg(DISTINCT dept, '/') FILTER (WHERE days > 100) IS NOT NULL FROM visit GROUP BY site
SELECT array_agg(DISTINCT dept ORDER BY dept) FROM visit
SELECT array_to_string(array_agg(dept ORDER BY visit_id), '|') FROM visit
SELECT count(*) FILTER (WHERE dept = 'ED'), avg(days) FILTER (WHERE dept <> 'ED') FROM visit
SELECT DISTINCT ON (patient_id) patient_id, visit_id, started FROM visit ORDER BY patient_id, started DESC, visit_id
SELECT DISTINCT ON (dept, site) dept, site, visit_id FROM visit ORDER BY dept, site, visit_id
SELECT extract(epoch FROM started) FROM visit
SELECT extract(epoch FROM ended - started) / 3600 AS hours FROM visit
SELECT extract(day FROM ended - started) FROM visit
SELECT extract(hour FROM ended - started) FROM visit
SELECT extract(isoyear FROM started), extract(week FROM started), extract(dow FROM started), extract(isodow FROM started), extract(doy FROM started), extract(quarter FROM started), extract(decade FROM started), extract(century FROM started) FROM visit
SELECT extract(second FROM started), extract(minute FROM started), extract(milliseconds FROM started), extract(microseconds FROM started) FROM visit
SELECT date_part('year', started), date_part('epoch', started), date_part('day', ended - started), date_part('dow', born) FROM visit JOIN patient USING (patient_id)
SELECT age(timestamp '2025-01-01', started) FROM visit
SELECT extract(year FROM age(date '2025-01-01', born)) FROM patient
SELECT date_part('year', age(date '2025-01-01', born))::int AS age, count(*) FROM patient GROUP BY 1 ORDER BY 1
SELECT (date '2025-01-01' - born) / 365 FROM patient
SELECT floor((date '2025-01-01' - born) / 365.25) FROM patient
SELECT ended - started FROM visit
SELECT started::date, started::time, started::text FROM visit
SELECT born + 30, born - 30, born + interval '1 year', born - born FROM patient
SELECT started + interval '1 day 2 hours', started - interval '90 minutes' FROM visit
SELECT make_date(2024, 2, 29), make_timestamp(2024, 1, 2, 3, 4, 5.5), make_interval(days => 10), make_interval(hours => 3), make_time(1, 2, 3)
SELECT to_date('15/03/2024', 'DD/MM/YYYY'), to_timestamp('2024-03-15 10:11', 'YYYY-MM-DD HH24:MI')
SELECT born BETWEEN date '1950-01-01' AND date '1980-01-01' FROM patient
SELECT (started, ended) OVERLAPS (date '2024-01-01', date '2024-06-01') FROM visit
SELECT isfinite(born), date_bin('1 day', started, timestamp '2001-01-01') FROM patient JOIN visit USING (patient_id)
SELECT 2.5::int, 3.5::int, (-2.5)::int, 2.5::float8::int, 0.5::float8::int
SELECT round(2.5), round(3.5), round(2.5::float8), round(-2.5), round(2.567, 2), round(1234.5, -2)
SELECT name ILIKE '%a%', name NOT ILIKE 'a%', name LIKE 'A\_%' FROM patient
SELECT name SIMILAR TO '(A|B)%', name SIMILAR TO '%(son|ez)', name NOT SIMILAR TO '_a%' FROM patient
SELECT name ~ '^[A-M]', name ~* 'a$', name !~ 'x', name !~* 'X' FROM patient
SELECT regexp_replace(ssn, '[^0-9]', '', 'g'), regexp_replace(ssn, '\D', ''), regexp_replace(name, 'a', 'X', 'gi') FROM patient
SELECT (regexp_match(plan, '@(.*)$'))[1] FROM patient
SELECT substring(plan from '@(.*)$'), substring(ssn from 1 for 3), substring(plan, '[a-z]+') FROM patient
SELECT split_part(plan, '@', 2), split_part(plan, '@', -1), split_part(plan, '.', 9) FROM patient
SELECT regexp_split_to_array(name, '\s+'), string_to_array(name, ' ') FROM patient
SELECT initcap(name), upper(name), lower(name), length(name), reverse(name), left(name, 2), right(name, 2), left(name, -1), right(name, -1) FROM patient
SELECT lpad(zip, 8, '0'), rpad(zip, 8), lpad(zip, 3), ltrim('  x'), rtrim('x  '), trim('x' from 'xxaxx'), trim(leading '0' from zip), btrim('xyaxy', 'xy') FROM patient
SELECT concat(sex, ' ', name, NULL), concat_ws(', ', name, NULL, sex), sex || ' ' || name FROM patient
SELECT format('%s, %s', name, sex), format('%s has %s', name, score) FROM patient
SELECT position('a' in name), strpos(name, 'a'), overlay(zip placing 'XX' from 2 for 2), translate(name, 'aeiou', '12345'), repeat(sex, 3), ascii(name), chr(65), md5(name) FROM patient
SELECT encode(sha256(name::bytea), 'hex') FROM patient
SELECT starts_with(name, 'B'), name ^@ 'B', char_length(name), character_length(name), octet_length(name), bit_length(name) FROM patient
SELECT ceil(score), floor(score), trunc(score), trunc(2.789, 1), abs(-score), sign(score), sqrt(score), cbrt(27), power(2, 10), 2 ^ 3, exp(1), ln(10), log(100), log(2, 8), log10(1000), mod(10, 3), 10 % 3, div(10, 3), degrees(pi()), radians(180), pi(), greatest(1, 2, NULL), least(1, NULL, 2) FROM patient
SELECT 7 / 2, 7.0 / 2, -7 / 2, -7 % 3, 7 & 3, 7 | 8, 5 # 1, ~5, 1 << 4, 16 >> 2
SELECT width_bucket(score, 0, 1, 10), count(*) FROM patient GROUP BY 1
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY cost), percentile_disc(0.5) WITHIN GROUP (ORDER BY days), percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY score) FROM visit, patient
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY value) FROM lab
SELECT percentile_cont(ARRAY[0.25, 0.5]) WITHIN GROUP (ORDER BY value) FROM lab
SELECT mode() WITHIN GROUP (ORDER BY dept) FROM visit
SELECT bool_and(abnormal), bool_or(abnormal), every(abnormal), bit_and(1), bit_or(2) FROM lab
SELECT rank() OVER w, dense_rank() OVER w, percent_rank() OVER w, cume_dist() OVER w, ntile(4) OVER w, row_number() OVER (PARTITION BY test ORDER BY value, lab_id) FROM lab WINDOW w AS (PARTITION BY test ORDER BY value)
SELECT lag(value) OVER (PARTITION BY patient_id ORDER BY taken, lab_id), lead(value, 2, -1) OVER (PARTITION BY patient_id ORDER BY taken, lab_id), first_value(value) OVER (PARTITION BY test ORDER BY taken, lab_id), last_value(value) OVER (PARTITION BY test ORDER BY taken, lab_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), nth_value(value, 2) OVER (PARTITION BY test ORDER BY taken, lab_id) FROM lab
SELECT sum(cost) OVER (ORDER BY started RANGE BETWEEN interval '30 days' PRECEDING AND CURRENT ROW) FROM visit
SELECT sum(days) OVER (PARTITION BY dept ORDER BY visit_id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) FROM visit
SELECT count(*) OVER (), sum(count(*)) OVER () , dept FROM visit GROUP BY dept
SELECT labels[1], labels[1:2], array_length(labels, 1), cardinality(labels), 'urgent' = ANY (labels), 'x' <> ALL (labels), labels @> ARRAY['urgent'], labels <@ ARRAY['urgent','repeat'], labels && ARRAY['urgent'] FROM scan
SELECT scan_id, t FROM scan, unnest(labels) AS t
SELECT scan_id, t.tag, t.n FROM scan, unnest(labels) WITH ORDINALITY AS t(tag, n)
SELECT scan_id, unnest(labels) FROM scan
SELECT scan_id, t FROM scan CROSS JOIN LATERAL unnest(labels) AS t(t)
SELECT scan_id, t FROM scan LEFT JOIN LATERAL unnest(labels) AS t ON true
SELECT p.patient_id, x.* FROM patient p LEFT JOIN LATERAL (SELECT test, max(value) AS m FROM lab l WHERE l.patient_id = p.patient_id GROUP BY test ORDER BY 2 DESC NULLS LAST, 1 LIMIT 1) x ON true
SELECT site, dept, count(*), grouping(site, dept) FROM visit GROUP BY GROUPING SETS ((site, dept), (site), ())
SELECT site, dept, count(*) FROM visit GROUP BY CUBE (site, dept)
SELECT site, sum(cost) FROM visit GROUP BY ROLLUP (site)
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v
SELECT column1, column2 FROM (VALUES (1, 'a'), (2, 'b')) AS v
VALUES (1, 'a'), (2, 'b')
SELECT v.a FROM (VALUES ('ED'), ('ICU')) v(a) JOIN visit e ON e.dept = v.a
WITH c(dept) AS (VALUES ('ED'), ('ICU')) SELECT * FROM c
SELECT x.count FROM (SELECT dept, count(*) FROM visit GROUP BY dept) x
SELECT max FROM (SELECT max(days) FROM visit) s
SELECT sum(s.count) FROM (SELECT count(*) FROM visit GROUP BY dept) s
WITH t AS (SELECT dept, avg(cost) FROM visit GROUP BY dept) SELECT dept, avg FROM t
SELECT * FROM visit WHERE (site, dept) IN (SELECT site, dept FROM visit WHERE days > 300)
SELECT * FROM patient WHERE (sex, name) = ('F', 'Boston')
SELECT ROW(1, 2) < ROW(1, 3), (1, 2) <= (1, 2), (days, dept) > (100, 'A') FROM visit
SELECT CASE WHEN days > 300 THEN 'high' ELSE 'low' END, CASE dept WHEN 'ED' THEN 1 END FROM visit
SELECT coalesce(days, 0), nullif(dept, 'ED'), dept IS DISTINCT FROM 'ED', dept IS NOT DISTINCT FROM 'ED', abnormal IS TRUE, abnormal IS NOT TRUE, abnormal IS UNKNOWN FROM visit JOIN lab USING (visit_id)
SELECT (address).street, (address).unit FROM patient
SELECT (p.address).street FROM patient p
SELECT p.patient_id FROM patient p WHERE NOT EXISTS (SELECT 1 FROM visit e WHERE e.patient_id = p.patient_id)
SELECT visit_id FROM visit WHERE cost > (SELECT avg(cost) FROM visit)
SELECT visit_id FROM visit ORDER BY cost DESC NULLS LAST, visit_id LIMIT 5 OFFSET 2
SELECT visit_id, cost FROM visit ORDER BY cost DESC, visit_id FETCH FIRST 3 ROWS ONLY
SELECT * FROM visit NATURAL JOIN (SELECT 'ED' AS dept) d
SELECT e.visit_id FROM visit e JOIN patient p USING (patient_id) WHERE p.sex = 'F'
SELECT dept FROM visit UNION SELECT name FROM patient ORDER BY 1
SELECT dept FROM visit INTERSECT ALL SELECT dept FROM visit
SELECT dept FROM visit EXCEPT ALL SELECT 'ED'
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) FROM t
WITH RECURSIVE m AS (SELECT date '2024-01-01' AS d UNION ALL SELECT (d + interval '1 month')::date FROM m WHERE d < date '2024-06-01') SELECT m.d, count(e.visit_id) FROM m LEFT JOIN visit e ON date_trunc('month', e.started) = m.d GROUP BY m.d ORDER BY m.d
SELECT gen_random_uuid() IS NOT NULL, random() < 1, now() > '2020-01-01', current_date > '2020-01-01', current_timestamp IS NOT NULL, localtimestamp IS NOT NULL, clock_timestamp() > '2020-01-01'
SELECT array(SELECT dept FROM visit ORDER BY visit_id LIMIT 3)
SELECT days::varchar || '-' || dept FROM visit
SELECT 'a' || 1, 1 || 'a', dept || days FROM visit
SELECT sum(CASE WHEN abnormal THEN 1 ELSE 0 END)::float / count(*) FROM lab
SELECT round(avg(value)::numeric, 2) FROM lab
SELECT round(100.0 * count(*) FILTER (WHERE abnormal) / count(*), 1) FROM lab
SELECT avg(days), sum(days), sum(cost), avg(cost), min(born), max(started) FROM visit JOIN patient USING (patient_id)
SELECT test, count(*) FROM lab GROUP BY test HAVING count(*) > 3 ORDER BY count(*) DESC, test
SELECT to_char(started, 'YYYY-MM') AS month, count(DISTINCT patient_id) FROM visit GROUP BY month ORDER BY month
SELECT dept, count(*) AS n, round(count(*) * 100.0 / sum(count(*)) OVER (), 2) AS pct FROM visit GROUP BY dept ORDER BY n DESC, dept
SELECT unnest(ARRAY[1, 2]), unnest(ARRAY['a', 'b'])
SELECT a, b FROM unnest(ARRAY[1, 2], ARRAY['x', 'y']) AS t(a, b)
SELECT string_agg(c, '') FROM regexp_split_to_table('a,b', ',') AS c
SELECT * FROM string_to_table('a,b,c', ',') AS s
SELECT date '2024-01-31' + interval '1 month', timestamp '2024-03-31' - interval '1 month'
SELECT date_trunc('day', started) + interval '1 day' - interval '1 second' FROM visit
SELECT (date_trunc('month', started) + interval '1 month - 1 day')::date FROM visit
SELECT current_date - born > 0, extract(year FROM current_date) > 2000 FROM patient
SELECT cost FROM visit WHERE started >= '2024-01-01' AND started < '2024-07-01'
SELECT * FROM visit e WHERE e.started::date = '2024-03-01' OR e.days IN (100, 200) OR e.dept = ANY ('{ED,ICU}')
SELECT nullif(zip, '')::int, coalesce(nullif(name, ''), 'none') FROM patient WHERE zip ~ '^\d+$'
SELECT dept, array_agg(days ORDER BY days) FROM visit GROUP BY dept
SELECT (array_agg(days ORDER BY days DESC))[1] FROM visit
SELECT array_agg(ROW(dept, days)) IS NOT NULL FROM visit
SELECT max(days) - min(days) AS spread, count(*)::numeric / 7 FROM visit
SELECT upper(substr(name, 1, 1)) || lower(substr(name, 2)) FROM patient
SELECT sum(value) / nullif(count(*), 0), sum(days) / count(*) FROM lab JOIN visit USING (visit_id)
SELECT jsonb_agg(days ORDER BY visit_id), json_agg(dept ORDER BY visit_id DESC) FROM visit
SELECT e.key, e.value FROM patient, json_each_text(plan::json) AS e
SELECT k, count(*) FROM patient, jsonb_object_keys(plan::jsonb) AS k GROUP BY k
SELECT interval '1 day' * 3, 2 * interval '30 minutes', interval '1' day
SELECT avg(ended - started) IS NOT NULL, max(ended - started) FROM visit
SELECT regexp_count(name, 'a'), regexp_substr(name, '[a-z]+'), regexp_like(name, 'a') FROM patient
SELECT array_replace(labels, 'urgent', 'U'), array_to_string(labels, ',', '*'), array_upper(labels, 1) FROM scan
SELECT to_char(v, 'FM990.0%'), to_char(v::float8, '9990.999') FROM (VALUES (0.5), (-12.25), (99.95)) AS t(v)
SELECT to_char(started, 'FMDD.FMMM.YYYY'), to_char(started, 'MON DY dy mon'), to_char(started, 'FMHH24:MI'), to_char(started, 'HH:MI am'), to_char(started, '"on" YYYY'), to_char(started, 'WW W') FROM visit
SELECT to_date('15 Mar 2024', 'DD Mon YYYY'), to_timestamp('2024-03-15 10:11:12', 'YYYY-MM-DD HH24:MI:SS')::timestamp, to_date('March 5, 2024', 'Month DD, YYYY')
SELECT dept, days FROM visit WHERE dept <> ALL (ARRAY['ED', 'ICU']) AND days = ANY ('{1,2,3,4}')
SELECT x, x <> ALL (ARRAY[1, NULL]), x = ANY (ARRAY[1, NULL]), x < ALL (ARRAY[5, 6]) FROM (VALUES (1), (2), (NULL)) AS t(x)
SELECT round(v::float8), round(v::numeric) FROM (VALUES (0.5), (1.5), (2.5), (-2.5), (2.4)) AS t(v)
SELECT interval '1 day' * 3, interval '1 day 2 hours', interval '1 week' + interval '3 days', interval '1 month - 1 day'
SELECT '{"a": 1}'::jsonb ? 'a', '{"a": 1}'::jsonb ? 'b', '{"a": {"b": 2}}'::jsonb @> '{"a": {"b": 2}}', '{"a": 1}'::jsonb ?| array['a', 'c'], '{"a": 1}'::jsonb ?& array['a', 'c']
SELECT json_agg(x ORDER BY x DESC) FROM (VALUES (1), (2)) AS t(x)
SELECT json_object_agg(k, v) FROM (VALUES ('a', 1), ('b', 2)) AS t(k, v)
SELECT format('%s is 100%% of %s', 'a', NULL), format('%s', 5)
SELECT x.count, x.max, x.dept FROM (SELECT dept, count(*), max(days) FROM visit GROUP BY dept) AS x
WITH t AS (SELECT lower(dept), avg(days)::int FROM visit GROUP BY 1) SELECT lower, avg FROM t
SELECT column1 + 1 FROM (VALUES (1), (2)) AS v
SELECT jsonb_object_agg(k, v) FROM (VALUES ('a', 1), ('b', 2)) AS t(k, v)
SELECT to_hex(255), to_hex(4096)
SELECT to_char(sum(cost), 'FM9,999,990.00'), to_char((SELECT avg(days) FROM visit), 'FM990.0') FROM visit
SELECT to_char(cost * 2, 'FM999990.0'), count(*) FROM visit GROUP BY to_char(cost * 2, 'FM999990.0')
SELECT round(avg(value)::float8), round(sum(value::float8) OVER (PARTITION BY test)) FROM lab GROUP BY test, value
SELECT (regexp_match(plan, '([A-Za-z]+)@([a-z]+)'))[2], regexp_match(plan, '[a-z]+'), regexp_match(name, 'B(.)S', 'i') FROM patient
SELECT patient_id, m[1] FROM patient, regexp_matches(name, '[aeiou]', 'g') AS m
SELECT patient_id, regexp_matches(name, '(.)(.)$'), (regexp_matches(name, '(n)', 'g'))[1] FROM patient
SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY cost DESC), percentile_cont(0.3) WITHIN GROUP (ORDER BY cost) FROM visit
SELECT string_agg(DISTINCT dept, ','), array_agg(DISTINCT dept), array_agg(DISTINCT dept || site) FROM visit
SELECT score::text, (score * 1000)::varchar, cost::text, born::text, name::varchar(3), name::char(2), name::char, 'abc'::char(5) FROM patient JOIN visit USING (patient_id)
SELECT CAST(1e15::float8 AS text), 1e14::float8::text, 1e-5::float8::text, 'NaN'::float8::text, '-infinity'::float8::text, 1.5::real::text, 1e17::float8::text, (-0.5e0::float8)::text
SELECT 'a_c' LIKE 'a\_c', 'abc' LIKE 'a\_c', 'abc' NOT LIKE 'a\_c', 'a_c' ILIKE 'A\_C', 'a\c' LIKE 'a\\c'
SELECT dept, count(*) AS n FROM visit GROUP BY dept ORDER BY n DESC FETCH FIRST 2 ROWS WITH TIES
SELECT visit_id, days FROM visit ORDER BY days FETCH FIRST 3 ROWS WITH TIES
SELECT value->>'n' FROM jsonb_array_elements('[{"n":1},{"n":2}]')
SELECT x->>'n' FROM jsonb_array_elements('[{"n":1},{"n":2}]') AS x
SELECT x.value->>'n' FROM jsonb_array_elements('[{"n":1},{"n":2}]') AS x
SELECT value FROM json_array_elements_text('["a","b"]')
SELECT visit_id FROM visit WHERE (started, ended) OVERLAPS (DATE '2024-03-01', INTERVAL '30 days')
SELECT array_positions(ARRAY[1,2,1],1), to_number('1,234.5', '9,999.9'), to_number('12', '99')
SELECT 'v=' || score, score || ' ' || name, concat(name, '=', score), concat_ws(' ', score, sex), 'n=' || round(score), dept || ' ' || cost FROM patient JOIN visit USING (patient_id)
SELECT labels || 'x'::text, 'y'::text || labels, 'z' || array_to_string(labels, ',') FROM scan
SELECT round(5 / 2.0), (5 / 2.0)::int, (7 / 2.0 - 1)::numeric, round(days / 2.0) FROM visit
SELECT count(*) * 100 / sum(count(*)) OVER (), sum(count(*)) OVER () / count(*), sum(days) / count(*), sum(days::bigint) / count(*), sum(days) * 2 / 7 FROM visit GROUP BY dept
SELECT dept, n * 100 / sum(n) OVER (), sum(n) OVER () / 7 FROM (SELECT dept, count(*) AS n FROM visit GROUP BY dept) s
SELECT extract(year FROM born) / 10, extract(year FROM born)::int / 10, date_part('year', born) / 10, floor(7) / 2, round(7) / 2, ceil(7) / 2, abs(-7) / 2, length(name) / 2, power(3, 1) / 2, trunc(7) / 2, greatest(7, 1) / 2, mod(7, 4) / 2 FROM patient
SELECT scan_id FROM scan WHERE labels @> '{urgent}' AND NOT labels && ARRAY['repeat'] OR labels && '{urgent,repeat}' AND labels <@ '{urgent,repeat,contrast}'
SELECT string_to_array('a,,b', ',', ''), '{"a":1}'::jsonb @> '{"a":1}'
SELECT unnest(labels) AS l, count(*) FROM scan GROUP BY 1
SELECT unnest(labels), count(*) FROM scan GROUP BY 1 ORDER BY 2 DESC, 1
SELECT array_length(ARRAY[]::int[], 1), cardinality(ARRAY[]::int[]), (ARRAY[1,2,3])[-1], array_remove(ARRAY[1,NULL,1], 1), 'on'::bool, 'off'::boolean
SELECT json_build_object('a', NULL, 'b', true, 'c', 1.5, 'd', days), jsonb_build_array(1, 'a', NULL, dept) FROM visit
-- as ibis, SQLAlchemy, PRQL and Metabase write it
SELECT "t0"."patient_id", TRIM(TRAILING E' \t\n\r\v\f' FROM "t0"."name") AS "x" FROM "patient" AS "t0"
SELECT "t0"."visit_id", TRIM(' ' FROM TO_CHAR("t0"."started", 'Day')), TO_CHAR("t0"."started", 'TMMon DD, TMDay YYYY HH24:MI:SS') FROM "visit" AS "t0"
SELECT "t0"."visit_id", EXTRACT(hour FROM CAST("t0"."started" AS TIMESTAMPTZ)) AS "a" FROM "visit" AS "t0"
SELECT "t0"."visit_id", "t0"."started" + MAKE_INTERVAL(days => CAST("t0"."days" AS INT)) AS "a" FROM "visit" AS "t0"
SELECT visit.visit_id, visit.started + make_interval(secs=>259200.0), started + make_interval(0, 2, 1, days, 3, 4, 5.5), started - make_interval(years := 1), started + make_interval() FROM visit
SELECT "t0"."visit_id", COUNT(*) OVER (ORDER BY "t0"."started" ASC RANGE BETWEEN INTERVAL '30 DAY' preceding AND MAKE_INTERVAL(days => CAST(0 AS INT)) following) AS "x" FROM "visit" AS "t0"
SELECT "t0"."patient_id", LPAD("t0"."name", GREATEST(LENGTH("t0"."name"), 12), '*') AS "x", rpad(name, length(zip) + 3) FROM "patient" AS "t0"
SELECT "t0"."patient_id", CASE WHEN "t0"."zip" ~ ('(' || '(\d)(\d+)' || ')') THEN (REGEXP_MATCH("t0"."zip", '(' || '(\d)(\d+)' || ')'))[2] ELSE NULL END AS "x" FROM "patient" AS "t0"
SELECT "t0"."patient_id", CAST(CAST("t0"."score" AS DECIMAL) % CAST(7 AS DECIMAL) AS DOUBLE PRECISION) AS "a", CAST(LOG(CAST(3 AS DECIMAL), CAST(ABS("t0"."score") + 1 AS DECIMAL)) AS DOUBLE PRECISION) AS "b" FROM "patient" AS "t0"
SELECT patient.patient_id, CAST(patient.score AS NUMERIC) AS score FROM patient
SELECT patient.patient_id, round(CAST(patient.score AS NUMERIC), 2::INTEGER) AS round_1, ROUND((score)::numeric, 1), round(score::numeric) FROM patient
SELECT round(CAST(avg(patient.score) AS NUMERIC), 3::INTEGER), sum(score::numeric), max(account::numeric * 3) FROM patient
SELECT to_char(visit.started, 'YYYY-MM'::VARCHAR) AS to_char_1, count(*) AS count_1 FROM visit GROUP BY to_char(visit.started, 'YYYY-MM'::VARCHAR)
SELECT date_part('year'::VARCHAR, age('2024-01-01'::DATE, patient.born)) AS date_part_1, date_trunc('month'::VARCHAR, born) FROM patient
SELECT SUBSTRING(patient.zip FROM '\d+'::VARCHAR) AS substring_1, format('%s (%s)'::VARCHAR, patient.name, patient.sex), concat(name, ' '::varchar, sex) FROM patient
SELECT patient_id FROM patient WHERE name LIKE '%' || 'a'::VARCHAR || '%' AND sex IN ('F'::VARCHAR, 'M'::VARCHAR) AND zip > '2'::text
SELECT name || 'x'::varchar, 'y'::text || name, coalesce(name, 'n'::text), CASE WHEN sex = 'F'::varchar THEN 'f'::varchar END FROM patient
SELECT patient.patient_id FROM patient WHERE CAST(patient.plan AS JSONB) ? 'kind'::VARCHAR
SELECT CAST(patient.plan AS JSONB) #>> '{kind}', CAST('{"deep": {"x": [1, 2]}}' AS JSONB) #>> '{deep, x, 1}', '{"deep": {"x y": 3}}'::jsonb #>> ARRAY['deep', 'x y'], '{"deep": {"x": 3}}'::jsonb #> '{deep}'::text[] FROM patient
SELECT CAST(JSONB_EXTRACT_PATH(plan::jsonb, 'kind') AS VARCHAR), jsonb_extract_path_text('{"a": {"b": "c"}}', 'a', 'b') FROM patient
SELECT visit.visit_id FROM visit WHERE (nullif(visit.days, 7), visit.visit_id) > (5::INTEGER, 10::INTEGER)
SELECT (nullif(days, 7), visit_id) >= (5, 10), (days, nullif(visit_id, 3)) < (5, 10), (nullif(days, 7), visit_id) = (5, 10), (nullif(days, 7), visit_id) <> (5, 10), (1, 2, 3) <= (1, 2, 3) FROM visit
SELECT DATE_TRUNC('month', "visit"."started") AS "started", COUNT(*) AS "count" FROM "visit" GROUP BY DATE_TRUNC('month', "visit"."started")
SELECT CAST(TRUNC(EXTRACT(YEAR FROM "visit"."started")) AS INTEGER) AS "yr:started:ok", TRUNC(EXTRACT(DOW FROM started)), CAST(extract(hour from started) AS integer) + 1, COUNT(1) FROM visit GROUP BY 1, 2, 3
SELECT visit_id, days % 7::INTEGER, lag(days, 1::INTEGER, 0::INTEGER) OVER (ORDER BY visit_id), sum(days) OVER (ORDER BY visit_id ROWS BETWEEN 2::INTEGER PRECEDING AND CURRENT ROW) FROM visit ORDER BY visit_id LIMIT 5::INTEGER OFFSET 2::INTEGER
SELECT cast(v1_0.days as float(53)) / 7, cast(v1_0.days as float(24)), div(cost, 10), div(-days, 7) FROM visit v1_0
SELECT v1_0.site, count(v1_0.visit_id) FROM visit v1_0 GROUP BY v1_0.site ORDER BY v1_0.site FETCH FIRST 2 ROWS ONLY
SELECT "visit_id" FROM visit ORDER BY visit_id OFFSET 2 ROWS FETCH NEXT (3) ROWS ONLY
SELECT visit_id FROM visit ORDER BY visit_id FETCH FIRST ROW ONLY
SELECT (date(visit.started)) AS "visit.started_date", count(*) FROM visit GROUP BY 1
SELECT count(*) FROM visit WHERE started >= '2024-03-01T00:00:00.5' AND started < '2024-09-01 00:00:00.000000'
SELECT count(*) FROM visit WHERE started::timestamptz >= timestamp with time zone '2024-03-01 00:00:00.000Z' AND started::timestamptz < '2024-09-01T00:00:00+02:00'
SELECT to_char(started, NULL), to_char(days, NULL::varchar), to_date('2024', NULL), date_part(NULL::varchar, started), format(NULL, dept), substring(dept FROM NULL::varchar), '{"a": 1}'::jsonb ? NULL::text, '{"a": 1}'::jsonb #>> NULL::text[] FROM visit
