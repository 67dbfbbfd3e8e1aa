"""`pg_catalog` and `information_schema`, made of what the principal may see and of nothing else.

A catalog query is admitted by lists of its own, and runs on an instance that holds only these relations:
never the engine's own catalog, never together with data. What policies hide is not in the relations at all.
"""
