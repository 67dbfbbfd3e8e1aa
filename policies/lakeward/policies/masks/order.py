"""Which mask hides at least what another hides.

A mask is as protective as another when what it shows can be made from what the other shows. Many pairs have
no such order: the first four characters say nothing of the last four, nor a shifted date of a month. Where
two rules that both count differ so, neither form may show, and the cell is NULL.
"""

from collections.abc import Sequence

from lakeward.policies.masks.mask import CLEAR, REPLACE_WITH_NULL, Mask

_SHOW_NOTHING = ("constant", "mask-to-fixed-value", "replace-with-null", "hidden")
_CHAINS = (
    ("truncate-to-month", "truncate-to-year", "age-90-plus"),
    ("sha-256-global", "pseudonym", "sha-256-query-local"),
    ("show-first-4", "mask-alphanum"),
    ("show-last-4", "mask-alphanum"),
)
_SHOWN_FIRST = 4


def hides_as_much(one: Mask, other: Mask) -> bool:
    """Whether what `one` shows can be made from what `other` shows."""
    if other in (one, CLEAR):
        return True
    if one.name in _SHOW_NOTHING:
        return other.name not in _SHOW_NOTHING or one.rank > other.rank
    if one.name == other.name:
        return _cuts_as_much(one, other)
    if one.name == "prefix" and other.name == "show-first-4":
        return _number(one, "length") <= _SHOWN_FIRST
    return any(one.name in chain and other.name in chain[: chain.index(one.name)] for chain in _CHAINS)


def strictest(masks: Sequence[Mask]) -> Mask:
    """Return the mask that hides at least what each of several hides; NULL where none of them does."""
    for mask in sorted(set(masks), key=lambda each: -each.rank):
        if all(hides_as_much(mask, each) for each in masks):
            return mask
    return REPLACE_WITH_NULL


def _cuts_as_much(one: Mask, other: Mask) -> bool:
    """Compare one kind of mask with other arguments: fewer characters, or fewer digits but for a step."""
    if one.name == "prefix":
        return _number(one, "length") <= _number(other, "length")
    return one.name == "round" and _number(one, "digits") <= _number(other, "digits")


def _number(mask: Mask, argument: str) -> float:
    value = mask.argument(argument)
    return float(value) if isinstance(value, int | float) else 0.0
