"""DuckDB in processes: readers that see tables, benches that see nothing, a nursery that forks them.

*The nursery* is started with an empty environment in an empty folder and holds nothing but loaded libraries;
each worker is a fork of it, confined before it opens an engine. *A reader* sees the folders of the tables of
one statement at a time and runs SQL of lakeward's own. *A bench* sees no file and no network; it serves one
statement and is thrown away. Rows go from reader to bench over a socket of their own, and to the gateway in
frames that it bounds and validates: what a bench says is not trusted.
"""
