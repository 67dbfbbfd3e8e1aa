"""One query as four principals, and a refusal with what would lift it."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from lakeward.catalog.errors import LakewardError
from lakeward.gateway.service import Gateway
from precision_oncology.scenes.scene import Grid, Part, Query, Refusal, Scene, Words

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
    session = gateway.session("ada", "research")
    explained = gateway.explain(session, FORBIDDEN)
    parts: list[Part] = [Query(FORBIDDEN), _answer(gateway, FORBIDDEN, ("ada", "research", "researcher"))]
    if explained.denied:
        parts.append(Refusal("lakeward explain", explained.denied, explained.hint))
    return Scene(
        "A refusal, and what would lift it",
        (
            Words("Notes are restricted to the clinic. A refusal never tells whether a thing exists."),
            *parts,
            Query(FORBIDDEN + "   -- as grace, for treatment"),
            _answer(gateway, FORBIDDEN, ("grace", "treatment", "oncologist"), shorten=60),
        ),
    )


def _answer(
    gateway: Gateway, sql: str, principal: tuple[str, str, str], *, shorten: int = 24
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
