"""A tree without the places in the text where its words stood."""

from sqlglot import exp


def forget_places(tree: exp.Expr) -> None:
    """Forget where in its text each word of a parsed tree stood; the tree is changed.

    Nobody asks after this, and a tree is copied several times: of a copy, a third was these places.
    """
    for node in tree.walk():
        node._meta = None  # noqa: SLF001  reading `meta` would make one for each node that has none
