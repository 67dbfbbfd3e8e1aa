"""What goes into the classifier: columns, with or without values, and what stands around them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from lakeward.catalog.classify.kinds import Kind, kind_of
from lakeward.catalog.classify.sample import Sample, take_sample
from lakeward.catalog.classify.words import ParsedName, parse_name


@dataclass(frozen=True)
class Column:
    """A column to classify.

    Attributes:
        name: Its name, or a dotted path.
        type: Its type as pyarrow, Iceberg or SQL name it; None when it is not known.
        values: Some of its values, or None to judge by name and type alone.
        inherited: Tags of the columns that it was derived from, by lineage.
    """

    name: str
    type: pa.DataType | str | None = None
    values: pa.Array | pa.ChunkedArray | None = field(default=None, repr=False)
    inherited: frozenset[str] = frozenset()

    @cached_property
    def kind(self) -> Kind:
        """The kind of its type."""
        known = kind_of(self.type)
        return kind_of(self.values.type) if known is Kind.UNKNOWN and self.values is not None else known

    @cached_property
    def parsed(self) -> ParsedName:
        """Its name, as words; of a dotted path the whole path counts."""
        return parse_name(self.name)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its name."""
        return frozenset(self.parsed.words)

    @cached_property
    def sample(self) -> Sample | None:
        """What its values look like; None when there are none."""
        return take_sample(self.values)


@dataclass(frozen=True, kw_only=True, slots=True)
class TableContext:
    """What stands around a column.

    Attributes:
        words: The words of the table's name.
        names: The names of all columns, in lower case.
        is_about_persons: Whether a row belongs to a person: a key, a name, a number of one stands beside it.
        is_about_staff: Whether the rows are members of the workforce.
        is_reference: Whether the rows are a dictionary, a directory of things, or a stock.
        standards: The standards that the columns follow: `vcf`, `dicom`.
    """

    words: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    is_about_persons: bool = False
    is_about_staff: bool = False
    is_reference: bool = False
    standards: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """What is proposed for one column; nothing in it is a value of the column.

    Attributes:
        table: The table.
        column: The column, or a dotted path into it.
        role: How it bears on identity.
        tags: Tags to set; none when it is unclassified.
        confidence: From 0 to 1. It orders what to review; it never gives access.
        evidence: What was seen, strongest first.
        finding: What was found, by the name in `lakeward.catalog.classify.findings`; None when nothing was.
    """

    table: str
    column: str
    role: str
    tags: tuple[str, ...]
    confidence: float
    evidence: tuple[str, ...]
    finding: str | None = None

    def record(self) -> Mapping[str, object]:
        """Give it as it is printed and reviewed."""
        return {
            "table": self.table,
            "column": self.column,
            "role": self.role,
            "tags": list(self.tags),
            "confidence": self.confidence,
            "evidence": list(self.evidence),
        }
