"""Erasure: a subject's rows leave every table, its past, and its files.

`subject` finds who it is, `search` where its rows are and what stands in the way, `erase` takes them out.
"""
