SELECT
    f.series_key,
    f.local_id,
    f.contrast,
    f.homogeneity,
    f.entropy,
    f.largest_area,
    f.eccentricity
FROM silver.imaging_features AS f
JOIN silver.imaging_series_selected AS s ON s.series_key = f.series_key
WHERE s.is_selected
