-- # read text [deny]
SELECT * FROM read_text('/etc/passwd')
-- # read csv [deny]
SELECT * FROM read_csv('/etc/passwd')
-- # read parquet [deny]
SELECT * FROM read_parquet('warehouse/**/*.parquet')
-- # parquet metadata [deny]
SELECT * FROM parquet_metadata('x.parquet')
-- # glob [deny]
SELECT * FROM glob('*')
-- # iceberg scan [deny]
SELECT * FROM iceberg_scan('warehouse/main/patient')
-- # iceberg metadata [deny]
SELECT * FROM iceberg_metadata('warehouse/main/patient')
-- # iceberg statistics [deny]
SELECT * FROM iceberg_column_stats('warehouse/main/patient')
-- # dynamic SQL [deny]
SELECT * FROM query('SELECT * FROM vault.secret')
-- # dynamic table [deny]
SELECT * FROM query_table('vault.secret')
-- # serialized SQL [deny]
SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))
-- # serialized SQL, scalar [deny]
SELECT json_serialize_sql('SELECT 1')
-- # settings [deny]
SELECT current_setting('memory_limit')
-- # all settings [deny]
SELECT * FROM duckdb_settings()
-- # tables [deny]
SELECT * FROM duckdb_tables()
-- # logs [deny]
SELECT * FROM duckdb_logs()
-- # secrets [deny]
SELECT * FROM duckdb_secrets()
-- # statistics [deny]
SELECT stats(patient_id) FROM patient
-- # vector type [deny]
SELECT vector_type(site) FROM patient
-- # variable [deny]
SELECT getvariable('x')
-- # error [deny]
SELECT error('boom')
-- # version [deny]
SELECT version()
-- # current user [deny]
SELECT current_user
-- # current database [deny]
SELECT current_database(), current_schema()
-- # current query [deny]
SELECT current_query()
-- # transaction id [deny]
SELECT txid_current()
-- # write to the log [deny]
SELECT write_log('x')
-- # sleep [deny]
SELECT sleep_ms(1000)
-- # sequence [deny]
SELECT nextval('s')
-- # column description [deny]
SELECT col_description(1, 2)
-- # alias of a column [deny]
SELECT alias(site) FROM patient
-- # sort keys [deny]
SELECT create_sort_key(site, 'ASC') FROM patient
-- # a function with a qualified name [deny]
SELECT main.read_text('x')
-- # system function by its schema [deny]
SELECT system.main.current_query()
-- # a quoted function name [deny]
SELECT "current_query"()
-- # a function name with a space [deny]
SELECT "read text"('x')
-- # read blob in a comprehension [deny]
SELECT [x FOR x IN (SELECT content FROM read_blob('/etc/hosts'))]
-- # table function in a lateral [deny]
SELECT * FROM patient p, LATERAL (SELECT * FROM read_text(p.site))
-- # storage info [deny]
SELECT * FROM pragma_storage_info('patient')
-- # summary function [deny]
SELECT * FROM summary((SELECT * FROM patient))
-- # arrow scan [deny]
SELECT * FROM arrow_scan(1, 2, 3)
-- # pg functions [deny]
SELECT pg_get_viewdef(1), has_table_privilege('x', 'y', 'z')
-- # in_search_path [deny]
SELECT in_search_path('lake', 'main')
-- # an aggregate by name of a refused one [deny]
SELECT list_aggregate([1], 'nope')
-- # a lambda that calls a refused function [deny]
SELECT list_transform([1], lambda x: current_setting('threads'))
-- # types with odd names [deny]
SELECT CAST(1 AS "int; DROP")
-- # casts to a type from the catalog [deny]
SELECT CAST('x' AS my_type)
-- # regclass [deny]
SELECT 'patient'::regclass
-- # identifiers that are functions [deny]
SELECT session_user, user
-- # reads by a dollar name [deny]
SELECT * FROM "read_text"('/etc/passwd')
-- # sniffing [deny]
SELECT * FROM sniff_csv('x')
-- # python variables [deny]
SELECT * FROM rows
-- # a setting through a list function [deny]
SELECT list_aggr(['threads'], 'current_setting')
-- # a session's function without brackets [deny]
SELECT current_role
-- # a quoted one [deny]
SELECT "current_schema", "user"
