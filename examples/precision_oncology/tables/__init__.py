"""The tables of the example: name, columns, and the tags of every column, one file to a layer.

A table is written down once, here; readers and steps fill it, policies and contracts name its tags and
columns. Must not read a file or write to a lake.
"""
