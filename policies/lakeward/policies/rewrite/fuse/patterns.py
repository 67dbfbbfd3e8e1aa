"""Regular expressions and templates that the engine surely takes: a literal it does not know fails.

When it would fail is the plan's choice: an engine compiles a pattern when it first needs it. So a pattern
must be of a small language that RE2 and Python read alike, Python must have compiled it, and it must repeat
little: RE2 counts repetitions of repetitions, and writes each out.
"""

import re
from typing import Final

from sqlglot import exp

_ESCAPED: Final = r"\\[dDwWsS.\-+*?()\[\]{}|^$/]"
_PLAIN: Final = r"[^\\.+*?()\[\]{}|^$\0-\x1f]"
_IN_CLASS: Final = r"(?:[A-Z]-[A-Z]|[a-z]-[a-z]|[0-9]-[0-9]|[A-Za-z0-9 _.,:;@/%#&'\"]|\\[dws.\-])"
_ATOM: Final = rf"(?:{_ESCAPED}|{_PLAIN}|\.|\[\^?{_IN_CLASS}+\]|\)|\^|\$)(?:[*+?]|\{{[0-9]\}})?"
_PATTERN: Final = re.compile(rf"(?:{_ATOM}|\((?:\?:)?|\|)*")
"""Each part begins with a character that no other one begins with, so that reading never turns back far."""
_MOST_CHARACTERS: Final = 200
_MOST_COUNTED: Final = 2
_TEMPLATE: Final = re.compile(r"(?:%[YmdHMSjBbAa]|[ A-Za-z0-9:/._,\-])*")


def groups_of(node: exp.Expr | None) -> int | None:
    """Return how many groups a literal pattern has; None where the engine might not take it."""
    text = _text(node)
    if text is None or len(text) > _MOST_CHARACTERS or text.count("{") > _MOST_COUNTED:
        return None
    try:
        return re.compile(text).groups if _PATTERN.fullmatch(text) else None
    except re.error:
        return None


def is_template(node: exp.Expr | None) -> bool:
    """Whether a node is a literal template of `strftime` whose every field is known."""
    text = _text(node)
    return text is not None and len(text) <= _MOST_CHARACTERS and bool(_TEMPLATE.fullmatch(text))


def _text(node: exp.Expr | None) -> str | None:
    return node.name if isinstance(node, exp.Literal) and node.is_string else None
