"""Policies of the benchmarks."""

TPCH = """
version: 1
purposes: [bench]
roles:
  identity: {members: [identity]}
  filters: {members: [filters]}
  masks: {members: [masks]}
  both: {members: [both]}
grants:
  - {id: identity, to: [identity], tables: ["main.*"], columns: [{tags: ["*"], mask: clear}]}
  - {id: rest, to: [filters], tables: [main.part, main.partsupp, main.nation, main.region],
     columns: [{tags: ["*"], mask: clear}]}
  - {id: filter-lineitem, to: [filters], tables: [main.lineitem], rows: "l_shipmode IN ('AIR', 'MAIL', 'RAIL', 'SHIP')",
     columns: [{tags: ["*"], mask: clear}]}
  - {id: filter-orders, to: [filters], tables: [main.orders], rows: "o_orderpriority <> '5-LOW'",
     columns: [{tags: ["*"], mask: clear}]}
  - {id: filter-customer, to: [filters], tables: [main.customer],
     rows: "c_nationkey IN (SELECT n_nationkey FROM main.nation WHERE n_regionkey < 4)",
     columns: [{tags: ["*"], mask: clear}]}
  - {id: filter-supplier, to: [filters], tables: [main.supplier], rows: "s_acctbal > -500",
     columns: [{tags: ["*"], mask: clear}]}
  - {id: mask-lineitem, to: [masks], tables: [main.lineitem], columns: [{names: [l_comment], mask: mask-alphanum},
     {names: [l_orderkey, l_partkey, l_suppkey, l_linenumber, l_quantity, l_extendedprice, l_discount, l_tax,
      l_returnflag, l_linestatus, l_shipdate, l_commitdate, l_receiptdate, l_shipinstruct, l_shipmode], mask: clear}]}
  - {id: mask-orders, to: [masks], tables: [main.orders], columns: [{names: [o_clerk], mask: pseudonym},
     {names: [o_comment], mask: show-first-4}, {names: [o_orderkey, o_custkey, o_orderstatus, o_totalprice,
      o_orderdate, o_orderpriority, o_shippriority], mask: clear}]}
  - {id: mask-customer, to: [masks], tables: [main.customer], columns: [{names: [c_name], mask: pseudonym},
     {names: [c_address], mask: replace-with-null}, {names: [c_custkey, c_nationkey, c_phone, c_acctbal,
      c_mktsegment, c_comment], mask: clear}]}
  - {id: mask-rest, to: [masks], tables: [main.part, main.partsupp, main.nation, main.region, main.supplier],
     columns: [{tags: ["*"], mask: clear}]}
  - {id: both-lineitem, to: [both], tables: [main.lineitem], rows: "l_shipmode IN ('AIR', 'MAIL', 'RAIL', 'SHIP')",
     columns: [{names: [l_comment], mask: mask-alphanum},
     {names: [l_orderkey, l_partkey, l_suppkey, l_linenumber, l_quantity, l_extendedprice, l_discount, l_tax,
      l_returnflag, l_linestatus, l_shipdate, l_commitdate, l_receiptdate, l_shipinstruct, l_shipmode], mask: clear}]}
  - {id: both-orders, to: [both], tables: [main.orders], rows: "o_orderpriority <> '5-LOW'",
     columns: [{names: [o_clerk], mask: pseudonym},
     {names: [o_comment], mask: show-first-4}, {names: [o_orderkey, o_custkey, o_orderstatus, o_totalprice,
      o_orderdate, o_orderpriority, o_shippriority], mask: clear}]}
  - {id: both-customer, to: [both], tables: [main.customer],
     rows: "c_nationkey IN (SELECT n_nationkey FROM main.nation WHERE n_regionkey < 4)",
     columns: [{names: [c_name], mask: pseudonym},
     {names: [c_address], mask: replace-with-null}, {names: [c_custkey, c_nationkey, c_phone, c_acctbal,
      c_mktsegment, c_comment], mask: clear}]}
  - {id: both-supplier, to: [both], tables: [main.supplier], rows: "s_acctbal > -500",
     columns: [{tags: ["*"], mask: clear}]}
  - {id: both-rest, to: [both], tables: [main.part, main.partsupp, main.nation, main.region],
     columns: [{tags: ["*"], mask: clear}]}
"""
