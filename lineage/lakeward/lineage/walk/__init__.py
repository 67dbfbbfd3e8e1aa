"""One pass over a query: of every relation its columns and what decides its rows, of every value its flows.

A relation keeps two things apart: what flows into each column, and what decides which rows there are. Where a
relation is joined so that all rows depend on it, the second decides the whole output; where it only adds
columns (the nullable side of an outer join, at most one row to each row), it decides those columns alone.
That is how the predicate of a CTE reaches the columns that pass through it, and no others.

Every CTE and subquery is walked once. What cannot be resolved raises `UnresolvedError`, and then everything
is claimed (`lakeward.lineage.columns`).
"""
