"""Where it came from: column lineage from SQL, OpenLineage events, the graph, and which tags travel along it.

Must not decide who may see what, run a query, keep a literal or a data value, or print.
"""
