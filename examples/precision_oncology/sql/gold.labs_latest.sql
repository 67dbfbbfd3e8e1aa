SELECT
    patient_id,
    max(CASE WHEN loinc = '2345-7' THEN value END) AS glucose,
    max(CASE WHEN loinc = '14804-9' THEN value END) AS ldh,
    count(*) AS n
FROM silver.labs_harmonised
GROUP BY patient_id
