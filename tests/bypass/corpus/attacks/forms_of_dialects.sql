-- # decode of a hidden column [ada spark deny]
SELECT decode(vip, true, 1, 0) FROM patient
-- # decode in a table that is not granted [spark deny]
SELECT decode(secret, 'a', 1) FROM vault.secret
-- # concat_ws of a hidden column [ada spark deny]
SELECT concat_ws(',', account, phones) FROM patient
-- # the last of a hidden column [ada spark deny]
SELECT last(account, true) OVER (ORDER BY born) FROM patient
-- # a hint that names a table that is not granted [spark deny]
SELECT /*+ BROADCAST(secret) */ * FROM vault.secret
-- # a hint beside a hidden column [ada spark deny]
SELECT /*+ COALESCE(1) */ account FROM patient
-- # a hint that holds a query is no part of it [spark]
SELECT /*+ BROADCAST(vault.secret) */ count(*) FROM patient
-- means: SELECT count(*) FROM patient
-- # patterns over a hidden column [ada postgres deny]
SELECT 1 FROM patient WHERE vip::text LIKE ANY (ARRAY['%x%', '%y%'])
-- # patterns that are a query [postgres deny]
SELECT 1 FROM patient WHERE name LIKE ANY (SELECT secret FROM vault.secret)
-- # patterns that are a computed array [postgres deny]
SELECT 1 FROM patient WHERE name LIKE ANY (phones)
-- # patterns in an array as text that quotes [postgres deny]
SELECT 1 FROM patient WHERE name LIKE ANY ('{"A%",B%}')
-- # rows of a table that is not granted, without a column [postgres deny]
SELECT count(*) FROM patient WHERE EXISTS (SELECT FROM vault.secret)
-- # a hidden column behind no column [ada postgres deny]
SELECT count(*) FROM patient AS p WHERE EXISTS (SELECT WHERE p.account > 0)
-- # a frame over a hidden column [ada postgres deny]
SELECT count(*) OVER (ORDER BY vip RANGE BETWEEN '7 days' PRECEDING AND CURRENT ROW) FROM patient
-- # infinity of a hidden column [ada trino deny]
SELECT is_infinite(account) FROM patient
