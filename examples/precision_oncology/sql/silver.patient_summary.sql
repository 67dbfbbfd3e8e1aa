SELECT
    p.patient_id,
    p.family,
    p.birth_date,
    p.zip,
    p.gender,
    count(DISTINCT c.code) AS conditions
FROM bronze.ehr_patients AS p
LEFT JOIN bronze.ehr_conditions AS c ON c.patient_id = p.patient_id
GROUP BY p.patient_id, p.family, p.birth_date, p.zip, p.gender
