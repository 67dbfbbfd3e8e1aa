"""Bringing data in: sources read as streams, columns fitted, files written, one commit at the end."""
