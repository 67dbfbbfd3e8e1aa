"""The work of the pipeline as pure functions: Arrow tables and files in, Arrow tables out.

Must not open a lake: `pipeline.py` runs these functions as governed steps and writes what they return.
"""
