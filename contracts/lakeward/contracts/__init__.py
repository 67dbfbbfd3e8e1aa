"""Whether it is fit: ODCS contracts compiled to one pass over a pinned snapshot and judged by Great Expectations.

Must not read a cell (it sees counts only), import an engine, decide who may see what, or print.
"""
