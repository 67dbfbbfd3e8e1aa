"""PostgreSQL's `regexp_match` and `regexp_matches`: lists of what the groups of a pattern found."""

import re

from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.literals import literal_text
from lakeward.policies.admit.templates import filled

_FUNCTIONS = frozenset({"regexp_match", "regexp_matches"})


def matched(node: exp.Expr) -> exp.Expr | None:
    """`regexp_match(x, pattern)`, and `regexp_matches(x, pattern, 'g')`, which gives rows.

    Raises:
        NotAdmittedError: The pattern or its flags are computed, or of a form that cannot be read here.
    """
    name = str(node.this).lower()
    if name not in _FUNCTIONS or len(node.expressions) not in {2, 3}:
        return None
    subject, pattern, *rest = node.expressions
    flags = literal_text(rest[0]) if rest else ""
    groups = _groups(literal_text(pattern))
    if groups is None or flags is None or not set(flags) <= ({"i"} if name == "regexp_match" else {"i", "g"}):
        raise NotAdmittedError(f"`{name}` with a computed pattern, or other flags than i and g")
    option = "'i'" if "i" in flags else "''"
    if "g" not in flags:
        found = ", ".join(f"regexp_extract(_x, _pattern, {group}, {option})" for group in _numbers(groups))
        test = f"CASE WHEN regexp_matches(_x, _pattern, {option}) THEN"
        match = f"{test} [{found}] END" if name == "regexp_match" else f"unnest({test} [[{found}]] END)"
    elif groups <= 1:
        every = f"regexp_extract_all(_x, _pattern, {groups}, {option})"
        match = f"unnest(list_transform({every}, lambda lakeward_each: [lakeward_each]))"
    else:
        raise NotAdmittedError("every match of a pattern with several groups")
    return filled(match, _x=subject, _pattern=pattern)


def _numbers(groups: int) -> range:
    return range(1, groups + 1) if groups else range(1)


def _groups(pattern: str | None) -> int | None:
    try:
        return None if pattern is None else re.compile(pattern).groups
    except re.error:
        return None
