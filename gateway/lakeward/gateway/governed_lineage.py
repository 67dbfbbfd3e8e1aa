"""The lineage of a governed answer: the user's SQL over masked columns, and the rows that policy took out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedTable
from lakeward.gateway.govern import govern
from lakeward.gateway.statement import GovernedStatement, Pins
from lakeward.gateway.step_errors import MovingTablesError, PivotedColumnsError, UnnamedColumnError
from lakeward.lineage.columns import column_lineage
from lakeward.lineage.edges import ColumnLineage, Edge, Indirect, Kind, Source, Strength, rename
from lakeward.lineage.runs import Policy
from lakeward.policies.decision import ReadRestrictions

if TYPE_CHECKING:
    from lakeward.gateway.answer import Answer
    from lakeward.gateway.service import Gateway
    from lakeward.gateway.session import Session

_ATTEMPTS = 3

# What each mask leaves of a value. One that is not here leaves too much to say that it masks.
STRENGTHS: Final = {
    "replace-with-null": Strength.FULL,
    "mask-to-fixed-value": Strength.FULL,
    "constant": Strength.FULL,
    "hidden": Strength.FULL,
    "pseudonym": Strength.KEYED,
    "sha-256-query-local": Strength.KEYED,
    "sha-256-global": Strength.DICTIONARY,
    "zip3": Strength.RULE,
    "age-90-plus": Strength.RULE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class GovernedLineage:
    """A running answer with its lineage, the tables that it and its row filters read, and its policy."""

    answer: "Answer"
    lineage: ColumnLineage
    tables: tuple[PinnedTable, ...]
    policy: Policy


def governed_lineage(gateway: "Gateway", session: "Session", sql: str, at: str | None) -> GovernedLineage:
    """Execute a query and find the lineage of its answer.

    What was pinned and decided for the answer is known from its audit record. It is decided again for the
    lineage; when something moved in between, the answer is dropped unread and the query executed anew.

    Raises:
        LakewardError: What `Gateway.execute` raises.
        MovingTablesError: The tables or policies changed every time.
    """
    for _attempt in range(_ATTEMPTS):
        answer = gateway.execute(session, sql, at=at)
        try:
            policies = gateway.policies.current()
            pins = Pins(lake=gateway.lake, at=at)
            statement = govern(
                session, sql, answer.statement_id, policies=policies, names=gateway.names, pins=pins
            )
            _check_names(statement.tree)
            if _recorded(gateway, answer.statement_id) == _decided(statement, policies.fingerprint):
                return _of(gateway, session, answer, statement, policies.fingerprint)
            answer.close()
        except BaseException:
            answer.close()
            raise
    raise MovingTablesError


def _recorded(gateway: "Gateway", statement_id: str) -> tuple[str, dict[str, int | None]] | None:
    for record in gateway.lake.audit.records(kind="query"):
        if record.details["statement_id"] == statement_id:
            tables = {each["table"]: each["snapshot"] for each in record.details["tables"]}
            return str(record.details["policy"]), tables
    return None


def _decided(statement: GovernedStatement, policy: str) -> tuple[str, dict[str, int | None]]:
    return policy, {str(name): each.table.snapshot_id for name, each in statement.restrictions.items()}


def _of(
    gateway: "Gateway", session: "Session", answer: "Answer", statement: GovernedStatement, policy: str
) -> GovernedLineage:
    restrictions = statement.restrictions
    lineage = column_lineage(
        statement.tree,
        {str(name): [each.name for each in found.visible_columns] for name, found in restrictions.items()},
        default_namespace=gateway.names.default_namespace,
        masked=dict(_masked(restrictions)),
    )
    named = rename(lineage, answer.schema.names)
    filters = {edge for found in restrictions.values() for edge in _filter_edges(found, statement.pins)}
    tables = {each.table.name: each.table for each in restrictions.values()}
    for edge in filters:
        name = TableName.parse(edge.source.table)
        tables.setdefault(name, statement.pins.of_policy(name))
    return GovernedLineage(
        answer=answer,
        lineage=replace(named, edges=tuple(sorted({*named.edges, *filters}))),
        tables=tuple(tables[name] for name in sorted(tables)),
        policy=Policy(
            version=policy,
            purpose=session.purpose,
            masks={str(name): _mask_names(found) for name, found in restrictions.items()},
            rows_filtered=sorted(
                str(name) for name, found in restrictions.items() if any(_predicates(found))
            ),
        ),
    )


def _check_names(tree: exp.Query) -> None:
    """Refuse columns that a value would name: computed ones without a name, by their text, and a pivot's."""
    if any(not each.args.get("unpivot") for each in tree.find_all(exp.Pivot)):
        raise PivotedColumnsError
    named = exp.Alias | exp.Column | exp.Dot | exp.Star
    if any(not isinstance(each, named) and each.find(exp.Columns) is None for each in tree.selects):
        raise UnnamedColumnError


def _masked(restrictions: Mapping[TableName, ReadRestrictions]) -> Iterator[tuple[Source, Strength]]:
    for name, found in restrictions.items():
        for column in found.visible_columns:
            strength = _least(found, column.field_id)
            if strength is not Strength.NONE:
                yield Source(str(name), column.name.casefold()), strength


def _least(found: ReadRestrictions, field_id: int) -> Strength:
    """Give what the weakest mask leaves: another grant may show other rows of the column better masked."""
    masks = [grant.masks[field_id] for grant in found.grants if field_id in grant.masks]
    return min(STRENGTHS.get(mask.name, Strength.NONE) for mask in masks)


def _mask_names(found: ReadRestrictions) -> dict[int, str]:
    """Name the masks of every column that some grant does not show in clear."""
    shown: dict[int, set[str]] = {}
    for grant in found.grants:
        for field_id, mask in grant.masks.items():
            shown.setdefault(field_id, set()).add(mask.name)
    return {field_id: " | ".join(sorted(names)) for field_id, names in shown.items() if names != {"clear"}}


def _predicates(found: ReadRestrictions) -> Iterator[exp.Expr]:
    yield from (each.predicate for each in found.row_filters)
    yield from (grant.row_filter.predicate for grant in found.grants if grant.row_filter is not None)


def _filter_edges(found: ReadRestrictions, pins: Pins) -> Iterator[Edge]:
    """Give an edge to the whole output from every column that a row filter of the table reads."""
    table = found.table.name
    for predicate in _predicates(found):
        query = exp.select("1").from_(exp.table_(table.table, db=table.namespace)).where(predicate.copy())
        names = {table, *_tables_of(predicate)}
        schema = {str(name): [each.name for each in pins.of_policy(name).columns] for name in names}
        for source in {edge.source for edge in column_lineage(query, schema).edges}:
            yield Edge("", source, Kind.INDIRECT, Indirect.FILTER.name)


def _tables_of(predicate: exp.Expr) -> Iterable[TableName]:
    parts = ([part.name.casefold() for part in each.parts] for each in predicate.find_all(exp.Table))
    return {TableName(*each[-2:]) for each in parts if len(each) > 1}
