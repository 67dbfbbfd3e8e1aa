"""What others read of a lint, a check or a diff: JUnit, SARIF, GitHub annotations, OpenLineage facets.

All are made of reports, which have no place for a value; none reads a contract or a table again.
"""
