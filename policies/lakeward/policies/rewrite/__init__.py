"""From an admitted tree to what an engine may run.

Two ways, and one truth: a query under policy gives what it would give on a copy of the lake that holds only
the permitted cells.

* *Staged* (`stage.py`): the copy is made. Each table that the query names becomes a *stage*: a SELECT that we
  wrote, over the lake, that yields the visible cells of the columns used. The engine fills an empty database
  with them, the bench, and the user's own query runs there, where hidden data never was.
* *Fused* (`fuse/`): one statement over the lake, in which each table is replaced by its governed relation.
  Only for queries of which every operator is proven unable to throw or tell, so that the engine may evaluate
  it in any order.
"""
