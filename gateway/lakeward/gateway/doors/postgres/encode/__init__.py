"""Arrow to PostgreSQL's bytes, a batch at a time."""
