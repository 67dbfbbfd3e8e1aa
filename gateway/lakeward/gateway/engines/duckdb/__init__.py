"""DuckDB, as three instances that never mix.

The *reader* sees the files of the lake and runs only SQL that lakeward wrote (or a fused statement of which
every operator is proven harmless). The *bench* is born locked, has never seen the lake, holds the visible
cells of one statement, and runs the user's query. The *parser* is empty and only gives its opinion of a text.
"""
