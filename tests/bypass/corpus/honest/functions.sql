-- # strings
SELECT upper(name), lower(name), length(name), reverse(name), left(zip, 2), right(zip, 2), substr(zip, 2, 3), substring(zip FROM 2 FOR 2), zip[1:2], zip[1] FROM patient
-- # padding and trimming
SELECT lpad(zip, 8, '0'), rpad(zip, 8, 'x'), trim(' a '), ltrim('xxa', 'x'), rtrim('axx', 'x'), trim(LEADING 'x' FROM 'xa'), trim(BOTH FROM ' b ') FROM patient
-- # positions and parts
SELECT position('a' IN name), strpos(name, 'a'), instr(name, 'a'), split_part(name, 'a', 1), contains(name, 'a'), starts_with(name, 'A'), suffix(name, '1'), prefix(name, 'B') FROM patient
-- # concatenation
SELECT name || '-' || zip, concat(name, NULL, zip), concat_ws('/', name, zip, site), printf('%s:%d', site, 5), format('{} {}', site, 7) FROM patient
-- # replace and translate
SELECT replace(zip, '1', 'x'), translate(zip, '12', 'ab'), repeat(sex, 3), overlay('abcdef' PLACING 'zz' FROM 2 FOR 3) FROM patient
-- # splitting
SELECT string_split(name, 'a'), str_split(name, 'e'), string_to_array(zip, '3'), regexp_split_to_array(name, '[0-9]+'), array_to_string(['a', 'b'], ',') FROM patient
-- # regular expressions
SELECT regexp_matches(name, '^A'), regexp_extract(name, '([A-Z])([a-z]+)', 2), regexp_replace(name, '[0-9]', '#', 'g'), regexp_extract_all(name, '[a-z]'), regexp_full_match(sex, '[FM]') FROM patient
-- # regular expression with named groups
SELECT regexp_extract(name, '([A-Z])([a-z]*)', ['first', 'rest']) FROM patient
-- # LIKE and its family
SELECT count(*) FROM patient WHERE name LIKE 'A%' OR name ILIKE 'b%' OR name NOT LIKE '%1' OR name GLOB 'C*' OR name SIMILAR TO 'D.*' OR zip LIKE '1!%' ESCAPE '!'
-- # operators for LIKE
SELECT count(*) FROM patient WHERE name ~~ 'A%' OR name !~~ '%9' OR name ~~* 'c%' OR name ~ '.*1.*' OR name ^@ 'E'
-- # hashes and encodings
SELECT md5(site), sha256(site), hash(site) = hash(site), base64(encode(site)), hex(site), from_base64('YQ==')::VARCHAR, url_encode('a b') FROM patient
-- # unicode and bytes
SELECT ascii(site), chr(65), unicode(site), ord(site), bit_length(site), strlen(site), strip_accents('né'), nfc_normalize('é'), 'ü' < 'z' FROM patient LIMIT 5
-- # similarity
SELECT levenshtein(site, 'H2'), jaccard(site, 'H2'), jaro_winkler_similarity(site, 'H2'), damerau_levenshtein(site, 'H'), hamming('ab', 'ac') FROM patient
-- # dates
SELECT date_diff('year', born, DATE '2026-01-01'), date_part('year', born), extract(month FROM born), year(born), month(born), dayname(born), monthname(born), last_day(born), date_trunc('month', born) FROM patient
-- # date arithmetic
SELECT born + 1, born - 7, born + INTERVAL 1 MONTH, born - INTERVAL '2 years', born - DATE '2000-01-01', date_add(born, INTERVAL 3 DAY), DATE '2026-01-31' + INTERVAL 1 MONTH FROM patient
-- # ages and buckets
SELECT age(TIMESTAMP '2026-01-01', seen), time_bucket(INTERVAL '7 days', seen), date_sub('day', seen, TIMESTAMP '2026-01-01'), datediff('hour', seen, TIMESTAMP '2026-01-01') FROM patient
-- # timestamps
SELECT strftime(started, '%Y-%m'), strptime('2024-01-02', '%Y-%m-%d'), epoch(started), epoch_ms(started), make_date(2024, 5, 6), make_timestamp(2024, 5, 6, 7, 8, 9.5), to_timestamp(0) AT TIME ZONE 'UTC', ended - started FROM visit
-- # parts
SELECT hour(started), minute(started), week(started), quarter(started), dayofweek(started), isodow(started), dayofyear(started), weekofyear(started), yearweek(started), date_part(['year', 'month'], started), century(started), era(started) FROM visit
-- # intervals
SELECT INTERVAL 1 YEAR, INTERVAL '1 day 2 hours', to_days(3), to_minutes(5), INTERVAL (days) DAY, interval '3' month, days * INTERVAL 1 DAY, started + to_hours(days) FROM visit
-- # filter by dates
SELECT count(*) FROM visit WHERE started BETWEEN DATE '2024-03-01' AND DATE '2024-09-01' AND started >= '2024-04-01' AND started < TIMESTAMP '2024-08-01 12:00:00' AND started::DATE <> DATE '2024-05-05'
-- # time zones
SELECT started AT TIME ZONE 'UTC' = started AT TIME ZONE 'UTC', timezone('UTC', started) IS NOT NULL FROM visit
-- # generated dates
SELECT d::DATE AS day, count(v.visit_id) FROM generate_series(DATE '2024-01-01', DATE '2024-02-01', INTERVAL 1 DAY) AS g(d) LEFT JOIN visit v ON v.started::DATE = g.d::DATE GROUP BY day ORDER BY day
-- # range of timestamps
SELECT unnest(range(TIMESTAMP '2024-01-01', TIMESTAMP '2024-01-03', INTERVAL 12 HOUR)) AS t
-- # numbers
SELECT abs(-days), sign(days), round(value, 1), floor(value), ceil(value), trunc(value), sqrt(days), cbrt(days), pow(days, 2), days ** 2, days ^ 2, days % 7, mod(days, 7), days // 7, days / 7, exp(1), ln(days + 1), log10(days + 1), log2(days + 1), log(days + 1) FROM visit JOIN lab USING (visit_id)
-- # more numbers
SELECT greatest(days, 5, visit_id), least(days, 5), gcd(days, 6), lcm(days, 4), factorial(5), even(days), pi(), degrees(1.0), radians(1.0), sin(days), atan2(days, 2), isnan(days::DOUBLE), bit_count(days), days & 3, days | 1, xor(days, 2), days << 2, ~days, fdiv(days, 2), fmod(days, 2) FROM visit
-- # decimals [maya]
SELECT weight * 2, weight / 3, weight + 0.1, weight::INTEGER, weight::DOUBLE, round(weight, 1), weight % 7, -weight, avg(weight) OVER (), CAST(weight AS DECIMAL(18, 6)) * 1.5 FROM patient
-- # casts
SELECT days::VARCHAR, CAST(days AS DOUBLE), TRY_CAST(code AS INTEGER), days::DECIMAL(10, 2), days::BOOLEAN, '12'::INT, CAST('2024-01-01' AS DATE), '{"a": 1}'::JSON, [1, 2]::VARCHAR[], days::HUGEINT, days::FLOAT, days::UBIGINT FROM visit
-- # type names
SELECT typeof(days), typeof(cost_or_days), typeof(started) FROM (SELECT days, days AS cost_or_days, started FROM visit) LIMIT 1
-- # conditionals
SELECT CASE WHEN days > 10 THEN 'long' WHEN days > 3 THEN 'mid' ELSE 'short' END, CASE dept WHEN 'ICU' THEN 1 END, if(days > 3, 'y', 'n'), ifnull(doctor, '-'), nullif(dept, 'ICU'), coalesce(doctor, code, dept), days IS DISTINCT FROM 3, days IS NOT DISTINCT FROM 4 FROM visit
-- # truth
SELECT abnormal IS TRUE, abnormal IS NOT FALSE, NOT abnormal, abnormal AND value > 1, abnormal = (value > 5), abnormal IS NULL, abnormal ISNULL, value NOTNULL FROM lab
-- # try
SELECT TRY(CAST(code AS INTEGER)), TRY(days / 0) FROM visit
-- # chained methods
SELECT name.upper().left(2), name.lower().replace('a', 'b') FROM patient
-- # numbers written in many ways
SELECT 1_000, 1e3, 0x1F, .5, 1., -1, +2, 1.5e-3, 10000000000000000000, '5' + 3
-- # texts written in many ways
SELECT 'it''s', $$dollar's$$, $tag$x$tag$, E'a\nb', 'multi
line'
-- # between symmetric and chains
SELECT count(*) FROM visit WHERE days BETWEEN 2 AND 9 AND days NOT BETWEEN 4 AND 5 AND days IN (2, 3, 6) AND days NOT IN (99)
-- # collations
SELECT name FROM patient WHERE name COLLATE NOCASE < 'm' ORDER BY name COLLATE NOCASE
-- # collation in a group
SELECT lower(site) COLLATE NOCASE.NOACCENT AS s, count(*) FROM patient GROUP BY s
-- # bars and sizes
SELECT bar(days, 0, 30, 10), format_bytes(days * 1000), to_base(days, 16), bin(days) FROM visit
-- # random is there
SELECT count(*) FROM visit WHERE random() >= 0 AND uuid() IS NOT NULL
-- # today
SELECT current_date > DATE '2020-01-01', now() > TIMESTAMP '2020-01-01', today() IS NOT NULL, current_timestamp IS NOT NULL
