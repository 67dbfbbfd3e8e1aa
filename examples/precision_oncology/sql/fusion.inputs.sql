WITH genomics AS (
    SELECT x.patient_id, count(*) AS n, max(g.burden) AS burden, max(g.pc1) AS pc1
    FROM gold.genomic_features AS g
    JOIN silver.patient_xref AS x ON x.local_id = g.sample_id AND x.system = 'lims'
    GROUP BY x.patient_id
),
imaging AS (
    SELECT x.patient_id, count(*) AS n, avg(i.contrast) AS contrast, avg(i.largest_area) AS largest_area
    FROM gold.imaging_embeddings AS i
    JOIN silver.patient_xref AS x ON x.local_id = i.local_id AND x.system = 'ris'
    GROUP BY x.patient_id
),
wearables AS (
    SELECT x.patient_id, count(*) AS n, avg(w.mean) AS glucose_mean, avg(w.sd) AS glucose_sd
    FROM gold.glucose_daily AS w
    JOIN silver.patient_xref AS x ON x.local_id = w.participant_id AND x.system = 'cgm'
    GROUP BY x.patient_id
),
joined AS (
    SELECT
        p.patient_id AS patient_key,
        p.gender,
        g.n IS NOT NULL AS has_genomics,
        i.n IS NOT NULL AS has_imaging,
        n.notes IS NOT NULL AS has_notes,
        w.n IS NOT NULL AS has_wearables,
        l.n IS NOT NULL AS has_labs,
        g.burden AS f_burden,
        g.pc1 AS f_pc1,
        i.contrast AS f_image_contrast,
        i.largest_area AS f_image_area,
        n.problems AS f_note_problems,
        n.symptoms AS f_note_symptoms,
        w.glucose_mean AS f_glucose_mean,
        w.glucose_sd AS f_glucose_sd,
        l.glucose AS f_lab_glucose,
        l.ldh AS f_lab_ldh
    FROM silver.patient_summary AS p
    LEFT JOIN genomics AS g ON g.patient_id = p.patient_id
    LEFT JOIN imaging AS i ON i.patient_id = p.patient_id
    LEFT JOIN gold.note_features AS n ON n.patient_id = p.patient_id
    LEFT JOIN wearables AS w ON w.patient_id = p.patient_id
    LEFT JOIN gold.labs_latest AS l ON l.patient_id = p.patient_id
)
SELECT
    patient_key,
    'precision-oncology' AS study_id,
    gender AS f_gender,
    has_genomics,
    has_imaging,
    has_notes,
    has_wearables,
    has_labs,
    f_burden,
    f_pc1,
    f_image_contrast,
    f_image_area,
    f_note_problems,
    f_note_symptoms,
    f_glucose_mean,
    f_glucose_sd,
    f_lab_glucose,
    f_lab_ldh,
    CAST({genomics} AS BIGINT) AS snapshot_genomics,
    CAST({imaging} AS BIGINT) AS snapshot_imaging,
    CAST({notes} AS BIGINT) AS snapshot_notes,
    CAST({wearables} AS BIGINT) AS snapshot_wearables,
    CAST({labs} AS BIGINT) AS snapshot_labs,
    CAST('{asof}' AS TIMESTAMP) AS asof
FROM joined
WHERE CAST(has_genomics AS INTEGER) + CAST(has_imaging AS INTEGER) + CAST(has_notes AS INTEGER)
    + CAST(has_wearables AS INTEGER) + CAST(has_labs AS INTEGER) >= 2
