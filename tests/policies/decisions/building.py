"""Small tables and documents to decide over."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.catalog.taxonomy import load_taxonomy
from lakeward.catalog.types import Field, PrimitiveType
from lakeward.policies.decide import CompiledPolicies, compile_policies
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.load import load_policies
from lakeward.policies.principal import BrokenGlass, Principal, RequestContext

TAXONOMY = load_taxonomy()
NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
HEAD = """
version: 1
roles:
  researcher: {members: [ada, "group:genomics"]}
  clinician: {members: [grace], includes: [researcher]}
purposes: [research, treatment]
"""


def table_of(
    columns: Mapping[str, Sequence[str]],
    *,
    name: str = "main.patient",
    tags: Sequence[str] = (),
    types: Mapping[str, str] | None = None,
) -> PinnedTable:
    """Pin a table that is not there: columns of text, by name, with their tags; none is unclassified."""
    return PinnedTable(
        name=TableName.parse(name),
        uuid=name,
        metadata_location=f"{name}/1.json",
        snapshot_id=1,
        schema_id=0,
        columns=tuple(
            PinnedColumn(
                field=Field(number, column, PrimitiveType((types or {}).get(column, "string"))),
                tags=frozenset(own) | frozenset(tags),
                is_classified=not TAXONOMY.classifying.isdisjoint(own),
            )
            for number, (column, own) in enumerate(columns.items(), 1)
        ),
        tags=frozenset(tags),
        location=name,
    )


def write(directory: Path, text: str, *, head: str = HEAD, name: str = "policy.yaml") -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text(head + text, "utf-8")
    return directory


def compiled(directory: Path, text: str, *, head: str = HEAD) -> CompiledPolicies:
    return compile_policies(load_policies(write(directory, text, head=head), TAXONOMY), TAXONOMY)


def context(
    name: str = "ada",
    purpose: str | None = "research",
    *,
    groups: Sequence[str] = (),
    now: dt.datetime = NOW,
    glass: Sequence[BrokenGlass] = (),
) -> RequestContext:
    who = Principal(name=name, groups=frozenset(groups))
    return RequestContext(principal=who, purpose=purpose, now=now, glass=tuple(glass))


def forms(decision: ReadRestrictions) -> dict[str, set[str]]:
    """Say, by column, in which forms its cells show; columns that are hidden are left out."""
    return {
        column.name: {
            str(each.masks[column.field_id]) for each in decision.grants if column.field_id in each.masks
        }
        for column in decision.visible_columns
    }
