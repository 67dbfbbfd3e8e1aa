"""A detector: one small rule about names and values, and the evidence that it gives."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.kinds import CODED, Kind

NAME, SHAPE, CHECKSUM, WORDS, CONTEXT, STANDARD, TEXT, TYPE, LINEAGE = (
    "name", "shape", "checksum", "dictionary", "context", "standard", "text", "type", "lineage",
)  # fmt: skip
FEW = 3
"""Fewer distinct values than this are no evidence by themselves."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that speaks for a finding.

    Attributes:
        finding: What it speaks for.
        weight: From 0 to 1.
        source: Where it was seen: name, shape, checksum, dictionary, context, standard, text, lineage.
        detail: In words, never with a value of the column.
    """

    finding: str
    weight: float
    source: str
    detail: str

    def __str__(self) -> str:
        return f"{self.source}: {self.detail}"


Judge = Callable[[Column, TableContext], "Evidence | None"]


@dataclass(frozen=True, kw_only=True)
class Detector:
    """What one kind of column is known by.

    Attributes:
        name: A stable name.
        title: What it finds, for people.
        finding: What it speaks for.
        source: The law or standard behind it, if any.
        names: Patterns of words that say it (see `pattern`).
        hints: Patterns that suggest it; they count where rows belong to persons, or values agree.
        kinds: Kinds of types that can hold it; any other is a veto.
        shape: What a whole value looks like.
        check: What else a whole value must pass: a checksum, a range, a list of words.
        rate: The share of distinct values that must match.
        alone: What matching values say without a name: 0 when many other things look like that.
        judge: A rule of its own, for what names and whole values cannot say.
    """

    name: str
    title: str
    finding: str
    source: str = ""
    names: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    kinds: frozenset[Kind] = CODED
    shape: "re.Pattern[str] | None" = None
    check: Callable[[str], bool] | None = None
    rate: float = 0.8
    alone: float = 0.0
    judge: Judge | None = None

    def look(self, column: Column, table: TableContext) -> Iterator[Evidence]:
        """Look at the values, and judge; names are matched for all detectors at once."""
        if column.kind not in self.kinds:
            return
        if self.judge and (judged := self.judge(column, table)):
            yield judged
        if self.alone and (seen := self._seen(column)):
            yield seen

    def agrees(self, column: Column) -> bool | None:
        """Say whether the values are what the name says; None when there is nothing to compare."""
        if column.sample is None or (self.shape is None and self.check is None):
            return None
        return column.sample.rate(self.shape, self.check) >= self.rate

    def _seen(self, column: Column) -> Evidence | None:
        sample = column.sample
        if sample is None or len(sample.texts) < (FEW if self.shape else FEW - 1):
            return None
        rate = sample.rate(self.shape, self.check)
        if rate < self.rate:
            return None
        source = CHECKSUM if self.check and self.shape else WORDS if self.check else SHAPE
        detail = f"{self.name} in {rate:.0%} of {len(sample.texts)} distinct values"
        return Evidence(self.finding, round(self.alone * rate, 3), source, detail)


def named(detector: Detector, weight: float, column: Column) -> Evidence:
    """Give the evidence of a name."""
    words = " ".join(column.parsed.words)
    return Evidence(detector.finding, weight, NAME, f"{detector.name} ({words})")
