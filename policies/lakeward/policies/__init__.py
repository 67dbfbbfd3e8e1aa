"""Who may see what: policy documents, Casbin, compiled decisions, masks, and the rewriting of SQL.

Grants add up cell by cell: a cell shows in the least masked form that any grant gives to that row and that
column. A restriction binds everyone it names, whatever was granted: its row filters are ANDed, its masks are
floors, its denials win. What no grant shows is hidden, what is not understood is refused, and an error
denies. Rows are filtered first, on raw values; then cells are masked; only then comes the user's SQL, which
sees nothing else.

Must not import an engine, run a query, read a cell of data, or print.
"""
