-- # date_format [spark]
SELECT date_format(DATE '2016-04-08', 'y'), date_format(TIMESTAMP '2016-04-08 13:04:05', 'EEEE, d MMM yyyy hh:mm a')
-- means: SELECT '2016', 'Friday, 8 Apr 2016 01:04 PM'
-- # months_between [spark]
SELECT months_between('1997-02-28 10:30:00', '1996-10-30'), months_between('2024-02-29', '2024-01-31'), months_between('2024-01-15', '2024-03-15')
-- means: SELECT 3.94959677::DOUBLE, 1.0::DOUBLE, -2.0::DOUBLE
-- # next_day [spark]
SELECT next_day('2015-01-14', 'TU'), next_day('2015-01-14', 'WED')
-- means: SELECT DATE '2015-01-20', DATE '2015-01-21'
-- # substring_index from both ends [spark]
SELECT substring_index('www.apache.org', '.', 2), substring_index('www.apache.org', '.', -1), substring_index('a.b', '.', -5)
-- means: SELECT 'www.apache', 'org', 'a.b'
-- # substring from zero [spark]
SELECT substring('Spark SQL', 0, 3), substring('Spark SQL', 5, 1)
-- means: SELECT 'Spa', 'k'
-- # elt, find_in_set, format_number [spark]
SELECT elt(1, 'scala', 'java'), find_in_set('ab', 'abc,b,ab,c,def'), find_in_set('x', 'a,b'), format_number(12332.123456, 4)
-- means: SELECT 'scala', 3, 0, '12,332.1235'
-- # numbers [spark]
SELECT nanvl(CAST('NaN' AS DOUBLE), 123), rint(12.5), rint(13.5), signum(-4), positive(3), e() > 2.7
-- means: SELECT 123.0, 12.0, 14.0, -1, 3, true
-- # expm1, log1p, hypot [spark]
SELECT expm1(0), log1p(0), hypot(3, 4)
-- means: SELECT 0.0, 0.0, 5.0
-- # casts to whole numbers cut off [spark]
SELECT CAST('10.7' AS INT), CAST(-2.9 AS INT), CAST(2.9D AS BIGINT), CAST(1.5E0 AS SMALLINT), CAST('12' AS INT)
-- means: SELECT 10, -2, 2, 1, 12
-- # arrays [spark]
SELECT array_compact(array(1, 2, 3, NULL)), get(array(1, 2, 3), 0), transform(array(1, 2, 3), (x, i) -> x + i)
-- means: SELECT [1, 2, 3], 1, [1, 3, 5]
-- # maps [spark]
SELECT map_filter(map(1, 0, 2, 2, 3, -1), (k, v) -> k > v), transform_values(map(1, 1, 2, 2), (k, v) -> v + 1), transform_keys(map(1, 10, 2, 20), (k, v) -> k + 1)
-- means: SELECT MAP {1: 0, 3: -1}, MAP {1: 2, 2: 3}, MAP {2: 10, 3: 20}
-- # zip_with, reduce with a last step [spark]
SELECT zip_with(array(1, 2), array(3, 4), (x, y) -> x + y), reduce(array(1, 2, 3), 0, (acc, x) -> acc + x, acc -> acc * 10)
-- means: SELECT [4, 6], 60
-- # skewness, kurtosis [spark]
SELECT skewness(x), kurtosis(x) FROM (VALUES (-10), (-20), (100), (1000)) AS t(x)
-- means: SELECT 1.1135657469022011, -0.7014368047529627
-- # days of weeks [spark]
SELECT dayofweek(DATE '2009-07-30'), extract(DOW FROM DATE '2009-07-30'), date_part('doy', DATE '2019-08-12'), extract(DAYOFWEEK_ISO FROM DATE '2009-07-30')
-- means: SELECT 5, 5, 224, 4
-- # units that have passed [spark]
SELECT timestampdiff(MONTH, TIMESTAMP '2024-01-31 00:00:00', TIMESTAMP '2024-02-28 00:00:00'), timestampdiff(HOUR, TIMESTAMP '2024-01-01 10:59:00', TIMESTAMP '2024-01-01 12:01:00')
-- means: SELECT 0, 1
-- # groups in a replacement [spark]
SELECT regexp_replace('100-200', '(\\d+)-(\\d+)', '$2-$1')
-- means: SELECT '200-100'
-- # stack [spark]
SELECT stack(2, 1, 2, 3)
-- means: SELECT unnest([1, 3]), unnest([2, NULL])
-- # posexplode [spark]
SELECT p, c FROM (SELECT 1 AS one) LATERAL VIEW posexplode(array(10, 20)) t AS p, c
-- means: SELECT unnest([0, 1]), unnest([10, 20])
-- # range in FROM [spark]
SELECT id FROM range(3)
-- means: SELECT unnest([0, 1, 2])
-- # names of columns of VALUES [spark]
SELECT col1, col2 FROM VALUES (1, 'a'), (2, 'b')
-- means: SELECT unnest([1, 2]), unnest(['a', 'b'])
-- # several counted [spark]
SELECT count(DISTINCT a, b), count(a, b) FROM VALUES (1, 1), (1, 1), (1, NULL) AS t(a, b)
-- means: SELECT 1, 2
-- # units that have passed [trino]
SELECT date_diff('month', DATE '2020-01-31', DATE '2020-02-28'), date_diff('hour', TIMESTAMP '2020-01-01 10:59:00', TIMESTAMP '2020-01-01 12:01:00'), date_diff('day', DATE '2020-03-01', DATE '2020-02-28')
-- means: SELECT 0, 1, -2
-- # regular expressions [trino]
SELECT regexp_extract('1a 2b 14m', '\d+'), regexp_extract('abc', '\d+'), regexp_replace('1a 2b 14m', '(\d+)([ab]) ', '3c$2 ')
-- means: SELECT '1', NULL, '3ca 3cb 14m'
-- # dates [trino]
SELECT format_datetime(TIMESTAMP '2001-08-22 03:04:05', 'yyyy/MM/dd HH:mm'), year_of_week(DATE '2019-12-30'), day_of_week(DATE '2019-12-29')
-- means: SELECT '2001/08/22 03:04', 2020, 7
-- # casts to whole numbers round away from zero [trino]
SELECT CAST(2.5E0 AS BIGINT), CAST(-2.5E0 AS INTEGER), CAST(x / 4 AS BIGINT) FROM (VALUES (10E0)) AS t(x)
-- means: SELECT 3, -3, 3
-- # shifts, hamming_distance, trim_array [trino]
SELECT bitwise_left_shift(1, 2), hamming_distance('abc', 'abd'), is_finite(1E0), trim_array(ARRAY[1, 2, 3, 4], 1)
-- means: SELECT 4, 1, true, [1, 2, 3]
-- # maps and lambdas [trino]
SELECT map_filter(MAP(ARRAY[10, 20, 30], ARRAY['a', NULL, 'c']), (k, v) -> v IS NOT NULL), zip_with(ARRAY[1, 2], ARRAY[3, 4], (x, y) -> x + y), reduce(ARRAY[5, 20, 50], 0, (s, x) -> s + x, s -> s * 2)
-- means: SELECT MAP {10: 'a', 30: 'c'}, [4, 6], 150
-- # paths of JSON [trino]
SELECT json_value('{"a": 5}', 'lax $.a'), json_exists('{"a": 5}', 'lax $.b')
-- means: SELECT '5', false
-- # names of types of another engine [deny spark]
SELECT typeof(days) FROM visit
-- # names of types of another engine [deny trino]
SELECT typeof(days) FROM visit
-- # a computed pattern [deny spark]
SELECT date_format(started, dept) FROM visit
-- # a part of a pattern that is not known [deny spark]
SELECT date_format(started, 'G') FROM visit
-- # a part of a template that is not known [deny postgres]
SELECT to_char(started, 'J') FROM visit
-- # a template of a number that is not known [deny postgres]
SELECT to_char(cost, '9.99EEEE') FROM visit
-- # rows of lists [postgres]
SELECT regexp_matches(name, 'a') FROM patient
-- means: SELECT ['a'] FROM patient WHERE contains(name, 'a')
-- # every match of several groups [deny postgres]
SELECT regexp_matches(name, '(a)(b)', 'g') FROM patient
-- # JSON that is merged [deny postgres]
SELECT plan::jsonb || '{}'::jsonb FROM patient
-- # a computed day [deny spark]
SELECT next_day(started, dept) FROM visit
-- # ends of lists [trino]
SELECT array_first(ARRAY[1, 2]), array_last(ARRAY[1, 2])
-- means: SELECT 1, 2
