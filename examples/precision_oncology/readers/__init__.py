"""Read one kind of raw file each, into rows or Arrow tables, the same for generated and real data.

A reader raises `BadFileError` with file and line, or hands back what it had to leave out, with the reason.
Must not write, and must not put a value of the file into a message.
"""
