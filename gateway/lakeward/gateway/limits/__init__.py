"""What one principal may use at once and in one statement, and who waits when all is taken.

Limits count what the principal asked and what was shown. Nothing here may look at a table, so that no limit
can tell of a row that is hidden.
"""
