SELECT
    patient_id,
    count(DISTINCT note_id) AS notes,
    count(DISTINCT CASE WHEN label = 'problem' THEN concept END) AS problems,
    count(DISTINCT CASE WHEN label = 'symptom' THEN concept END) AS symptoms,
    count(DISTINCT CASE WHEN label = 'medication' THEN concept END) AS medications
FROM silver.note_entities
WHERE NOT negated AND NOT family AND NOT hypothetical
GROUP BY patient_id
