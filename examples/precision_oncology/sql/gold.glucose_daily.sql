SELECT
    participant_id,
    date_trunc('day', event_ts) AS window_start,
    avg(glucose_mg_dl) AS mean,
    stddev_samp(glucose_mg_dl) AS sd,
    count(glucose_mg_dl) AS n,
    count(glucose_mg_dl) / 288.0 AS completeness
FROM bronze.wearable_cgm
GROUP BY participant_id, date_trunc('day', event_ts)
