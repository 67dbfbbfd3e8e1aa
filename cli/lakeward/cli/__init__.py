"""The steward's hands: click commands and their output.

Must not hold rules of its own, open a table, an engine or SQL by itself, or import anything heavy before a
command runs. The only room that prints.
"""
