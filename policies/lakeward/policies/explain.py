"""Why a principal sees what it sees of one table, and what would lift what is hidden."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.policies.columns import floor, granted
from lakeward.policies.decide import CompiledPolicies, is_about, is_over
from lakeward.policies.decision import ReadRestrictions, Reason
from lakeward.policies.documents import Grant
from lakeward.policies.masks import HIDDEN, Mask
from lakeward.policies.principal import RequestContext
from lakeward.policies.snapshot import is_bound


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One form in which cells of a column show: through which mask, by which grant, in which rows."""

    mask: Mask
    grant_id: str
    row_filter: str | None
    study: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnAccess:
    """What a principal may read of one column; `forms` is empty where it is hidden, and `lift` helps then."""

    name: str
    tags: tuple[str, ...]
    forms: tuple[Form, ...]
    reasons: tuple[Reason, ...]
    lift: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TableAccess:
    """What a principal may read of one table, column by column; `row_filters` bind whatever was granted."""

    table: str
    roles: tuple[str, ...]
    row_filters: tuple[str, ...]
    columns: tuple[ColumnAccess, ...]


def explain_table(policies: CompiledPolicies, context: RequestContext, table: PinnedTable) -> TableAccess:
    """Say what a principal may read of a table, why, and what would lift what is hidden.

    It names grants, roles and tags: for stewards, not for the principal.
    """
    decision = policies.weigh(context, table)
    return TableAccess(
        table=str(table.name),
        roles=tuple(sorted(policies.snapshot(context.principal).roles)),
        row_filters=tuple(f"{each.id}: {each.sql}" for each in decision.row_filters),
        columns=tuple(_column(policies, context, decision, each) for each in table.columns),
    )


def forms_of(decision: ReadRestrictions, column: PinnedColumn) -> tuple[Form, ...]:
    """Give the forms in which a column shows, the least masked first."""
    forms = [
        Form(
            mask=grant.masks[column.field_id],
            grant_id=grant.grant_id,
            row_filter=grant.row_filter.sql if grant.row_filter else None,
            study=grant.study,
        )
        for grant in decision.grants
        if column.field_id in grant.masks
    ]
    return tuple(sorted(forms, key=lambda form: (form.mask.rank, str(form.mask), form.grant_id)))


def _column(
    policies: CompiledPolicies, context: RequestContext, decision: ReadRestrictions, column: PinnedColumn
) -> ColumnAccess:
    forms = forms_of(decision, column)
    return ColumnAccess(
        name=column.name,
        tags=tuple(sorted(column.tags)),
        forms=forms,
        reasons=decision.reasons.get(column.field_id, ()),
        lift=() if forms else tuple(_lift(policies, context, decision.table, column)),
    )


def _lift(
    policies: CompiledPolicies, context: RequestContext, table: PinnedTable, column: PinnedColumn
) -> Iterator[str]:
    if not column.is_classified:
        yield "classify the column: `lakeward tag set`"
        return
    yield from _exceptions(policies, context, table, column)
    showing = False
    for grant in policies.documents.grants:
        shown = is_about(grant, table) and not is_over(grant, context.now)
        if shown and granted(grant.columns, column, policies.taxonomy, table).mask != HIDDEN:
            showing = True
            yield from _missing(grant, policies, context)
    if not showing:
        yield f"a grant with an entry for {', '.join(sorted(column.tags))}"


def _exceptions(
    policies: CompiledPolicies, context: RequestContext, table: PinnedTable, column: PinnedColumn
) -> Iterator[str]:
    roles = policies.snapshot(context.principal).roles
    for each in policies.documents.restrictions:
        binds = is_bound(each, roles) and is_about(each, table) and not is_over(each, context.now)
        for_purpose = not each.purposes or context.purpose in each.purposes
        if binds and for_purpose and floor(each.columns, column, table) == HIDDEN:
            yield f"an exception from the restriction {each.id}"


def _missing(grant: Grant, policies: CompiledPolicies, context: RequestContext) -> Iterator[str]:
    needs = []
    if grant.break_glass:
        needs.append("a request for emergency access (`lakeward break-glass request`)")
    if policies.snapshot(context.principal).roles.isdisjoint(grant.to):
        needs.append(f"the role {' or '.join(sorted(grant.to))}")
    purposes = grant.purposes or tuple(sorted(policies.purposes))
    if context.purpose not in purposes:
        needs.append(f"the purpose {' or '.join(sorted(purposes))}")
    if needs:
        yield f"{' and '.join(needs)}: the grant {grant.id} shows it"


def now_utc() -> dt.datetime:
    """Give the time at which a decision is asked for, aware and in UTC."""
    return dt.datetime.now(dt.UTC)
