"""The story as scenes: each asks the finished lake something and hands back what it heard, as values.

Must not print, and must not know anything that it did not ask lakeward for.
"""
