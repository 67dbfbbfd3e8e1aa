-- # everything of a masked table [ada]
SELECT * FROM patient
-- # everything of a table with overlapping grants [maya]
SELECT * FROM visit
-- # cells of several grants [grace]
SELECT * FROM patient ORDER BY patient_id
-- # group by a mask [ada]
SELECT born, zip, count(*) FROM patient GROUP BY born, zip
-- # join by a pseudonym [ada]
SELECT p.name, v.dept FROM patient p JOIN visit v USING (patient_id)
-- # filter by a mask [ada]
SELECT count(*) FROM patient WHERE born >= DATE '1960-01-01' AND zip LIKE '1%' AND score > 50
-- # filter by a column that shows in several forms [maya]
SELECT count(*), count(code) FROM visit WHERE code = 'F' OR code = 'F10.2'
-- # nulls of a mask [ada]
SELECT count(address), count(*) FROM patient
-- # masks through a union [ada]
SELECT patient_id FROM visit EXCEPT SELECT patient_id FROM patient
-- # a filter that may fail [gene]
SELECT site, count(*) FROM visit GROUP BY site
-- # a filter that may fail, staged [gene]
SELECT substr(name, 1, 1) AS c, list(patient_id ORDER BY patient_id) FROM patient GROUP BY c
-- # an attribute [bill]
SELECT site, count(*), sum(cost) FROM visit GROUP BY site
-- # money with rollup [bill]
SELECT dept, code, sum(cost) FROM visit GROUP BY ROLLUP (dept, code) ORDER BY ALL
-- # open tables [nora]
SELECT c.title, r.name FROM code c, range r
-- # only constants [nora]
SELECT 40 + 2 AS x
-- # notes without those restricted [grace]
SELECT kind, count(*) FROM note GROUP BY kind
-- # text in notes [grace]
SELECT regexp_extract(body, 'dx ([A-Z0-9.]+)', 1) AS dx, count(*) FROM note GROUP BY dx
-- # consent as one sees it [maya]
SELECT status, count(*) FROM consent GROUP BY status
-- # labs rounded or not [maya]
SELECT test, sum(value), count(*) FROM lab GROUP BY test
-- # hidden column for the one, not the other [ada]
SELECT unnest(labels) AS l, count(*) FROM scan GROUP BY l
-- # select list of masks in expressions [ada]
SELECT year(born), left(zip, 2), score * 2, coalesce(address.street, 'none') FROM patient
-- # distinct pseudonyms [ada]
SELECT count(DISTINCT patient_id) FROM lab
-- # order and limit over masks [ada ordered]
SELECT name FROM patient ORDER BY name LIMIT 5
-- # a subquery over the same table [maya]
SELECT visit_id FROM visit v WHERE days > (SELECT avg(days) FROM visit w WHERE w.dept = v.dept)
-- # whole row of a masked table [ada]
SELECT p FROM patient p
-- # big whole numbers [maya]
SELECT account FROM patient WHERE account > 9000000000000000000
-- # sum that does not fit a BIGINT [maya]
SELECT sum(account), avg(account) FROM patient
-- # product that overflows [maya]
SELECT account * 3 FROM patient
-- # sum of products that overflow [maya]
SELECT sum(account * account) FROM patient
