-- # inner
SELECT p.sex, v.dept, count(*) AS n FROM patient p JOIN visit v ON p.patient_id = v.patient_id GROUP BY 1, 2
-- # left with a condition
SELECT p.patient_id, l.lab_id FROM patient p LEFT JOIN lab l ON l.patient_id = p.patient_id AND l.test = 'GLU'
-- # right
SELECT p.patient_id, v.visit_id FROM patient p RIGHT JOIN visit v USING (patient_id)
-- # full
SELECT coalesce(v.patient_id, s.patient_id) AS p, v.visit_id, s.scan_id FROM visit v FULL OUTER JOIN scan s ON v.patient_id = s.patient_id AND v.started < s.taken
-- # full with using
SELECT patient_id, visit_id, scan_id FROM visit FULL JOIN scan USING (patient_id)
-- # semi and anti
SELECT count(*) FROM patient ANTI JOIN visit USING (patient_id)
-- # semi
SELECT patient_id FROM patient SEMI JOIN visit ON patient.patient_id = visit.patient_id AND visit.days > 10
-- # natural
SELECT count(*) FROM lab NATURAL JOIN range
-- # cross and comma
SELECT count(*) FROM code, range CROSS JOIN (SELECT 1)
-- # positional
SELECT a.code, b.name FROM (SELECT code FROM code ORDER BY code) a POSITIONAL JOIN (SELECT name FROM range ORDER BY name) b
-- # asof
SELECT l.lab_id, v.visit_id FROM lab l ASOF JOIN visit v ON l.patient_id = v.patient_id AND l.taken >= v.started
-- # asof left with using
SELECT l.lab_id, v.days FROM (SELECT lab_id, patient_id, taken AS started FROM lab) l ASOF LEFT JOIN visit v USING (patient_id, started)
-- # unequal
SELECT a.visit_id, b.visit_id FROM visit a JOIN visit b ON a.patient_id = b.patient_id AND a.started < b.started AND a.visit_id <> b.visit_id
-- # to itself by three
SELECT count(*) FROM visit a JOIN visit b USING (patient_id) JOIN visit c USING (patient_id) WHERE a.dept = 'ICU'
-- # on a subquery
SELECT v.visit_id, x.n FROM visit v JOIN (SELECT visit_id, count(*) AS n FROM lab GROUP BY visit_id) x ON x.visit_id = v.visit_id
-- # join with OR
SELECT count(*) FROM visit v JOIN code c ON v.code = c.code OR v.dept = c.chapter
-- # lateral
SELECT p.patient_id, t.test, t.value FROM patient p, LATERAL (SELECT test, value FROM lab l WHERE l.patient_id = p.patient_id ORDER BY value DESC, lab_id LIMIT 2) t
-- # left lateral
SELECT p.patient_id, t.n FROM patient p LEFT JOIN LATERAL (SELECT count(*) AS n FROM lab l WHERE l.patient_id = p.patient_id) t ON TRUE
-- # implicit lateral
SELECT p.patient_id, t.m FROM patient p, (SELECT max(value) AS m FROM lab WHERE lab.patient_id = p.patient_id) t
-- # lateral unnest
SELECT v.variant_id, q FROM variant v, unnest(v.quals) AS u(q) WHERE q > 60
-- # join in brackets
SELECT count(*) FROM patient p JOIN (visit v JOIN lab l ON v.visit_id = l.visit_id) ON p.patient_id = v.patient_id
-- # using over a merged column
SELECT patient_id, count(*) FROM patient JOIN visit USING (patient_id) JOIN lab USING (patient_id, visit_id) GROUP BY patient_id
-- # on TRUE
SELECT count(*) FROM code JOIN range ON TRUE
-- # theta with an expression
SELECT l.lab_id FROM lab l JOIN range r ON l.test = r.test AND l.value NOT BETWEEN r.low AND r.high
-- # join on masked keys [ada]
SELECT p.zip, count(*) FROM patient p JOIN visit v ON v.patient_id = p.patient_id GROUP BY p.zip
-- # where with old comma joins [ada]
SELECT p.sex, avg(l.value) FROM patient p, visit v, lab l WHERE p.patient_id = v.patient_id AND v.visit_id = l.visit_id AND l.test = 'LDL' GROUP BY p.sex
-- # qualified star of one side
SELECT v.*, c.title FROM visit v LEFT JOIN code c ON c.code = v.code
-- # from first with a join
FROM visit v JOIN code c USING (code) SELECT c.title, count(*) GROUP BY c.title
-- # chain of left joins [maya]
SELECT v.visit_id, p.sex, c.title FROM visit v LEFT JOIN patient p ON p.patient_id = v.patient_id LEFT JOIN code c ON c.code = v.code
