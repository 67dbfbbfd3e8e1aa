"""One query as four principals, and a refusal with what would lift it."""

from collections.abc import Sequence
from itertools import product
from typing import Final

import pyarrow as pa

from lakeward.catalog.errors import DeniedError, LakewardError
from lakeward.catalog.names import TableName
from lakeward.gateway.service import Gateway
from precision_oncology.scenes.scene import Grid, Query, Refusal, Scene, Words

QUESTION: Final = "SELECT * FROM silver.patient_summary"
PRINCIPALS: Final = (
    ("grace", "treatment", "oncologist, her own patients"),
    ("ada", "research", "researcher, people who agreed"),
    ("lin", "model-training", "ML engineer, features only"),
    ("acme", "sharing", "external partner"),
)
FORBIDDEN: Final = "SELECT note_text FROM bronze.notes_raw"
_SHOWN = 3


def four_answers(gateway: Gateway) -> Scene:
    """Ask one question as four principals."""
    words = (
        "The same SQL four times. Grants add up cell by cell; rows are filtered before the query sees them."
    )
    answers = [_answer(gateway, QUESTION, principal) for principal in PRINCIPALS]
    return Scene("One question, four principals", (Words(words), Query(QUESTION), *answers))


def refused(gateway: Gateway) -> Scene:
    """Ask for notes as the researcher, and ask what would lift the refusal."""
    explained = gateway.explain(gateway.session("ada", "research"), FORBIDDEN)
    return Scene(
        "A refusal, and what would lift it",
        (
            Words("Notes are restricted to the clinic. A refusal never tells whether a thing exists."),
            Query(FORBIDDEN),
            Refusal("ada, for research (researcher)", explained.denied or "", explained.hint),
            Grid(
                "Who may, told to the steward",
                ("principal", "purpose", "sees note_text as"),
                _who_may(gateway),
            ),
            _answer(gateway, FORBIDDEN, ("grace", "treatment", "oncologist"), shorten=60),
        ),
    )


def _who_may(gateway: Gateway) -> tuple[Sequence[object], ...]:
    """Ask the policies of every principal and purpose for one column."""
    policies, table = gateway.policies.current(), gateway.lake.pin(TableName.parse("bronze.notes_raw"))
    column = table.column("note_text")
    found: list[Sequence[object]] = []
    if column is None:
        return ()
    for role in policies.documents.roles.values():
        for name, purpose in product(role.members, sorted(policies.purposes)):
            try:
                decided = policies.decide(gateway.session(name, purpose).context(), table)
            except DeniedError:
                continue
            masks = [
                grant.masks[column.field_id] for grant in decided.grants if column.field_id in grant.masks
            ]
            found += [(name, purpose, mask.name) for mask in masks]
    return tuple(found)


def _answer(
    gateway: Gateway, sql: str, principal: tuple[str, str, str], *, shorten: int = 20
) -> Grid | Refusal:
    name, purpose, who = principal
    caption = f"{name}, for {purpose} ({who})"
    try:
        return grid(caption, gateway.execute(gateway.session(name, purpose), sql).table(), shorten)
    except LakewardError as refusal:
        return Refusal(caption, refusal.message, refusal.hint)


def grid(caption: str, table: pa.Table, shorten: int) -> Grid:
    """Show the first rows of an answer in the order of their first column, long texts cut."""
    rows = sorted(table.to_pylist(), key=lambda row: str(next(iter(row.values()))))[:_SHOWN]
    cells: tuple[Sequence[object], ...] = tuple(
        [_cut(cell, shorten) for cell in row.values()] for row in rows
    )
    return Grid(f"{caption}: {table.num_rows} rows", tuple(table.column_names), cells)


def _cut(cell: object, length: int) -> object:
    if isinstance(cell, str) and len(cell) > length:
        return " ".join(cell.split())[: length - 1] + "…"
    return cell
