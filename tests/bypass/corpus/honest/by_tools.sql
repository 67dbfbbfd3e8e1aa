-- # ibis strips a text of every white space there is [duckdb]
SELECT "t0"."patient_id", TRIM("t0"."name", ' 	
') AS "x" FROM "patient" AS "t0"
-- # ibis strips a text [trino]
SELECT "t0"."patient_id", TRIM(LEADING ' 	
' FROM "t0"."name") AS "x" FROM "patient" AS "t0"
-- means: SELECT patient_id, ltrim(name, chr(32) || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)) FROM patient
-- # ibis takes a part of a moment with a zone [duckdb]
SELECT "t0"."visit_id", EXTRACT(hour FROM CAST("t0"."started" AS TIMESTAMPTZ)) AS "a" FROM "visit" AS "t0"
-- means: SELECT visit_id, hour(started) AS a FROM visit
-- # ibis takes a part of a moment with a zone [trino]
SELECT "t0"."visit_id", EXTRACT(hour FROM CAST("t0"."started" AS TIMESTAMP WITH TIME ZONE)) AS "a" FROM "visit" AS "t0"
-- means: SELECT visit_id, hour(started) FROM visit
-- # ibis pads a text [trino]
SELECT "t0"."patient_id", LPAD("t0"."name", GREATEST(LENGTH("t0"."name"), 12), '*') AS "x" FROM "patient" AS "t0"
-- means: SELECT patient_id, lpad(name, greatest(len(name), 12)::INTEGER, '*') FROM patient
-- # ibis pads a text [spark]
SELECT `t0`.`patient_id`, RPAD(`t0`.`name`, GREATEST(LENGTH(`t0`.`name`), 12), '*') AS `x` FROM `patient` AS `t0`
-- means: SELECT patient_id, rpad(name, greatest(len(name), 12)::INTEGER, '*') FROM patient
-- # ibis estimates a median [trino]
SELECT "t0"."site", APPROX_PERCENTILE("t0"."days", CAST(0.5 AS DOUBLE)) > -100 AS "x" FROM "visit" AS "t0" GROUP BY 1
-- means: SELECT site, CASE WHEN count(days) > 0 THEN TRUE END FROM visit GROUP BY site
-- # ibis adds days of a column [trino]
SELECT "t0"."visit_id", "t0"."started" + PARSE_DURATION(CONCAT(CAST("t0"."days" AS VARCHAR), 'd')) AS "a" FROM "visit" AS "t0"
-- means: SELECT visit_id, started + to_days(days) FROM visit
-- # ibis asks for a median of a group beside each row [spark]
SELECT `t0`.`visit_id`, PERCENTILE(`t0`.`days`, 0.5) OVER (PARTITION BY `t0`.`site` ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS `x` FROM `visit` AS `t0`
-- means: SELECT visit_id, median(days) OVER (PARTITION BY site) FROM visit
-- # ibis asks where an element is, and a list that is not there has no place for it [trino]
SELECT "t0"."variant_id", ARRAY_POSITION("t0"."quals", 50.5) - 1 AS "a" FROM "variant" AS "t0"
-- means: SELECT variant_id, CASE WHEN quals IS NOT NULL THEN coalesce(list_position(quals, 50.5), 0) - 1 END FROM variant
-- # ibis asks whether any of a list is so, and of none that is not there [trino]
SELECT "t0"."variant_id", ANY_MATCH(NULLIF(FILTER(TRANSFORM("t0"."quals", __ibis_param_x__ -> __ibis_param_x__ > 60), "x" -> "x" IS NOT NULL), ARRAY[]), "x" -> "x") AS "a" FROM "variant" AS "t0"
-- means: SELECT variant_id, list_bool_or(list_transform(quals, lambda x: x > 60)) FROM variant
-- # ibis zips lists, and none that is not there [spark]
SELECT `t0`.`variant_id`, SIZE(ARRAYS_ZIP(`t0`.`quals`, `t0`.`quals`)) AS `a` FROM `variant` AS `t0`
-- means: SELECT variant_id, len(quals) FROM variant
-- # a test of every element leaves open what it does not know [spark]
SELECT forall(array(1, CAST(NULL AS INT)), x -> x > 0), forall(array(1, -1, NULL), x -> x > 0), exists(array(1, NULL), x -> x > 1), exists(array(2, NULL), x -> x > 1), exists(array(), x -> x > 1)
-- means: SELECT NULL, FALSE, NULL, TRUE, FALSE
-- # SQLAlchemy casts to a decimal without digits [trino]
SELECT patient.patient_id, CAST(patient.score AS DECIMAL) AS score FROM patient
-- means: SELECT patient_id, CAST(score AS DECIMAL(38, 0)) FROM patient
-- # SQLAlchemy casts to a decimal without digits [spark]
SELECT patient.patient_id, CAST(patient.score AS DECIMAL) AS score FROM patient
-- means: SELECT patient_id, CAST(score AS DECIMAL(10, 0)) FROM patient
-- # Tableau makes a month of its parts [spark]
SELECT CAST(CONCAT(YEAR(`visit`.`started`), '-', LPAD(MONTH(`visit`.`started`),2,'0'), '-01 00:00:00') AS TIMESTAMP) AS `tmn_started_ok`, COUNT(1) AS c FROM `main`.`visit` `visit` GROUP BY CAST(CONCAT(YEAR(`visit`.`started`), '-', LPAD(MONTH(`visit`.`started`),2,'0'), '-01 00:00:00') AS TIMESTAMP)
-- means: SELECT CAST(date_trunc('month', started) AS TIMESTAMP), count(*) FROM visit GROUP BY 1
-- # DuckDB quotes the names of functions when it writes out a relation [duckdb]
SELECT "visit_id" AS "visit_id", "add"(COALESCE("days", 0), COALESCE("visit_id", 0)) AS "s", "replace"("site", 'H', 'K') AS "k" FROM "visit" AS "t"
-- # the page behind a key: a part that is not there leaves it open [trino]
SELECT visit_id FROM visit WHERE (nullif(days, 7), visit_id) > (5, 10)
-- means: SELECT visit_id FROM visit WHERE days <> 7 AND (days > 5 OR (days = 5 AND visit_id > 10))
-- # Metabase names every column by its schema too [postgres]
SELECT "source"."Patient__sex" AS "Patient__sex", COUNT(*) AS "count" FROM (SELECT "main"."visit"."visit_id" AS "visit_id", "Patient"."sex" AS "Patient__sex" FROM "main"."visit" LEFT JOIN "main"."patient" AS "Patient" ON "main"."visit"."patient_id" = "Patient"."patient_id") AS "source" WHERE ("source"."Patient__sex" <> 'F') OR ("source"."Patient__sex" IS NULL) GROUP BY "source"."Patient__sex" ORDER BY "source"."Patient__sex" ASC
-- # Metabase asks for the day of a week [postgres]
SELECT (CAST(extract(dow from "main"."visit"."started") AS integer) + 1) AS "x", COUNT(*) AS "count" FROM "main"."visit" GROUP BY (CAST(extract(dow from "main"."visit"."started") AS integer) + 1) ORDER BY (CAST(extract(dow from "main"."visit"."started") AS integer) + 1) ASC
-- # names of three parts where a short one would be another table's [grace]
SELECT main.visit.visit_id, (SELECT max(visit.low) FROM main.range AS visit WHERE main.visit.days > 3) AS n FROM main.visit
-- means: SELECT v.visit_id, (SELECT max(low) FROM range WHERE v.days > 3) AS n FROM visit AS v
-- # Tableau asks for whole parts of whole parts [postgres]
SELECT CAST(TRUNC(EXTRACT(YEAR FROM "visit"."started")) AS INTEGER) AS "yr:started:ok", CAST(TRUNC(EXTRACT(QUARTER FROM "visit"."started")) AS INTEGER) AS "qr:started:ok", COUNT(1) FROM "main"."visit" "visit" GROUP BY 1, 2
-- # Tableau casts moments to moments [trino]
SELECT DATE_TRUNC('MONTH', CAST("visit"."started" AS TIMESTAMP)) AS "tmn:started:ok", YEAR("visit"."started") AS "yr", COUNT(1) FROM "main"."visit" "visit" GROUP BY 1, 2 HAVING (COUNT(1) > 0)
-- means: SELECT date_trunc('month', started), year(started), count(*) FROM visit GROUP BY 1, 2
-- # Superset cuts moments [spark]
SELECT date_trunc('month', `started`) AS `__timestamp`, COUNT(*) AS `count` FROM visit WHERE site IN ('H1','H2') GROUP BY date_trunc('month', `started`) ORDER BY `count` DESC LIMIT 50000
-- means: SELECT date_trunc('month', started), count(*) FROM visit WHERE site IN ('H1','H2') GROUP BY 1
-- # Superset counts weeks from Sunday [spark]
SELECT date_trunc('week', `started` + interval '1 day') - interval '1 day' AS `__timestamp`, COUNT(*) AS `count` FROM visit GROUP BY date_trunc('week', `started` + interval '1 day') - interval '1 day'
-- means: SELECT date_trunc('week', started + INTERVAL 1 DAY) - INTERVAL 1 DAY, count(*) FROM visit GROUP BY 1
-- # what a function of texts is given becomes a text [spark]
SELECT substring(started, 1, 7) AS m, count(*) AS n FROM visit WHERE started LIKE '2024-%' AND visit_id RLIKE '^1' GROUP BY substring(started, 1, 7)
-- means: SELECT strftime(started, '%Y-%m'), count(*) FROM visit WHERE year(started) = 2024 AND visit_id::TEXT LIKE '1%' GROUP BY 1
-- # what a function of texts is given becomes a text: days and numbers [spark]
SELECT left(born, 4), split(born, '-')[0], replace(born, '-', ''), length(account), upper(vip) FROM patient
-- means: SELECT strftime(born, '%Y'), strftime(born, '%Y'), strftime(born, '%Y%m%d'), len(account::TEXT), upper(vip::TEXT) FROM patient
-- # whole quotients of what is not whole [spark]
SELECT cost div 10, -days div 2, score div 0.5, days div 0 FROM visit JOIN patient USING (patient_id)
-- means: SELECT trunc(cost / 10)::BIGINT, -(days // 2), trunc(score / 0.5)::BIGINT, NULL FROM visit JOIN patient USING (patient_id)
-- # ibis and sqlglot write initcap [trino]
SELECT REGEXP_REPLACE("t0"."name", '(\w)(\w*)', x -> UPPER(x[1]) || LOWER(x[2])), regexp_replace('éa bC_d-e1', '(\w)(\w*)', m -> upper(m[1]) || lower(m[2])) FROM "patient" AS "t0"
-- means: SELECT upper(left(name, 1)) || lower(substr(name, 2)), 'Éa Bc_d-E1' FROM patient
-- # ibis sums a list [trino]
SELECT "t0"."variant_id", REDUCE("t0"."quals", CAST(ROW(0, 0) AS ROW("sum" DOUBLE, "count" BIGINT)), ("s", "x") -> CAST(ROW("x" + COALESCE("s"."sum", 0), ("s"."count") + IF("x" IS NOT NULL, 1, 0)) AS ROW("sum" DOUBLE, "count" BIGINT)), "s" -> IF(("s"."count") > 0, CAST(("s"."sum") AS DOUBLE) / ("s"."count"), NULL)) AS "a" FROM "variant" AS "t0"
-- means: SELECT variant_id, list_avg(quals) FROM variant
-- # ibis sums a list [spark]
SELECT `t0`.`variant_id`, AGGREGATE(`t0`.`quals`, CAST(STRUCT(0, 0) AS STRUCT<`sum`: DOUBLE, `count`: BIGINT>), (`s`, `x`) -> CAST(STRUCT(`x` + COALESCE(`s`.`sum`, 0), (`s`.`count`) + IF(`x` IS NOT NULL, 1, 0)) AS STRUCT<`sum`: DOUBLE, `count`: BIGINT>), `s` -> IF((`s`.`count`) > 0, `s`.`sum`, NULL)) AS `a` FROM `variant` AS `t0`
-- means: SELECT variant_id, list_sum(quals) FROM variant
-- # a cast of a struct goes by the order of its fields [spark]
SELECT CAST(struct(days, site) AS STRUCT<x: BIGINT, y: STRING>) AS a, CAST(named_struct('k', 1) AS STRUCT<x: STRING>).x AS b FROM visit
-- means: SELECT {'x': days::BIGINT, 'y': site}, '1' FROM visit
