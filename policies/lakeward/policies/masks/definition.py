"""What a mask is: how much it hides, which types it fits, and the expression that it becomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from lakeward.catalog.types import DataType, PrimitiveType
from lakeward.policies.masks.environment import MaskEnvironment
from lakeward.policies.masks.mask import Mask
from lakeward.policies.masks.spelling import Spelling

Build = Callable[[Mask, exp.Expr, PrimitiveType, MaskEnvironment], exp.Expr]
Fits = Callable[[Mask, DataType], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class MaskDefinition:
    """A mask's definition.

    Attributes:
        rank: How much it hides, from 0 (`clear`) to 100 (`hidden`).
        summary: What shows, in one sentence, for the reference.
        fits: Whether it can stand for a column of a type.
        build: The expression over a raw column; the column's type is one that fits.
        required: Arguments that it needs, with the type of each.
        optional: Arguments that it takes, with the type of each.
        source: The standard or rule behind it, or None.
        spelling: The form of the texts that it shows, where that is known; it then shows NULL for NULL alone.
    """

    rank: int
    summary: str
    fits: Fits
    build: Build
    required: Mapping[str, type] = field(default_factory=dict)
    optional: Mapping[str, type] = field(default_factory=dict)
    source: str | None = None
    spelling: Callable[[Mask], Spelling] | None = None


def of_types(*names: str) -> Fits:
    """Return a test for primitive types by Iceberg's names."""
    allowed = frozenset(names)
    return lambda _mask, type_: isinstance(type_, PrimitiveType) and type_.name in allowed


def of_any_type(_mask: Mask, _type: DataType) -> bool:
    """Fit every type."""
    return True


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """Return a call of the engine's own function, spelled as given."""
    return exp.Anonymous(this=name, expressions=[each.copy() for each in arguments])


def text(value: str) -> exp.Expr:
    """Return a text literal."""
    return exp.Literal.string(value)


def number(value: int) -> exp.Expr:
    """Return a whole number; negative ones too."""
    return exp.Neg(this=exp.Literal.number(-value)) if value < 0 else exp.Literal.number(value)


def cast(expression: exp.Expr, type_: str) -> exp.Expr:
    """Return a cast to a type in DuckDB's words."""
    return exp.Cast(this=expression.copy(), to=exp.DataType.build(type_, dialect="duckdb"))


def case(test: exp.Expr, then: exp.Expr, otherwise: exp.Expr | None = None) -> exp.Expr:
    """Return `CASE WHEN test THEN then ELSE otherwise END`; NULL where nothing is said."""
    return exp.Case(default=otherwise.copy() if otherwise else None).when(test, then)


def concat(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return two texts as one."""
    return exp.DPipe(this=left.copy(), expression=right.copy(), safe=True)
