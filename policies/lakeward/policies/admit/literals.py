"""What a literal of a tree says, for the forms that must know it before the statement runs."""

from sqlglot import exp

_PREFIXES = {"16": "0x", "2": "0b", "10": ""}


def literal_text(node: object) -> str | None:
    """Return the text of a literal, or of several that are joined; None for whatever else stands there."""
    if isinstance(node, exp.DPipe | exp.Paren):
        parts = [literal_text(each) for each in node.unnest().flatten() if each is not node]
        return "".join(each for each in parts if each is not None) if parts and None not in parts else None
    return str(node.this) if isinstance(node, exp.Literal) and node.is_string else None


def is_null(node: object) -> bool:
    """Whether it is a NULL, of whatever type: it also stands for a parameter while its value is not known."""
    while isinstance(node, exp.Cast | exp.Paren):
        node = node.this
    return isinstance(node, exp.Null)


def base_prefix(base: exp.Expr) -> str | None:
    """Return what the engine wants before the digits of a number in a base that stands in the statement.

    None for a base that is computed, or that the engine does not read.
    """
    return _PREFIXES.get(base.name) if base.is_int else None
