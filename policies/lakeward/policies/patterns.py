"""Patterns of tables and tags: a name, or a start and a trailing star. A star elsewhere means nothing."""


def matches(name: str, pattern: str) -> bool:
    """Whether a name is what a pattern says."""
    if pattern.endswith("*"):
        return name.startswith(pattern[:-1])
    return name == pattern
