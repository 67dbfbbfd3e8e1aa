-- # year born month born day [spark]
SELECT year(born), month(born), day(born), dayofmonth(born), dayofweek(born), dayofyear(born), weekofyear(born), quarter(born), hour(seen), minute(seen), second(seen), last_day(born) FROM patient
-- means: SELECT year(born), month(born), day(born), day(born), dayofweek(born) + 1, dayofyear(born), weekofyear(born), quarter(born), hour(seen), minute(seen), second(seen), last_day(born) FROM patient
-- # dayofweek born [spark]
SELECT dayofweek(born) FROM patient
-- means: SELECT dayofweek(born) + 1 FROM patient
-- # date_add born date_sub born add_months [spark]
SELECT date_add(born, 3), date_sub(born, 3), add_months(born, 2), datediff(DATE '2025-01-01', born), months_between(DATE '2025-01-01', DATE '2024-01-01') FROM patient
-- means: SELECT (born + 3)::DATE, (born - 3)::DATE, (born + INTERVAL 2 MONTH)::DATE, date_diff('day', born, DATE '2025-01-01'), 12.0 FROM patient
-- # add_months born [spark]
SELECT add_months(born, 2) FROM patient WHERE day(born) < 28
-- means: SELECT (born + INTERVAL 2 MONTH)::DATE FROM patient WHERE day(born) < 28
-- # date_format started yyyy mm to_date [spark]
SELECT date_format(started, 'yyyy-MM'), to_date('2024-01-02'), to_date('02.01.2024', 'dd.MM.yyyy'), to_timestamp('2024-01-02 10:00:00'), trunc(DATE '2024-05-17', 'MM'), date_trunc('MONTH', started), from_unixtime(0), unix_timestamp(TIMESTAMP '1970-01-02 00:00:00'), make_date(2024, 1, 2) FROM visit
-- means: SELECT strftime(started, '%Y-%m'), DATE '2024-01-02', DATE '2024-01-02', TIMESTAMP '2024-01-02 10:00:00', DATE '2024-05-01', date_trunc('month', started), '1970-01-01 00:00:00', 86400, DATE '2024-01-02' FROM visit
-- # trunc date mm [spark]
SELECT trunc(DATE '2024-05-17', 'MM')
-- means: SELECT DATE '2024-05-01'
-- # date_trunc month started date_format started [spark]
SELECT date_trunc('MONTH', started), date_format(started, 'yyyy-MM') FROM visit
-- means: SELECT date_trunc('month', started), strftime(started, '%Y-%m') FROM visit
-- # unix_timestamp timestamp [spark]
SELECT unix_timestamp(TIMESTAMP '1970-01-02 00:00:00')
-- means: SELECT 86400
-- # from_unixtime [spark]
SELECT from_unixtime(0)
-- means: SELECT '1970-01-01 00:00:00'
-- # started interval day started interval [spark]
SELECT started + INTERVAL 1 DAY, started + INTERVAL '2' HOUR, DATE '2024-01-31' + INTERVAL 1 MONTH FROM visit
-- means: SELECT started + INTERVAL 1 DAY, started + INTERVAL 2 HOUR, DATE '2024-02-29' FROM visit
-- # upper name lower site length [spark]
SELECT upper(name), lower(site), length(name), substr(name, 2, 3), substring(name, 2), instr(name, 'a'), locate('a', name), concat(sex, ' ', name), concat_ws('-', 'a', NULL, 'b'), lpad(zip, 8, '0'), rpad(zip, 8, '0'), trim('  a '), ltrim(' a'), rtrim('a '), reverse(name), repeat('ab', 2), translate('abc', 'ab', 'xy'), initcap('abc def'), left(zip, 2), right(zip, 2), ascii('a'), split(plan, '@')[0], regexp_replace(ssn, '[^0-9]', ''), regexp_extract(plan, '(.+)@(.+)', 2), rlike(name, '^A'), replace(name, 'a', 'b') FROM patient
-- means: SELECT upper(name), lower(site), length(name), substr(name, 2, 3), substring(name, 2), instr(name, 'a'), instr(name, 'a'), sex || ' ' || name, 'a-b', lpad(zip, 8, '0'), rpad(zip, 8, '0'), 'a', 'a', 'a', reverse(name), 'abab', 'xyc', 'Abc Def', left(zip, 2), right(zip, 2), 97, split(plan, '@')[1], regexp_replace(ssn, '[^0-9]', '', 'g'), regexp_extract(plan, '(.+)@(.+)', 2), regexp_matches(name, '^A'), replace(name, 'a', 'b') FROM patient
-- # initcap abc def [spark]
SELECT initcap('abc def')
-- means: SELECT 'Abc Def'
-- # split plan regexp_replace ssn [spark]
SELECT split(plan, '@')[0], regexp_replace(ssn, '[^0-9]', '') FROM patient
-- means: SELECT split(plan, '@')[1], regexp_replace(ssn, '[^0-9]', '', 'g') FROM patient
-- # name rlike a name regexp [spark]
SELECT name RLIKE '^A', name REGEXP '^A', name LIKE 'A%' FROM patient
-- means: SELECT regexp_matches(name, '^A'), regexp_matches(name, '^A'), name LIKE 'A%' FROM patient
-- # if sex f nvl site [spark]
SELECT if(sex = 'F', 1, 0), nvl(site, 'x'), nvl2(site, 1, 2), ifnull(site, 'x'), nullif(site, 'x'), coalesce(site, 'x'), CASE WHEN sex = 'F' THEN 1 END, isnull(site), isnotnull(site) FROM patient
-- means: SELECT if(sex = 'F', 1, 0), coalesce(site, 'x'), if(site IS NOT NULL, 1, 2), coalesce(site, 'x'), nullif(site, 'x'), coalesce(site, 'x'), CASE WHEN sex = 'F' THEN 1 END, site IS NULL, site IS NOT NULL FROM patient
-- # nvl site isnull site isnotnull [spark]
SELECT nvl2(site, 1, 2), isnull(site), isnotnull(site) FROM patient
-- means: SELECT if(site IS NOT NULL, 1, 2), site IS NULL, site IS NOT NULL FROM patient
-- # percentile days percentile_approx days approx_count_distinct [spark]
SELECT percentile(days, 0.5), percentile_approx(days, 0.5) > 0, approx_count_distinct(dept) > 0, count_if(days > 100), max_by(visit_id, days) FROM visit
-- means: SELECT quantile_cont(days, 0.5), true, true, count_if(days > 100), max_by(visit_id, days) FROM visit
-- # sort_array collect_list dept [spark]
SELECT sort_array(collect_list(dept)) FROM visit
-- means: SELECT list_sort(list(dept) FILTER (WHERE dept IS NOT NULL)) FROM visit
-- # array_sort collect_set site [spark]
SELECT array_sort(collect_set(site)) FROM visit
-- means: SELECT list_sort(list(DISTINCT site) FILTER (WHERE site IS NOT NULL)) FROM visit
-- # size labels labels array_contains labels [spark]
SELECT size(labels), labels[0], array_contains(labels, 'urgent') FROM scan
-- means: SELECT len(labels), labels[1], list_contains(labels, 'urgent') FROM scan
-- # sort_array labels array_join labels array_sort [spark]
SELECT sort_array(labels), array_join(labels, ','), array_sort(labels) FROM scan
-- means: SELECT list_sort(labels), array_to_string(labels, ','), list_sort(labels) FROM scan
-- # element_at labels [spark]
SELECT element_at(labels, 1) FROM scan
-- means: SELECT labels[1] FROM scan
-- # slice array [spark]
SELECT slice(array(1, 2, 3), 2, 2)
-- means: SELECT [2, 3]
-- # array_union array array [spark]
SELECT array_union(array(1), array(2))
-- means: SELECT [1, 2]
-- # array_except array array [spark]
SELECT array_except(array(1, 2), array(2))
-- means: SELECT [1]
-- # array_intersect array array [spark]
SELECT array_intersect(array(1, 2), array(2))
-- means: SELECT [2]
-- # array_remove array [spark]
SELECT array_remove(array(1, 2), 2)
-- means: SELECT [1]
-- # sequence flatten array array array [spark]
SELECT sequence(1, 3), flatten(array(array(1), array(2)))
-- means: SELECT [1, 2, 3], [1, 2]
-- # reverse array [spark]
SELECT reverse(array(1, 2))
-- means: SELECT [2, 1]
-- # arrays_overlap labels array urgent [spark]
SELECT arrays_overlap(labels, array('urgent')) FROM scan
-- means: SELECT list_has_any(labels, ['urgent']) FROM scan
-- # transform array x x filter [spark]
SELECT transform(array(1, 2), x -> x + 1), filter(array(1, 2), x -> x > 1), aggregate(array(1, 2), 0, (acc, x) -> acc + x), exists(array(1, 2), x -> x > 1), forall(array(1, 2), x -> x > 0)
-- means: SELECT [2, 3], [2], 3, true, true
-- # transform array x x filter 2 [spark]
SELECT transform(array(1, 2), x -> x + 1), filter(array(1, 2), x -> x > 1)
-- means: SELECT [2, 3], [2]
-- # aggregate array acc x acc [spark]
SELECT aggregate(array(1, 2), 0, (acc, x) -> acc + x)
-- means: SELECT 3
-- # exists array x x [spark]
SELECT exists(array(1, 2), x -> x > 1)
-- means: SELECT true
-- # forall array x x [spark]
SELECT forall(array(1, 2), x -> x > 0)
-- means: SELECT true
-- # explode labels as t [spark]
SELECT explode(labels) AS t FROM scan
-- means: SELECT unnest(labels) AS t FROM scan
-- # scan_id t [spark]
SELECT scan_id, t FROM scan LATERAL VIEW explode(labels) x AS t
-- means: SELECT scan_id, unnest(labels) AS t FROM scan
-- # scan_id t 2 [spark]
SELECT scan_id, t FROM scan LATERAL VIEW OUTER explode(labels) x AS t
-- means: SELECT scan_id, t FROM scan LEFT JOIN unnest(labels) u(t) ON true
-- # t count [spark]
SELECT t, count(*) FROM scan LATERAL VIEW explode(labels) x AS t GROUP BY t
-- means: SELECT t, count(*) FROM (SELECT unnest(labels) AS t FROM scan) GROUP BY t
-- # map a a named_struct x [spark]
SELECT map('a', 1)['a'], named_struct('x', 1).x, map_from_arrays(array('a'), array(1))
-- means: SELECT 1, 1, MAP {'a': 1}
-- # address street address unit [spark]
SELECT address.street, address.unit FROM patient
-- # get_json_object a a to_json named_struct [spark]
SELECT get_json_object('{"a": 1}', '$.a'), to_json(named_struct('a', 1)), json_array_length('[1,2]')
-- means: SELECT '1', '{"a":1}', 2
-- # round bround ceil floor abs [spark]
SELECT round(2.567, 2), bround(2.5), ceil(1.2), floor(1.2), abs(-1), pow(2, 3), sqrt(4), exp(1), ln(2), log10(100), log2(8), log(2, 8), pmod(-7, 3), 7 % 3, 7 div 2, 7 / 2, sign(-2), greatest(1, 2), least(1, 2), cbrt(27), factorial(3), hex(255), bin(5), rand() < 2, degrees(pi()), radians(180), sin(1), atan2(1, 2)
-- means: SELECT 2.57, 2, 2, 1, 1, 8, 2, exp(1), ln(2), 2, 3, 3, 2, 1, 3, 3.5, -1, 2, 1, 3, 6, 'FF', '101', true, 180, radians(180), sin(1), atan2(1, 2)
-- # div days [spark]
SELECT 7 / 2, 7 div 2, 7 % 3, days / 7 FROM visit
-- means: SELECT 3.5, 3, 1, days / 7 FROM visit
-- # pmod [spark]
SELECT pmod(-7, 3)
-- means: SELECT 2
-- # bround [spark]
SELECT bround(2.5)
-- means: SELECT 2
-- # hex bin [spark]
SELECT hex(255), bin(5)
-- means: SELECT 'FF', '101'
-- # md a sha a sha [spark]
SELECT md5('a'), sha1('a'), sha2('a', 256)
-- means: SELECT md5('a'), sha1('a'), sha256('a')
-- # base a unbase yq [spark]
SELECT base64('a'), unbase64('YQ==')
-- means: SELECT 'YQ==', 'a'::BLOB
-- # cast days as string cast [spark]
SELECT cast(days AS string), cast(days AS double), cast('2024-01-01' AS date), int('1'), string(1), bigint('3'), date('2024-01-01'), double('1.5'), boolean('true') FROM visit
-- means: SELECT cast(days AS varchar), cast(days AS double), DATE '2024-01-01', 1, '1', 3, DATE '2024-01-01', 1.5, true FROM visit
-- # cast days as string cast 2 [spark]
SELECT cast(days AS string), cast(days AS double), cast('2024-01-01' AS date) FROM visit
-- means: SELECT cast(days AS varchar), cast(days AS double), DATE '2024-01-01' FROM visit
-- # int string bigint [spark]
SELECT int('1'), string(1), bigint('3')
-- means: SELECT 1, '1', 3
-- # dept count sum days [spark]
SELECT dept, count(*), sum(days) FROM visit GROUP BY dept WITH ROLLUP
-- means: SELECT dept, count(*), sum(days) FROM visit GROUP BY ROLLUP (dept)
-- # dept site count [spark]
SELECT dept, site, count(*) FROM visit GROUP BY CUBE (dept, site)
-- # rows [spark]
SELECT * FROM (SELECT dept, site, days FROM visit) PIVOT (sum(days) FOR dept IN ('ED', 'ICU'))
-- means: SELECT * FROM (SELECT dept, site, days FROM visit) PIVOT (sum(days) FOR dept IN ('ED', 'ICU') GROUP BY site)
-- # row_number over partition by dept [spark]
SELECT row_number() OVER (PARTITION BY dept ORDER BY visit_id), lag(days) OVER (ORDER BY visit_id), sum(days) OVER (PARTITION BY dept ORDER BY visit_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM visit
-- # rows 2 [spark]
SELECT * FROM lab LEFT SEMI JOIN patient USING (patient_id)
-- means: SELECT * FROM lab SEMI JOIN patient USING (patient_id)
-- # rows 3 [spark]
SELECT * FROM patient LEFT ANTI JOIN lab ON patient.patient_id = lab.patient_id
-- means: SELECT * FROM patient ANTI JOIN lab ON patient.patient_id = lab.patient_id
-- # dept count as n [spark]
SELECT `dept`, count(*) AS `n` FROM `visit` GROUP BY `dept`
-- means: SELECT dept, count(*) FROM visit GROUP BY dept
-- # dept [spark]
SELECT dept FROM visit WHERE dept <=> NULL
-- means: SELECT dept FROM visit WHERE dept IS NULL
-- # rows 4 [spark]
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS t(n, s)
-- means: SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t(n, s)
-- # rows 5 [spark]
SELECT * FROM range(3)
-- # dept count n [spark]
SELECT dept, count(*) n FROM visit GROUP BY ALL ORDER BY n DESC, dept LIMIT 2
-- # dept n [spark]
SELECT dept, n FROM (SELECT dept, count(*) AS n FROM visit GROUP BY dept) WHERE n > 3
-- # dept 2 [spark]
SELECT dept FROM visit QUALIFY row_number() OVER (PARTITION BY dept ORDER BY visit_id) = 1
-- # dept 3 [spark]
SELECT dept FROM visit MINUS SELECT 'ED'
-- means: SELECT dept FROM visit EXCEPT SELECT 'ED'
-- # current_date date current_timestamp timestamp now [spark]
SELECT CURRENT_DATE() > DATE '2020-01-01', current_timestamp() > TIMESTAMP '2020-01-01', now() > TIMESTAMP '2020-01-01'
-- means: SELECT true, true, true
-- # datediff day date date date_part [spark]
SELECT datediff(DAY, DATE '2024-01-01', DATE '2024-01-03'), date_part('YEAR', DATE '2024-01-01'), extract(MONTH FROM DATE '2024-01-01')
-- means: SELECT 2, 2024, 1
-- # concat_ws collect_list site [spark]
SELECT concat_ws(',', collect_list(site)) FROM visit WHERE site = 'H1'
-- means: SELECT coalesce(array_to_string(list(site), ','), '') FROM visit WHERE site = 'H1'
-- # dept percentile_cont within group order [spark]
SELECT dept, percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FROM visit GROUP BY dept
-- # date_diff ended started [spark]
SELECT date_diff(ended, started) FROM visit
-- means: SELECT date_diff('day', started, ended) FROM visit
-- # contains name a startswith name [spark]
SELECT contains(name, 'a'), startswith(name, 'A'), endswith(name, 'a'), char_length(name), split_part(plan, '@', 1), lcase('A'), ucase('a') FROM patient
-- means: SELECT contains(name, 'a'), starts_with(name, 'A'), ends_with(name, 'a'), length(name), split_part(plan, '@', 1), 'a', 'A' FROM patient
-- # space [spark]
SELECT space(2)
-- means: SELECT '  '
-- # substring_index a b c [spark]
SELECT substring_index('a@b@c', '@', 2)
-- means: SELECT 'a@b'
-- # format_string s d a [spark]
SELECT format_string('%s-%d', 'a', 1)
-- means: SELECT 'a-1'
-- # regexp_count aaa a [spark]
SELECT regexp_count('aaa', 'a')
-- means: SELECT 3
-- # decode that chooses [spark]
SELECT decode(unit, 'mg/dL', 1, 0), decode(unit, NULL, 'none', test, 'same', 'other'), decode(unit, '%', 'percent') FROM lab
-- means: SELECT if(unit = 'mg/dL', 1, 0), CASE WHEN unit IS NULL THEN 'none' WHEN unit IS NOT DISTINCT FROM test THEN 'same' ELSE 'other' END, if(unit = '%', 'percent', NULL) FROM lab
-- # the last that is not null [spark]
SELECT visit_id, last(doctor, true) OVER (PARTITION BY patient_id ORDER BY started, visit_id) FROM visit
-- means: SELECT visit_id, last_value(doctor IGNORE NULLS) OVER (PARTITION BY patient_id ORDER BY started NULLS FIRST, visit_id NULLS FIRST) FROM visit
-- # the last of a group that is not null [spark]
SELECT last(nullif(x, 2), true) FROM VALUES (1), (2) AS t(x)
-- means: SELECT 1
-- # a hint means nothing [spark]
SELECT /*+ BROADCAST(r), COALESCE(1) */ l.lab_id, r.name FROM lab l JOIN `range` r ON l.test = r.test
-- means: SELECT l.lab_id, r.name FROM lab l JOIN range r ON l.test = r.test
-- # concat_ws of lists [spark]
SELECT scan_id, concat_ws(',', labels), concat_ws('-', modality, labels, part), concat_ws('-', year(taken), month(taken)) FROM scan
-- means: SELECT scan_id, coalesce(array_to_string(labels, ','), ''), concat_ws('-', modality, if(len(labels) > 0, array_to_string(labels, '-'), NULL), part), concat_ws('-', year(taken), month(taken)) FROM scan
-- # concat_ws of lists without a value [spark]
SELECT concat_ws(',', 'a', array()), concat_ws(',', array(NULL), 'x'), concat_ws(',', array('a', NULL, 'b'), 1), concat_ws(',', array('')), concat_ws(',', split('a b', ' '))
-- means: SELECT 'a', 'x', 'a,b,1', '', 'a,b'
-- # concat_ws of a sorted set [spark]
SELECT dept, concat_ws(',', sort_array(collect_set(code))) FROM visit GROUP BY dept
-- means: SELECT dept, coalesce(array_to_string(list_sort(list(DISTINCT code)), ','), '') FROM visit GROUP BY dept
-- # islands of days [spark]
WITH d AS (SELECT DISTINCT patient_id, to_date(started) AS d FROM visit), g AS (SELECT *, date_sub(d, cast(row_number() OVER (PARTITION BY patient_id ORDER BY d) AS int)) AS island FROM d) SELECT patient_id, min(d), max(d), count(*) FROM g GROUP BY patient_id, island
-- means: WITH d AS (SELECT DISTINCT patient_id, started::date AS d FROM visit), g AS (SELECT *, d - cast(row_number() OVER (PARTITION BY patient_id ORDER BY d) AS int) AS island FROM d) SELECT patient_id, min(d), max(d), count(*) FROM g GROUP BY patient_id, island
-- # dates that stay dates [spark]
SELECT DATE '2024-01-31' + INTERVAL 1 MONTH, DATE '2024-01-31' - INTERVAL '1' DAY, TIMESTAMP '2024-01-31 10:00:00' + INTERVAL 2 HOURS, DATE '2024-01-31' + 1, d + INTERVAL 3 DAYS, d - INTERVAL 1 WEEK, t + INTERVAL 1 DAY, DATE '2024-03-02' - DATE '2024-03-01', to_date('2024-03-02') - INTERVAL 1 YEAR FROM VALUES (DATE '2024-01-31', TIMESTAMP '2024-01-31 10:00:00') AS v(d,t)
-- means: SELECT DATE '2024-02-29', DATE '2024-01-30', TIMESTAMP '2024-01-31 12:00:00', DATE '2024-02-01', DATE '2024-02-03', DATE '2024-01-24', TIMESTAMP '2024-02-01 10:00:00', INTERVAL 1 DAY, DATE '2023-03-02'
-- # sequences of dates [spark]
SELECT sequence(DATE '2024-01-01', DATE '2024-01-03', INTERVAL 1 DAY), sequence(to_date('2024-01-01'), to_date('2024-03-01'), interval 1 month)
-- means: SELECT [DATE '2024-01-01', DATE '2024-01-02', DATE '2024-01-03'], [DATE '2024-01-01', DATE '2024-02-01', DATE '2024-03-01']
-- # days of a sequence [spark]
SELECT d FROM (SELECT sequence(DATE '2024-01-01', DATE '2024-01-02') AS s) LATERAL VIEW explode(s) t AS d
-- means: VALUES (DATE '2024-01-01'), (DATE '2024-01-02')
-- # a backslash in a pattern [spark]
SELECT 'a_c' LIKE 'a\_c', 'abc' LIKE 'a\_c', 'abc' NOT LIKE 'a\_c', '10%' LIKE '%\%', 'a_c' ILIKE 'A\_C', 'abc' LIKE 'a%'
-- means: SELECT true, false, true, true, true, true
-- # casts to whole numbers [spark]
SELECT cast(TIMESTAMP '1970-01-02 00:00:00' AS long), int('7'), int('7.9'), cast('9007199254740993' AS bigint), cast('12.7' AS int), cast(2.7 AS int), cast(-2.7D AS int), cast('abc' AS int), cast(99999999999.9 AS bigint), cast(true AS int), cast(t AS bigint), cast(x AS int), bigint(t), cast(' 12 ' AS int) FROM VALUES (TIMESTAMP '1970-01-01 01:00:00', 3.99D) AS v(t,x)
-- means: SELECT 86400, 7, 7, 9007199254740993, 12, 2, -2, NULL, 99999999999, 1, 3600, 3, 3600, 12
-- # percentiles are doubles [spark]
SELECT percentile(x,0.5), median(x), percentile_cont(0.5) WITHIN GROUP (ORDER BY x), percentile(x,array(0.25,0.75)) FROM VALUES (1.01), (1.02) AS t(x)
-- means: SELECT 1.015, 1.015, 1.015, [1.0125, 1.0175]
-- # doubles as text [spark]
SELECT cast(v AS string), string(v) FROM VALUES (1.0D),(1e7D),(1234567.5D),(0.001D),(0.0005D),(123456789.123D),(0D),(1e20D),(CAST('NaN' AS double)),(CAST(NULL AS double)) AS t(v)
-- means: VALUES ('1.0', '1.0'), ('1.0E7', '1.0E7'), ('1234567.5', '1234567.5'), ('0.001', '0.001'), ('5.0E-4', '5.0E-4'), ('1.23456789123E8', '1.23456789123E8'), ('0.0', '0.0'), ('1.0E20', '1.0E20'), ('NaN', 'NaN'), (NULL, NULL)
-- # whole months that have passed [spark]
SELECT datediff(MONTH, DATE '2024-01-31', DATE '2024-02-29'), datediff(YEAR, DATE '2020-06-01', DATE '2024-05-31'), datediff(MONTH, DATE '2024-03-15', DATE '2024-01-16'), timestampdiff(MONTH, TIMESTAMP '2024-01-15 10:00:00', TIMESTAMP '2024-02-15 09:00:00'), timestampdiff(QUARTER, TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP '2024-12-31 00:00:00'), timestampdiff(MONTH, TIMESTAMP '2024-01-31 12:00:00', TIMESTAMP '2024-03-01 06:00:00'), timestampdiff(MONTH, TIMESTAMP '2024-03-15 10:00:00', TIMESTAMP '2024-01-15 11:00:00')
-- means: SELECT 0, 3, -1, 0, 3, 0, -1
-- # parts and units of time [spark]
SELECT unix_millis(TIMESTAMP '2024-03-05 00:53:20'), unix_micros(TIMESTAMP '1970-01-01 00:00:01'), extract(YEAROFWEEK FROM DATE '2024-12-30'), extract(SECOND FROM TIMESTAMP '2024-12-30 13:14:15.5')
-- means: SELECT 1709600000000, 1000000, 2025, 15.5
-- # rarer functions of text [spark]
SELECT nullifzero(0), zeroifnull(NULL), std(x), split('a,b,c', ',', 2), split('a,b', ',', -1), split('a.b.c', '\\.', 2), regexp_instr('ab1', '[0-9]'), regexp_instr('ab', '[0-9]'), str_to_map('a:1,b:2', ',', ':'), str_to_map('a:1:2,b')['a'], json_object_keys('{"a":1,"b":2}'), json_object_keys('[1]') FROM VALUES (1), (3) AS t(x)
-- means: SELECT NULL, 0, 1.4142135623730951, ['a', 'b,c'], ['a', 'b'], ['a', 'b.c'], 3, 0, MAP {'a': '1', 'b': '2'}, '1:2', ['a', 'b'], NULL
-- # zones [spark]
SELECT from_utc_timestamp(TIMESTAMP '2024-01-01 12:00:00','America/New_York'), to_utc_timestamp('2024-01-01 12:00:00','America/New_York'), convert_timezone('UTC', 'Asia/Tokyo', TIMESTAMP '2024-01-01 12:00:00')
-- means: SELECT TIMESTAMP '2024-01-01 07:00:00', TIMESTAMP '2024-01-01 17:00:00', TIMESTAMP '2024-01-01 21:00:00'
-- # from_json [spark]
SELECT from_json('{"a":1}','a INT').a, from_json('[1,2]','ARRAY<INT>'), from_json('bad','a INT'), from_json('{"a":"x"}','a INT').a, from_json('{"a":{"b":[1]}}','STRUCT<a: STRUCT<b: ARRAY<BIGINT>>>').a.b
-- means: SELECT 1, [1, 2], NULL, NULL, [1]
-- # from_json of a computed schema [spark deny]
SELECT from_json(plan, name) FROM patient
-- # another length of SHA-2 [spark deny]
SELECT sha2('a', 512)
-- # a limit with a pattern [spark deny]
SELECT split('a1b', '[0-9]', 2)
-- # grouping_id of all [spark]
SELECT dept, site, count(*), grouping_id() FROM visit GROUP BY dept, site WITH ROLLUP
-- means: SELECT dept, site, count(*), grouping(dept, site) FROM visit GROUP BY ROLLUP (dept, site)
-- # sizes of maps and lists [spark]
SELECT size(m), size(map('a',1)), cardinality(m), size(l), array_distinct(l) FROM (SELECT map('a',1,'b',2) AS m, array(2,1,2) AS l)
-- means: SELECT 2, 1, 2, 3, [2, 1]
-- # times that are texts [spark]
SELECT last_day('2024-02-10'), trunc('2024-05-17', 'YEAR'), quarter('2024-05-09'), dayofyear('2024-02-01'), hour('2024-01-01 10:20:30'), minute('2024-01-01 10:20:30'), second('2024-01-01 10:20:30'), date_trunc('month', '2024-05-17')
-- means: SELECT DATE '2024-02-29', DATE '2024-01-01', 2, 32, 10, 20, 30, TIMESTAMP '2024-05-01 00:00:00'
-- # outer lateral views keep their rows [spark]
SELECT s.scan_id, t.l FROM scan s LATERAL VIEW OUTER explode(filter(s.labels, x -> x = 'urgent')) t AS l
-- means: SELECT scan_id, CASE WHEN list_contains(labels, 'urgent') THEN 'urgent' END FROM scan
-- # lateral views of several kinds [spark]
SELECT x, e, k, v FROM (SELECT 1 AS x, array() AS l, map('a', 1) AS m) LATERAL VIEW OUTER explode(l) t AS e LATERAL VIEW explode(m) u AS k, v
-- means: SELECT 1, NULL, 'a', 1
-- # numbers in other bases [spark]
SELECT conv('ff', 16, 10), conv('255', 10, 16), conv(255, 10, 2)
-- means: SELECT '255', 'FF', '11111111'
-- # sums of what is computed [spark]
SELECT aggregate(array(1,2,3), 0, (acc, x) -> acc + x), aggregate(array(1,2,3), 0D, (acc, x) -> acc + x * 2, acc -> acc / 2), aggregate(array('a','bb'), 0, (acc, x) -> acc + length(x))
-- means: SELECT 6, 6.0, 3
-- # names of months, octets and what is tried [spark]
SELECT monthname(DATE '2024-03-01'), octet_length('abc'), try_add(1,2), try_subtract(3,1), try_multiply(2,3), try_add(9223372036854775807, 1), unix_date(DATE '1970-01-02')
-- means: SELECT 'Mar', 3, 3, 2, 6, NULL, 1
-- # texts beside numbers [spark]
SELECT count(*) FROM patient WHERE zip > 50000 AND zip <> 0 AND 99999 >= zip
-- means: SELECT count(*) FROM patient WHERE TRY_CAST(zip AS INTEGER) BETWEEN 50001 AND 99999
-- # lists of nothing [spark]
SELECT collect_list(x), collect_set(x), array_agg(x), collect_list(x) FILTER (WHERE x > 'a'), size(collect_list(x)), concat_ws(',', collect_list(x)), reverse(collect_list(x)) FROM VALUES (CAST(NULL AS string)) t(x)
-- means: SELECT [], [], [], [], 0, '', []
-- # lists of nothing in a window [spark]
SELECT g, collect_list(x) OVER (PARTITION BY g) FROM VALUES ('a','p'),('b',NULL) t(g,x)
-- means: VALUES ('a', ['p']), ('b', [])
