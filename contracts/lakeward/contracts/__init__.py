"""Whether it is fit: ODCS contracts, compiled to one pass over a snapshot, judged by Great Expectations.

Must not read a cell (it sees counts only), import an engine, decide who may see what, or print.
"""
