"""Bringing data in: sources read as streams, columns fitted to a table, files written, one commit at the end."""
