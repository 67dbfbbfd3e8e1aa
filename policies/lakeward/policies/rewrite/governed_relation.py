"""One table as one principal may see it: a SELECT that we write, over the raw rows of a pinned table.

Rows are filtered on raw values, then cells are masked; a user's SQL comes later and elsewhere. With one grant
this is a SELECT with a WHERE. With several that differ, every row gets one bit for each grant that reaches
it, and a cell shows in the least masked form that any of the row's grants gives. Filters of the form `key IN
(SELECT …)`, as consent and care teams are, cost one join together, however many they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.policies.decision import CellGrant, ReadRestrictions, RowFilter
from lakeward.policies.masks import Mask, MaskEnvironment, mask_expression
from lakeward.policies.rewrite.bind_row_filter import Binder
from lakeward.policies.rewrite.contain_faults import contain_faults
from lakeward.policies.rewrite.duckdb_types import duckdb_type
from lakeward.policies.rewrite.grant_bits import GrantBits
from lakeward.policies.rewrite.scan import column, from_scan

RAW = "_raw"
"""Alias of the raw rows in every governed relation."""

Form = tuple[Mask, str | None]
"""How a cell shows: a mask, and the study whose keys it uses."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GovernedColumn:
    """A visible column with the grants that show it in each form, the least masked form first."""

    column: PinnedColumn
    forms: tuple[tuple[Form, tuple[CellGrant, ...]], ...]


def govern_relation(
    restrictions: ReadRestrictions,
    columns: Sequence[PinnedColumn],
    binder: Binder,
    masks: MaskEnvironment,
    conjuncts: Sequence[exp.Expr] = (),
) -> exp.Select:
    """Return the SELECT that yields the visible cells of `columns`, in their own names and types.

    Args:
        restrictions: What the principal may read of the table.
        columns: The columns wanted, each of them visible.
        binder: Binds row filters to pinned tables.
        masks: Where masks find their keys.
        conjuncts: Further predicates over columns that show in clear to every grant, to read less.
    """
    table = restrictions.table
    always = [_bound(each, table, binder) for each in restrictions.row_filters]
    always += [each.copy() for each in conjuncts]
    governed = [_govern_column(each, restrictions.grants) for each in columns]
    reach = [_reach(grant, table, binder) for grant in restrictions.grants]
    uniform = all(len(each.forms) == 1 and len(each.forms[0][1]) == len(reach) for each in governed)
    if uniform and (len(reach) == 1 or exp.true() in reach):
        if exp.true() not in reach:
            always += reach
        projections = [_show(each, each.forms[0][0], masks) for each in governed]
        return _where(exp.select(*projections).from_(from_scan(binder.scan, table, RAW)), always)
    bits = GrantBits.of(reach)
    projections = [_choose(each, restrictions.grants, bits, masks) for each in governed]
    inner = _where(bits.relation(binder.scan, table, RAW, _raw_columns(projections, bits)), always)
    outer = exp.select(*projections).from_(inner.subquery(alias=exp.to_identifier(RAW, quoted=True)))
    return outer.where(bits.any(RAW), copy=False)


def _reach(grant: CellGrant, table: PinnedTable, binder: Binder) -> exp.Expr:
    if grant.row_filter is None:
        return exp.true()
    return _bound(grant.row_filter, table, binder)


def _bound(row_filter: RowFilter, table: PinnedTable, binder: Binder) -> exp.Expr:
    return contain_faults(binder.bind(row_filter.predicate, table, RAW), table, RAW)


def _where(select: exp.Select, predicates: Sequence[exp.Expr]) -> exp.Select:
    """A predicate that is false or NULL hides the row."""
    return (
        select.where(*[exp.paren(each, copy=False) for each in predicates], copy=False)
        if predicates
        else select
    )


def _govern_column(column_: PinnedColumn, grants: Sequence[CellGrant]) -> GovernedColumn:
    """Group the grants that show a column by the form they show it in; the most open form comes first."""
    forms: dict[Form, list[CellGrant]] = {}
    for grant in grants:
        if mask := grant.masks.get(column_.field.field_id):
            forms.setdefault((mask, grant.study), []).append(grant)
    ordered = sorted(forms.items(), key=lambda item: (item[0][0].rank, str(item[0])))
    return GovernedColumn(column=column_, forms=tuple((form, tuple(each)) for form, each in ordered))


def _show(governed: GovernedColumn, form: Form, masks: MaskEnvironment) -> exp.Expr:
    return exp.alias_(_masked(governed, form, masks), governed.column.name, quoted=True, copy=False)


def _masked(governed: GovernedColumn, form: Form, masks: MaskEnvironment) -> exp.Expr:
    mask, study = form
    raw = column(governed.column.name, RAW)
    return mask_expression(mask, raw, governed.column.type, _in_study(masks, study))


def _in_study(masks: MaskEnvironment, study: str | None) -> MaskEnvironment:
    return replace(masks, study=study) if study else masks


def _choose(
    governed: GovernedColumn, grants: Sequence[CellGrant], bits: GrantBits, masks: MaskEnvironment
) -> exp.Expr:
    """Return the column as a CASE over the row's bits; where no grant of the row shows it, it is NULL."""
    if len(governed.forms) == 1 and len(governed.forms[0][1]) == len(grants):
        # A plain column, which predicates can pass through.
        return _show(governed, governed.forms[0][0], masks)
    case = exp.Case()
    for form, showing in governed.forms:
        test = bits.test([i for i, grant in enumerate(grants) if grant in showing], RAW)
        case = case.when(test, _masked(governed, form, masks), copy=False)
    case.set("default", exp.cast(exp.null(), duckdb_type(governed.column.type), dialect="duckdb"))
    return exp.alias_(case, governed.column.name, quoted=True, copy=False)


def _raw_columns(projections: Sequence[exp.Expr], bits: GrantBits) -> list[str]:
    """Every raw column that the projections read, masks' subject columns included, in order of first use."""
    columns = (each for projection in projections for each in projection.find_all(exp.Column))
    found = (each.name for each in columns if each.table == RAW)
    return [name for name in dict.fromkeys(found) if name not in bits.names]
