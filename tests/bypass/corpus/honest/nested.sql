-- # struct fields
SELECT address.street, address['unit'], address.unit + 1, struct_extract(address, 'street') FROM patient
-- # struct fields with the table's name
SELECT patient.address.street, p.address.unit FROM patient JOIN patient p USING (patient_id)
-- # struct star
SELECT address.* FROM patient
-- # structs made
SELECT {'a': days, 'b': dept} AS s, struct_pack(x := days, y := site), row(days, site), (days, site), struct_insert({'a': 1}, b := days) FROM visit
-- # struct comparison
SELECT count(*) FROM visit WHERE (dept, site) = ('ICU', 'H1') OR {'d': dept} = {'d': 'MED'}
-- # lists
SELECT labels[1], labels[-1], len(labels), labels[1:2], list_sort(labels), list_contains(labels, 'urgent'), array_length(labels), list_reverse(labels), labels || ['x'], list_concat(labels, ['y']), list_append(labels, 'z') FROM scan
-- # list sets
SELECT list_distinct(labels), list_has_any(labels, ['urgent', 'x']), list_has_all(labels, ['urgent']), list_intersect(labels, ['urgent']), list_position(labels, 'repeat'), labels && ['urgent'], labels @> ['urgent'], 'urgent' IN labels, 'urgent' = ANY(labels) FROM scan
-- # list aggregates
SELECT list_sum(quals), list_avg(quals), list_min(quals), list_max(quals), list_aggregate(quals, 'sum'), list_sort(quals, 'DESC'), array_sort(quals), list_median(quals), list_unique(quals), list_first(quals) FROM variant
-- # lambda
SELECT list_transform(quals, lambda x: x + 1), list_filter(quals, lambda x: x > 50), list_reduce([1, 2, 3], lambda a, b: a + b), list_transform(quals, lambda x, i: x * i) FROM variant
-- # lambda as an arrow
SELECT list_transform(quals, x -> x * 2), list_apply(labels, l -> upper(l)) FROM variant JOIN scan USING (patient_id)
-- # comprehension
SELECT [x * 2 FOR x IN quals IF x > 40], [upper(l) FOR l IN ['a', 'b']], [x + i FOR x, i IN [10, 20]] FROM variant
-- # unnest in SELECT
SELECT scan_id, unnest(labels) AS l FROM scan
-- # unnest in FROM
SELECT s.scan_id, l FROM scan s, unnest(s.labels) AS u(l) WHERE l <> 'urgent'
-- # unnest with ordinality
SELECT scan_id, l, i FROM scan CROSS JOIN unnest(labels) WITH ORDINALITY AS u(l, i)
-- # two unnests
SELECT unnest(labels) AS l, generate_subscripts(labels, 1) AS i FROM scan
-- # recursive unnest
SELECT unnest([{'a': 1, 'b': {'c': 2}}, {'a': 3, 'b': {'c': 4}}], recursive := true)
-- # unnest of a struct
SELECT unnest(address) FROM patient
-- # unnest with a depth
SELECT unnest([[1, 2], [3]], max_depth := 2)
-- # maps
SELECT info['dp'], map_keys(info), map_values(info), cardinality(info), map_extract(info, 'dp'), element_at(info, 'dp'), map_entries(info), map_contains(info, 'dp') FROM variant
-- # maps made
SELECT MAP {'a': 1, 'b': days}, map(['x'], [days]), map_from_entries([('k', days)]), map_concat(MAP {'a': 1}, MAP {'b': 2}) FROM visit
-- # JSON operators
SELECT plan::JSON -> 'kind', plan ->> 'kind', plan ->> '$.member', json_extract(plan, '$.kind'), json_extract_string(plan, 'kind'), json_type(plan), json_keys(plan), json_valid(plan) FROM patient
-- # JSON made
SELECT to_json({'a': days}), json_object('k', days, 'v', dept), json_array(days, dept), row_to_json({'a': 1}), json_merge_patch('{"a":1}', '{"b":2}'), json_structure('{"a":1}'), json_array_length('[1,2]') FROM visit
-- # JSON transformed
SELECT from_json(plan, '{"kind":"VARCHAR"}'), json_transform(plan, '{"kind":"VARCHAR"}').kind, (plan::JSON).kind FROM patient
-- # JSON in WHERE
SELECT count(*) FROM patient WHERE plan ->> 'kind' = 'PPO' AND json_extract_string(plan, '$.kind') <> 'X'
-- # JSON rows
SELECT key, value FROM json_each('{"a": 1, "b": [2]}')
-- # list of structs and back
SELECT p.patient_id, list_transform(list({'t': test, 'v': value} ORDER BY lab_id), lambda s: s.v) AS vs FROM patient p JOIN lab l USING (patient_id) GROUP BY p.patient_id
-- # slices with steps
SELECT [1, 2, 3, 4, 5][1:5:2], 'abcdef'[2:4], [1, 2, 3][-2:], [1,2,3][:-2]
-- # nested lists
SELECT flatten([[1], [2, 3]]), list_zip([1, 2], ['a', 'b']), list_value(1, 2), range(5), generate_series(1, 3), list_slice([1, 2, 3], 1, 2), array_value(1, 2)
-- # list of rows of a subquery
SELECT array(SELECT dept FROM visit WHERE visit_id < 5 ORDER BY visit_id), (SELECT list(dept ORDER BY visit_id) FROM visit WHERE visit_id < 5)
-- # unions
SELECT union_value(num := 2), union_tag(union_value(s := 'x'))
-- # whole rows
SELECT c FROM code c
-- # whole row as JSON
SELECT to_json(c), c.title FROM code AS c
-- # list of whole rows
SELECT list(c ORDER BY c.code) FROM code c
-- # struct update
SELECT struct_update({'a': 1, 'b': 2}, a := 5), struct_keys({'a': 1}), struct_values({'a': 1, 'b': 'x'})
-- # list with nulls and empties [gene]
SELECT variant_id, coalesce(len(quals), -1), list_any_value(quals), quals[99], quals = [], quals IS NULL FROM variant
-- # array types
SELECT [1, 2, 3]::INTEGER[3], array_cosine_similarity([1.0, 2]::FLOAT[2], [2.0, 1]::FLOAT[2]), list_cosine_similarity([1.0, 2.0], [2.0, 1.0])
