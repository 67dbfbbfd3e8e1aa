-- # a table of another namespace [deny]
SELECT * FROM vault.secret
-- # by three parts [deny]
SELECT * FROM lake.vault.patient
-- # quoted, in another case [deny]
SELECT * FROM "Vault"."SECRET"
-- # hidden among columns [deny]
SELECT vault.secret.secret FROM vault.secret
-- # a table that is not there [deny]
SELECT * FROM main.no_such
-- # a table without a grant [bill deny]
SELECT count(*) FROM lab
-- # a table that only filters read [grace deny]
SELECT * FROM care_team
-- # through an alias of a governed one [deny]
SELECT * FROM patient AS secret JOIN vault.secret USING (key_id)
-- # the engine's own catalog [deny]
SELECT * FROM information_schema.tables
-- # the system's schema [deny]
SELECT * FROM pg_catalog.pg_tables
-- # master table [deny]
SELECT * FROM sqlite_master
-- # another catalog [deny]
SELECT * FROM memory.main.lakeward_keys
-- # the reader's keys [deny]
SELECT * FROM lakeward_keys
-- # the bench's name for incoming rows [deny]
SELECT * FROM lakeward_incoming
-- # the system catalog [deny]
SELECT * FROM system.main.duckdb_tables
-- # the temporary catalog [deny]
SELECT * FROM temp.main.patient
-- # positions through an alias list [ada]
SELECT a, b, c, d FROM patient AS t(a, b, c, d)
-- # too many columns in an alias [ada]
SELECT q FROM patient AS t(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q)
-- # a file as a table [deny]
SELECT * FROM 'catalog.db'
-- # a file by a name [deny]
SELECT * FROM "data.parquet"
-- # four parts [deny]
SELECT * FROM a.b.c.d
-- # Iceberg's metadata tables [deny]
SELECT * FROM main."patient$files"
-- # Iceberg's metadata as a part [deny]
SELECT * FROM main.patient.files
-- # a namespace that is not there [deny]
SELECT * FROM nowhere.patient
-- # a column with another namespace's name
SELECT vault.patient.patient_id FROM patient
-- # a number that runs into a word [postgres deny]
SELECT 1abc FROM patient
-- # a number with an underscore behind it [trino deny]
SELECT 1_ FROM patient
-- # a number with a base that is a name in Spark [spark deny]
SELECT 0x1F FROM patient
-- # a number of a base that it does not have [trino deny]
SELECT 0b12 FROM patient
