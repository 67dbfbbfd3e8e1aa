"""Booleans of the system: `active`, `mfa_enabled`, `accepts_medicare`."""

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import TYPE, Detector, Evidence
from lakeward.catalog.classify.kinds import Kind
from lakeward.catalog.classify.words import groups

_PERSONAL = ("health", "genetic", "demographic")
_LIFE = frozenset({"death", "birth", "consent", "person", "patient", "employer", "financial", "income"})


def _is_switch(column: Column, _table: TableContext) -> Evidence | None:
    """Every word must be understood: a word that is not may name a disease."""
    parsed = column.parsed
    personal = frozenset().union(*(groups()[each] for each in (*_PERSONAL, "life"))) | _LIFE
    understood = parsed.known and len(parsed.known) == len(set(parsed.words))
    if not understood or column.words & personal or not _holds_truth(column):
        return None
    return Evidence("about", 0.8, TYPE, "a truth value about no person's health or life")


def _holds_truth(column: Column) -> bool:
    return column.kind is Kind.BOOLEAN


DETECTOR = Detector(
    name="switch",
    title="Truth values of the system",
    finding="about",
    kinds=frozenset({Kind.BOOLEAN}),
    judge=_is_switch,
)
