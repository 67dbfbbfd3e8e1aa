"""What a literal of a tree says, for the forms that must know it before the statement runs."""

from sqlglot import exp

_PREFIXES = {"16": "0x", "2": "0b", "10": ""}


def literal_text(node: object) -> str | None:
    """Return the text of a literal of text; None for whatever else stands there."""
    return str(node.this) if isinstance(node, exp.Literal) and node.is_string else None


def base_prefix(base: exp.Expr) -> str | None:
    """Return what the engine wants before the digits of a number in a base that stands in the statement.

    None for a base that is computed, or that the engine does not read.
    """
    return _PREFIXES.get(base.name) if base.is_int else None
