SELECT
    o.observation_id,
    o.patient_id,
    o.loinc,
    o.value * u.factor AS value,
    u.unit,
    o.value AS value_original,
    o.unit AS unit_original,
    o.observed_at
FROM bronze.ehr_observations AS o
JOIN ref.loinc_units AS u ON u.loinc = o.loinc AND u.source_unit = o.unit
WHERE o.value IS NOT NULL
