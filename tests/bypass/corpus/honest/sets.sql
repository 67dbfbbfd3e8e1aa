-- # union
SELECT patient_id FROM visit UNION SELECT patient_id FROM scan
-- # union all
SELECT dept, days FROM visit UNION ALL SELECT test, value FROM lab
-- # union by name
SELECT patient_id, site FROM visit UNION BY NAME SELECT sex, patient_id FROM patient
-- # union all by name
SELECT visit_id, patient_id FROM visit UNION ALL BY NAME SELECT patient_id, modality FROM scan
-- # except and intersect
(SELECT patient_id FROM visit EXCEPT SELECT patient_id FROM variant) INTERSECT SELECT patient_id FROM lab
-- # except all and intersect all
SELECT dept FROM visit EXCEPT ALL SELECT dept FROM visit WHERE days > 10
-- # intersect all
SELECT code FROM visit INTERSECT ALL SELECT code FROM visit WHERE days > 3
-- # ordered union [ordered]
SELECT code FROM code UNION ALL SELECT test FROM range ORDER BY 1 DESC LIMIT 3
-- # ordered by a name [ordered]
SELECT code AS c FROM code UNION SELECT test FROM range ORDER BY c LIMIT 5 OFFSET 1
-- # parentheses with limits
(SELECT visit_id FROM visit ORDER BY visit_id LIMIT 2) UNION ALL (SELECT visit_id FROM visit ORDER BY visit_id DESC LIMIT 2)
-- # three of them
SELECT 1 AS x UNION ALL SELECT 2 UNION ALL SELECT 3
-- # union in a subquery
SELECT kind, count(*) FROM (SELECT 'visit' AS kind, patient_id FROM visit UNION ALL SELECT 'scan', patient_id FROM scan) GROUP BY kind
-- # union of different types
SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2.5, NULL
