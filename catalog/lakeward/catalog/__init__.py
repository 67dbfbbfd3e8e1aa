"""What there is: Iceberg tables, tags by field-id, taxonomy, governance store, audit chain, keys, errors.

The ground floor. Every other room may import it. Must not import another room, decide who may see what, run a
query, or print.
"""
