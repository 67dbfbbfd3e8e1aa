-- # a hidden column [ada]
SELECT ssn FROM patient
-- # in WHERE [ada]
SELECT count(*) FROM patient WHERE ssn LIKE '1%'
-- # in ORDER BY [ada]
SELECT patient_id FROM patient ORDER BY ssn
-- # in GROUP BY [ada]
SELECT count(*) FROM patient GROUP BY mrn
-- # in HAVING [ada]
SELECT sex FROM patient GROUP BY sex HAVING max(ssn) > '5'
-- # in ON [ada]
SELECT count(*) FROM patient a JOIN patient b ON a.ssn = b.ssn
-- # in USING [ada]
SELECT count(*) FROM patient a JOIN patient b USING (ssn)
-- # in REPLACE [ada]
SELECT * REPLACE (ssn AS sex) FROM patient
-- # in EXCLUDE, whose error would tell that it is there [ada]
SELECT * EXCLUDE (ssn) FROM patient
-- # by a pattern [ada]
SELECT COLUMNS('ssn|mrn') FROM patient
-- # by a lambda [ada]
SELECT COLUMNS(c -> c IN ('ssn', 'mrn')) FROM patient
-- # by LIKE [ada]
SELECT * LIKE '%n' FROM patient
-- # by RENAME [ada]
SELECT * RENAME (ssn AS x) FROM patient
-- # by position [ada]
SELECT #3 FROM patient
-- # in a window [ada]
SELECT row_number() OVER (ORDER BY ssn) FROM patient
-- # in FILTER [ada]
SELECT count(*) FILTER (WHERE ssn > '4') FROM patient
-- # in QUALIFY [ada]
SELECT sex FROM patient QUALIFY row_number() OVER (PARTITION BY mrn) = 1
-- # in DISTINCT ON [ada]
SELECT DISTINCT ON (ssn) sex FROM patient
-- # in a correlated subquery, where the outer name would do [ada]
SELECT (SELECT count(*) FROM visit WHERE visit.patient_id = patient.ssn) FROM patient
-- # in a list comprehension [ada]
SELECT [ssn FOR x IN [1]] FROM patient
-- # in a lambda [ada]
SELECT list_transform([1], lambda x: ssn) FROM patient
-- # in a struct [ada]
SELECT {'s': ssn} FROM patient
-- # in a pivot [ada]
PIVOT patient ON sex USING max(ssn)
-- # in an unpivot [ada]
UNPIVOT patient ON ssn INTO NAME k VALUE v
-- # in a natural join [ada]
SELECT count(*) FROM patient NATURAL JOIN (SELECT '1' AS ssn)
-- # as a whole row [ada]
SELECT p FROM patient p
-- # as JSON [ada]
SELECT to_json(p) FROM patient p
-- # as text [ada]
SELECT p::VARCHAR FROM patient p
-- # as a hash [ada]
SELECT hash(p), md5(p::VARCHAR) FROM patient p
-- # unnested [ada]
SELECT unnest(p) FROM patient p
-- # as keys of a struct [ada]
SELECT struct_keys(p) FROM patient p LIMIT 1
-- # by a field of the row [ada]
SELECT p.ssn, (p).mrn FROM patient p
-- # by extract from the row [ada]
SELECT struct_extract(p, 'ssn') FROM patient p
-- # by its place in the row [ada]
SELECT struct_extract_at(p, 3) FROM patient p
-- # as a list of rows [ada]
SELECT list(p) FROM patient p
-- # as the greatest row [ada]
SELECT max(p) FROM patient p
-- # row id [ada deny]
SELECT rowid FROM patient
-- # file name [ada deny]
SELECT filename FROM patient
-- # file row number [ada deny]
SELECT p.file_row_number FROM patient p
-- # a column named as the bits of grants [maya]
SELECT _grants0 FROM visit
-- # the alias of the raw rows [maya]
SELECT _raw.patient_id FROM visit
-- # the keys of grants [maya]
SELECT _keys0._key FROM visit
-- # the policy's alias [grace]
SELECT _p0.member FROM visit
-- # raw value of a mask by a comparison [ada]
SELECT count(*) FROM patient WHERE born = DATE '1964-09-08'
-- # raw value of a pseudonym [ada]
SELECT count(*) FROM patient WHERE name LIKE 'A%' OR patient_id LIKE 'P7%'
-- # raw order of a mask [ada]
SELECT sex FROM patient ORDER BY name LIMIT 3
-- # raw length of a mask [ada]
SELECT max(length(name)), min(length(zip)) FROM patient
-- # raw value through statistics [ada]
SELECT stats(name) FROM patient
-- # a masked field of a struct [ada]
SELECT address.street, address.unit FROM patient
-- # a removed label [maya]
SELECT labels FROM scan
