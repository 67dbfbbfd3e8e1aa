-- # year born month born day [trino]
SELECT year(born), month(born), day(born), day_of_week(born), dow(born), day_of_year(born), week(born), quarter(born), hour(seen), minute(seen), second(seen), last_day_of_month(born) FROM patient
-- means: SELECT year(born), month(born), day(born), isodow(born), isodow(born), dayofyear(born), week(born), quarter(born), hour(seen), minute(seen), second(seen), last_day(born) FROM patient
-- # year born month born day 2 [trino]
SELECT year(born), month(born), day(born), quarter(born), hour(seen), minute(seen), second(seen) FROM patient
-- # day_of_week born [trino]
SELECT day_of_week(born) FROM patient
-- means: SELECT isodow(born) FROM patient
-- # day_of_year born week born day_of_month [trino]
SELECT day_of_year(born), week(born), day_of_month(born) FROM patient
-- means: SELECT dayofyear(born), week(born), day(born) FROM patient
-- # last_day_of_month born [trino]
SELECT last_day_of_month(born) FROM patient
-- means: SELECT last_day(born) FROM patient
-- # date_add day born date_add month [trino]
SELECT date_add('day', 3, born), date_add('month', 1, start_), date_diff('day', born, DATE '2025-01-01') FROM (SELECT born, born AS start_ FROM patient WHERE day(born) < 28)
-- means: SELECT (born + 3)::DATE, (born + INTERVAL 1 MONTH)::DATE, date_sub('day', born, DATE '2025-01-01') FROM patient WHERE day(born) < 28
-- # date_format started y m date_parse [trino]
SELECT date_format(started, '%Y-%m'), date_parse('2024-01-02', '%Y-%m-%d'), date('2024-01-02') FROM visit
-- means: SELECT strftime(started, '%Y-%m'), TIMESTAMP '2024-01-02', DATE '2024-01-02' FROM visit
-- # to_unixtime timestamp [trino]
SELECT to_unixtime(TIMESTAMP '1970-01-02 00:00:00')
-- means: SELECT 86400
-- # from_iso _date [trino]
SELECT from_iso8601_date('2024-01-02')
-- means: SELECT DATE '2024-01-02'
-- # started interval day started interval [trino]
SELECT started + INTERVAL '1' DAY, started - INTERVAL '2' HOUR, ended - started, current_date > DATE '2020-01-01', now() > TIMESTAMP '2020-01-01' FROM visit
-- means: SELECT started + INTERVAL 1 DAY, started - INTERVAL 2 HOUR, ended - started, true, true FROM visit
-- # upper name length name substr [trino]
SELECT upper(name), length(name), substr(name, 2, 3), strpos(name, 'a'), position('a' IN name), concat(sex, name), lpad(zip, 8, '0'), rpad(zip, 8, '0'), trim('  a '), reverse(name), replace(name, 'a', 'b'), split(plan, '@')[1], split_part(plan, '@', 2), regexp_like(name, '^A'), regexp_replace(ssn, '[^0-9]', ''), regexp_extract(plan, '(.+)@(.+)', 2), starts_with(name, 'A'), chr(65), codepoint('a'), levenshtein_distance('a', 'b'), translate('abc', 'ab', 'xy'), concat_ws('-', 'a', 'b') FROM patient
-- means: SELECT upper(name), length(name), substr(name, 2, 3), strpos(name, 'a'), strpos(name, 'a'), sex || name, lpad(zip, 8, '0'), rpad(zip, 8, '0'), 'a', reverse(name), replace(name, 'a', 'b'), split(plan, '@')[1], CASE WHEN contains(plan, '@') THEN split_part(plan, '@', 2) END, regexp_matches(name, '^A'), regexp_replace(ssn, '[^0-9]', '', 'g'), nullif(regexp_extract(plan, '(.+)@(.+)', 2), ''), starts_with(name, 'A'), 'A', 97, 1, 'xyc', 'a-b' FROM patient
-- # regexp_like name a regexp_replace ssn [trino]
SELECT regexp_like(name, '^A'), regexp_replace(ssn, '[^0-9]', ''), split(plan, '@')[1] FROM patient
-- means: SELECT regexp_matches(name, '^A'), regexp_replace(ssn, '[^0-9]', '', 'g'), split(plan, '@')[1] FROM patient
-- # codepoint a [trino]
SELECT codepoint('a')
-- means: SELECT 97
-- # levenshtein_distance a b [trino]
SELECT levenshtein_distance('a', 'b')
-- means: SELECT 1
-- # regexp_extract_all ssn regexp_count aaa a [trino]
SELECT regexp_extract_all(ssn, '[0-9]+'), regexp_count('aaa', 'a') FROM patient
-- means: SELECT regexp_extract_all(ssn, '[0-9]+'), 3 FROM patient
-- # count_if days approx_distinct dept approx_percentile [trino]
SELECT count_if(days > 100), approx_distinct(dept) > 0, approx_percentile(days, 0.5) > 0, max_by(visit_id, days), array_agg(dept ORDER BY visit_id), bool_and(days > 0), stddev(days) FROM visit
-- means: SELECT count_if(days > 100), true, true, max_by(visit_id, days), list(dept ORDER BY visit_id), bool_and(days > 0), stddev(days) FROM visit
-- # listagg dept within group order [trino]
SELECT listagg(dept, ',') WITHIN GROUP (ORDER BY visit_id) FROM visit
-- means: SELECT string_agg(dept, ',' ORDER BY visit_id) FROM visit
-- # every days [trino]
SELECT every(days > 0) FROM visit
-- means: SELECT bool_and(days > 0) FROM visit
-- # map_agg visit_id days [trino]
SELECT map_agg(visit_id, days) FROM (SELECT * FROM visit ORDER BY visit_id LIMIT 3)
-- means: SELECT map_from_entries(list((visit_id, days))) FROM (SELECT * FROM visit ORDER BY visit_id LIMIT 3)
-- # histogram dept [trino]
SELECT histogram(dept) FROM visit
-- # cardinality labels labels contains labels [trino]
SELECT cardinality(labels), labels[1], contains(labels, 'urgent'), array_join(labels, ',') FROM scan
-- means: SELECT len(labels), labels[1], list_contains(labels, 'urgent'), array_to_string(labels, ',') FROM scan
-- # element_at labels array_sort labels [trino]
SELECT element_at(labels, 1), array_sort(labels) FROM scan
-- means: SELECT labels[1], list_sort(labels) FROM scan
-- # array_max array slice array array [trino]
SELECT array_max(ARRAY[1, 2]), slice(ARRAY[1, 2, 3], 2, 2), ARRAY[1] || ARRAY[2], flatten(ARRAY[ARRAY[1]]), sequence(1, 3)
-- means: SELECT 2, [2, 3], [1, 2], [1], [1, 2, 3]
-- # array_union array array [trino]
SELECT array_union(ARRAY[1], ARRAY[2])
-- means: SELECT [1, 2]
-- # array_except array array array_intersect array [trino]
SELECT array_except(ARRAY[1, 2], ARRAY[2]), array_intersect(ARRAY[1, 2], ARRAY[2]), array_remove(ARRAY[1, 2], 2)
-- means: SELECT [1], [2], [1]
-- # reverse array [trino]
SELECT reverse(ARRAY[1, 2])
-- means: SELECT [2, 1]
-- # zip array array a [trino]
SELECT zip(ARRAY[1], ARRAY['a'])
-- means: SELECT [(1, 'a')]
-- # transform array x x filter [trino]
SELECT transform(ARRAY[1, 2], x -> x + 1), filter(ARRAY[1, 2], x -> x > 1), reduce(ARRAY[1, 2], 0, (s, x) -> s + x, s -> s), any_match(ARRAY[1, 2], x -> x > 1), all_match(ARRAY[1, 2], x -> x > 0), none_match(ARRAY[1], x -> x > 1)
-- means: SELECT [2, 3], [2], 3, true, true, true
-- # transform array x x filter 2 [trino]
SELECT transform(ARRAY[1, 2], x -> x + 1), filter(ARRAY[1, 2], x -> x > 1)
-- means: SELECT [2, 3], [2]
-- # reduce array s x s [trino]
SELECT reduce(ARRAY[1, 2], 0, (s, x) -> s + x, s -> s)
-- means: SELECT 3
-- # any_match array x x [trino]
SELECT any_match(ARRAY[1, 2], x -> x > 1)
-- means: SELECT true
-- # all_match array x x [trino]
SELECT all_match(ARRAY[1, 2], x -> x > 0)
-- means: SELECT true
-- # none_match array x x [trino]
SELECT none_match(ARRAY[1], x -> x > 1)
-- means: SELECT true
-- # scan_id t [trino]
SELECT scan_id, t FROM scan CROSS JOIN UNNEST(labels) AS x(t)
-- means: SELECT scan_id, unnest(labels) FROM scan
-- # scan_id t n [trino]
SELECT scan_id, t, n FROM scan CROSS JOIN UNNEST(labels) WITH ORDINALITY AS x(t, n)
-- means: SELECT scan_id, unnest(labels), generate_subscripts(labels, 1) FROM scan
-- # scan_id t 2 [trino]
SELECT scan_id, t FROM scan LEFT JOIN UNNEST(labels) AS x(t) ON true
-- means: SELECT scan_id, t FROM scan LEFT JOIN unnest(labels) u(t) ON true
-- # rows [trino]
SELECT * FROM UNNEST(ARRAY[1, 2]) AS t(n)
-- means: SELECT 1 UNION ALL SELECT 2
-- # rows 2 [trino]
SELECT * FROM UNNEST(ARRAY[1, 2], ARRAY['a', 'b']) AS t(n, s)
-- means: SELECT 1, 'a' UNION ALL SELECT 2, 'b'
-- # rows 3 [trino]
SELECT * FROM UNNEST(sequence(1, 3)) AS t(n)
-- means: SELECT * FROM range(1, 4)
-- # map array a array a [trino]
SELECT MAP(ARRAY['a'], ARRAY[1])['a'], CAST(ROW(1, 'a') AS ROW(x integer, y varchar)).x
-- means: SELECT 1, 1
-- # address street [trino]
SELECT address.street FROM patient
-- # json_extract_scalar a a json_extract a [trino]
SELECT json_extract_scalar('{"a": 1}', '$.a'), json_extract('{"a": [1]}', '$.a'), json_array_length('[1,2]')
-- means: SELECT '1', '[1]', 2
-- # days mod power truncate [trino]
SELECT 7 / 2, days / 7, mod(7, 3), power(2, 3), truncate(2.9) FROM visit
-- means: SELECT 3, days // 7, 1, 8, 2 FROM visit
-- # bitwise_and bitwise_or bitwise_xor [trino]
SELECT bitwise_and(5, 3), bitwise_or(5, 3), bitwise_xor(5, 3)
-- means: SELECT 1, 7, 6
-- # is_nan e e [trino]
SELECT is_nan(1e0), e() > 2
-- means: SELECT false, true
-- # to_hex md to_utf a to_hex [trino]
SELECT to_hex(md5(to_utf8('a'))), to_hex(sha256(to_utf8('a')))
-- means: SELECT upper(md5('a')), upper(sha256('a'))
-- # cast days as varchar cast [trino]
SELECT CAST(days AS varchar), CAST(days AS double), CAST('2024-01-01' AS date), CAST(days AS decimal(10, 2)), TRY_CAST('x' AS bigint), CAST(days AS real) FROM visit
-- # dept site count grouping dept [trino]
SELECT dept, site, count(*), grouping(dept, site) FROM visit GROUP BY GROUPING SETS ((dept), (site), ())
-- # dept count [trino]
SELECT dept, count(*) FROM visit GROUP BY ROLLUP (dept)
-- # rank over partition by dept [trino]
SELECT rank() OVER (PARTITION BY dept ORDER BY days), sum(days) OVER (ORDER BY visit_id ROWS 2 PRECEDING), lag(days, 1) OVER (ORDER BY visit_id), nth_value(days, 2) OVER (ORDER BY visit_id) FROM visit
-- means: SELECT rank() OVER (PARTITION BY dept ORDER BY days NULLS LAST), sum(days) OVER (ORDER BY visit_id ROWS 2 PRECEDING), lag(days, 1) OVER (ORDER BY visit_id), nth_value(days, 2) OVER (ORDER BY visit_id) FROM visit
-- # sum days filter where dept [trino]
SELECT sum(days) FILTER (WHERE dept = 'ED') FROM visit
-- # recursive t n as select [trino]
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 4) SELECT * FROM t
-- # rows 4 [trino]
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t(n, s)
-- # dept [trino]
SELECT dept FROM visit ORDER BY visit_id OFFSET 2 LIMIT 3
-- means: SELECT dept FROM visit ORDER BY visit_id LIMIT 3 OFFSET 2
-- # dept 2 [trino]
SELECT dept FROM visit ORDER BY visit_id FETCH FIRST 2 ROWS ONLY
-- # dept 3 [trino]
SELECT dept FROM visit EXCEPT SELECT 'ED' INTERSECT SELECT 'ED'
-- # p patient_id x n [trino]
SELECT p.patient_id, x.n FROM patient p CROSS JOIN LATERAL (SELECT count(*) AS n FROM lab l WHERE l.patient_id = p.patient_id) x
-- # date_trunc week started extract year [trino]
SELECT date_trunc('week', started), extract(YEAR FROM started), extract(DOW FROM started) FROM visit
-- means: SELECT date_trunc('week', started), extract(YEAR FROM started), isodow(started) FROM visit
-- # date_diff hour started ended date_diff [trino]
SELECT date_diff('hour', started, ended), date_diff('minute', started, ended) FROM visit
-- means: SELECT date_sub('hour', started, ended), date_sub('minute', started, ended) FROM visit
-- # dept is distinct [trino]
SELECT dept IS DISTINCT FROM 'ED', dept BETWEEN 'A' AND 'F', dept IN ('ED'), EXISTS (SELECT 1 FROM lab), days > ALL (SELECT 5), days = ANY (SELECT 5) FROM visit
-- # count distinct dept site count [trino]
SELECT COUNT(DISTINCT (dept, site)), count(*) FILTER (WHERE dept = 'ED') * 1.0 / count(*) FROM visit
-- # numbers with underscores and bases [trino]
SELECT 1_000 AS a, 0x1F + 0b11 AS b, 0o17 AS c, 1E3 AS d, count(*) AS n FROM visit WHERE days < 1_0
-- means: SELECT 1000 AS a, 34 AS b, 15 AS c, 1000.0 AS d, count(*) AS n FROM visit WHERE days < 10
-- # infinite or not [trino]
SELECT is_infinite(value), is_infinite(infinity()) FROM lab
-- means: SELECT isinf(value), true FROM lab
-- # a recursive list of numbers beside rows [trino]
WITH RECURSIVE t(n) AS (VALUES 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n, (SELECT count(*) FROM visit WHERE days = n) FROM t
-- means: SELECT n, (SELECT count(*) FROM visit WHERE days = n) FROM range(1, 6) AS t(n)
-- # dates that stay dates [trino]
SELECT DATE '2024-01-31' + INTERVAL '1' MONTH, DATE '2024-03-01' - INTERVAL '1' DAY, TIMESTAMP '2024-03-05 10:00:00' - INTERVAL '36' HOUR, DATE '2024-03-02' - DATE '2024-03-01', INTERVAL '1' DAY + INTERVAL '1' DAY, INTERVAL '2' DAY + DATE '2024-01-01', d + INTERVAL '1' MONTH, t + INTERVAL '1' MONTH FROM (VALUES (DATE '2024-01-31', TIMESTAMP '2024-01-31 10:00:00')) AS v(d,t)
-- means: SELECT DATE '2024-02-29', DATE '2024-02-29', TIMESTAMP '2024-03-03 22:00:00', INTERVAL 1 DAY, INTERVAL 2 DAY, DATE '2024-01-03', DATE '2024-02-29', TIMESTAMP '2024-02-29 10:00:00'
-- # date_trunc of a date and of a moment [trino]
SELECT date_trunc('week', DATE '2024-03-06'), date_trunc('hour', TIMESTAMP '2024-03-05 14:07:09'), date_trunc('month', d), date_trunc('month', t) FROM (VALUES (DATE '2024-01-31', TIMESTAMP '2024-01-31 10:00:00')) AS v(d,t)
-- means: SELECT DATE '2024-03-04', TIMESTAMP '2024-03-05 14:00:00', DATE '2024-01-01', TIMESTAMP '2024-01-01 00:00:00'
-- # numbers as text [trino]
SELECT CAST(v AS varchar) FROM (VALUES (123.45e0),(0e0),(1e-5),(1e20),(-0.00012e0),(1234567e0),(100e0),(0.1e0),(infinity()),(nan()),(NULL)) AS x(v)
-- means: VALUES ('1.2345E2'), ('0.0E0'), ('1.0E-5'), ('1.0E20'), ('-1.2E-4'), ('1.234567E6'), ('1.0E2'), ('1.0E-1'), ('Infinity'), ('NaN'), (NULL)
-- # other things as text [trino]
SELECT CAST(r AS varchar), CAST(d AS varchar), CAST(i AS varchar), CAST('abcdef' AS varchar(3)), CAST(t AS varchar) FROM (VALUES (REAL '1.5', 1.50, 12, TIMESTAMP '2024-03-05 14:07:09')) AS x(r,d,i,t)
-- means: SELECT '1.5E0', '1.50', '12', 'abc', '2024-03-05 14:07:09'
-- # sequences of dates and downwards [trino]
SELECT sequence(DATE '2024-01-01', DATE '2024-01-03'), sequence(DATE '2024-01-01', DATE '2024-03-01', INTERVAL '1' MONTH), sequence(5,1), sequence(1,3), sequence(1, 7, 3), sequence(x, 1), sequence(TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP '2024-01-01 02:00:00', INTERVAL '1' HOUR) FROM (VALUES 3) AS t(x)
-- means: SELECT [DATE '2024-01-01', DATE '2024-01-02', DATE '2024-01-03'], [DATE '2024-01-01', DATE '2024-02-01', DATE '2024-03-01'], [5, 4, 3, 2, 1], [1, 2, 3], [1, 4, 7], [3, 2, 1], [TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP '2024-01-01 01:00:00', TIMESTAMP '2024-01-01 02:00:00']
-- # days of a sequence [trino]
SELECT * FROM UNNEST(sequence(DATE '2024-01-01', DATE '2024-01-02', INTERVAL '1' DAY)) AS t(d)
-- means: VALUES (DATE '2024-01-01'), (DATE '2024-01-02')
-- # the first with ties [trino]
SELECT x AS y FROM (VALUES 3,3,2,1,3) AS t(x) ORDER BY y DESC FETCH FIRST 2 ROWS WITH TIES
-- means: VALUES (3), (3), (3)
-- # the first groups with ties [trino]
SELECT dept, count(*) FROM visit GROUP BY dept ORDER BY 2 DESC FETCH FIRST 1 ROW WITH TIES
-- means: SELECT dept, count(*) AS n FROM visit GROUP BY dept QUALIFY rank() OVER (ORDER BY count(*) DESC) <= 1
-- # date_format in letters of MySQL [trino]
SELECT date_format(TIMESTAMP '2024-03-05 14:07:09', '%c/%e/%Y %k:%i'), date_format(TIMESTAMP '2024-03-05 04:07:09.123', '%T %h %I %f'), date_format(TIMESTAMP '2024-03-05 14:07:09', '%x-%v'), date_format(TIMESTAMP '2024-03-05 14:07:09', '%Y-%m-%dT%H:%i:%s %% %r'), date_format(TIMESTAMP '2024-03-05 14:07:09', '%a %b %j %l %M %p %S %W %y')
-- means: SELECT '3/5/2024 14:07', '04:07:09 04 04 123000', '2024-10', '2024-03-05T14:07:09 % 02:07:09 PM', 'Tue Mar 065 2 March PM 09 Tuesday 24'
-- # date_parse in letters of MySQL [trino]
SELECT date_parse('2024-03-05 10:20', '%Y-%m-%d %H:%i'), date_parse('05/03/2024', '%d/%m/%Y'), date_parse('Mar 5 2024', '%b %e %Y')
-- means: SELECT TIMESTAMP '2024-03-05 10:20:00', TIMESTAMP '2024-03-05 00:00:00', TIMESTAMP '2024-03-05 00:00:00'
-- # parts, bases and occurrences [trino]
SELECT yow(DATE '2024-12-30'), millisecond(TIMESTAMP '2024-03-05 14:07:09.123'), from_base('ff', 16), from_base('101', 2), strpos('hello', 'l', 2), strpos('hello', 'l', 3), split('a,b,c', ',', 2), split('a', ',', 2), split_part('a,b', ',', 5), split_part('a,b', ',', 2), split_to_map('a=1,b=2', ',', '=')
-- means: SELECT 2025, 123, 255, 5, 4, 0, ['a', 'b,c'], ['a'], NULL, 'b', MAP {'a': '1', 'b': '2'}
-- # places, sizes, addresses and groups of digits [trino]
SELECT regexp_position('ab1', '\d'), regexp_position('ab', '\d'), json_size('{"x":{"a":1,"b":2}}','$.x'), json_size('{"x":[1]}','$.x'), url_encode('a b'), url_decode('a+b%20c'), lower(to_hex(sha1(to_utf8('a')))), format('%,d', 1234567), format('%,.2f', 1234.5), format('%10s|%-5s|%,d', 'a', 'b', 1000)
-- means: SELECT 3, -1, 2, 1, 'a+b', 'a b c', '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8', '1,234,567', '1,234.50', '         a|b    |1,000'
-- # another hash [trino deny]
SELECT sha512(to_utf8('a'))
-- # times of a zone inside functions [trino]
SELECT CAST(TIMESTAMP '2024-01-01 12:00:00' AT TIME ZONE 'America/New_York' AS date), hour(TIMESTAMP '2024-01-01 12:00:00' AT TIME ZONE 'America/New_York'), date_trunc('day', TIMESTAMP '2024-01-01 02:00:00 UTC' AT TIME ZONE 'America/New_York'), format_datetime(TIMESTAMP '2024-01-01 02:00:00' AT TIME ZONE 'America/New_York', 'HH:mm')
-- means: SELECT DATE '2024-01-01', 7, TIMESTAMP '2023-12-31 00:00:00', '21:00'
-- # a moment with its zone [trino deny]
SELECT started AT TIME ZONE 'America/New_York' FROM visit
-- # dates less dates, and moments of dates [trino]
SELECT born - DATE '2000-01-01', born + INTERVAL '1' DAY, date_trunc('month', born), date_trunc('month', seen) FROM patient
-- means: SELECT to_days(CAST(born - DATE '2000-01-01' AS INTEGER)), (born + INTERVAL 1 DAY)::DATE, date_trunc('month', born)::DATE, date_trunc('month', seen) FROM patient
-- # sizes of maps [trino]
SELECT cardinality(m), cardinality(MAP(ARRAY['a'], ARRAY[1])), (SELECT cardinality(histogram(dept)) > 1 FROM visit), (SELECT cardinality(map_agg(visit_id, days)) > 1 FROM visit) FROM (VALUES MAP(ARRAY['a','b'], ARRAY[1,2])) AS t(m)
-- means: SELECT 2, 1, true, true
-- # lists and their elements [trino]
SELECT concat_ws('-', ARRAY['x','y']), ARRAY[1,2] || 3, array_distinct(ARRAY[2,1,NULL,2]), labels || 'x' FROM scan
-- means: SELECT 'x-y', [1,2,3], [2,1,NULL], list_append(labels, 'x') FROM scan
-- # lists that are turned round, added up and searched [trino]
SELECT reverse(labels), reverse(name), json_array_contains('[1,2]', 2), json_array_contains('["a"]', 'b'), to_base(255,16), reduce(labels, 0, (s, t) -> s + length(t), s -> s) FROM scan JOIN patient USING (patient_id)
-- means: SELECT list_reverse(labels), reverse(name), true, false, 'ff', list_sum(list_transform(labels, lambda t: length(t))) FROM scan JOIN patient USING (patient_id)
-- # sums of what is computed [trino]
SELECT reduce(ARRAY['a','bb'], 0, (s, t) -> s + length(t), s -> s), reduce(ARRAY[5, 20, 50], CAST(0 AS double), (s, x) -> s + x, s -> s / 3), reduce(ARRAY[1,2], '', (s, x) -> s || CAST(x AS varchar), s -> s)
-- means: SELECT 3, 25.0, '12'
-- # moments of a zone by name, and counts [trino]
SELECT with_timezone(TIMESTAMP '2024-01-01 12:00:00', 'America/New_York') = TIMESTAMP '2024-01-01 17:00:00 UTC', hour(at_timezone(TIMESTAMP '2024-01-01 12:00:00 UTC', 'America/New_York')), array_frequency(ARRAY['a','a'])['a'], to_milliseconds(INTERVAL '1' DAY)
-- means: SELECT true, 7, 2, 86400000
-- # at_timezone alone [trino deny]
SELECT at_timezone(started, 'America/New_York') FROM visit
-- # a list sorted by a comparator [deny trino]
SELECT array_sort(labels, (a, b) -> IF(a < b, 1, -1)) FROM scan
