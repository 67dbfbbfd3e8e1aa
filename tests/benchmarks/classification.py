"""How well columns are classified, and how fast.

    python tests/benchmarks/classification.py --labels DIR [--mode names|values] [--errors] [--speed]

`--labels` is a folder with `columns.csv` (table, column, type, role, hipaa), `tables.csv` (table, values) and
the files that it names. First comes what must be zero: columns that identify or harm and were cleared. Then
recall and precision of direct identifiers and of all flags, what was held back, and precision, recall and F1
of each Safe Harbor letter. `--speed` measures values and columns per second of CPU time; it needs no labels.
"""

import argparse
import csv
import random
import string
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from lakeward.catalog.classify import Column, Proposal, classify_columns
from lakeward.catalog.classify.files import file_columns
from lakeward.catalog.taxonomy import load_taxonomy

FLAGS = ("direct", "quasi", "sensitive")
LETTERS = {each.name: each.letter for each in load_taxonomy().all() if each.letter}
FREE_TEXT = "*"
ENDINGS = (
    "id", "name", "birth_dt", "zip", "flag", "cnt", "result_val", "addr", "phone_nbr", "status", "type",
    "note", "qty", "uom", "ts", "mrn", "dose", "code", "src", "age",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """One column: what it is, and what was proposed."""

    table: str
    label: dict[str, str]
    proposal: Proposal

    @property
    def truth(self) -> str:
        return self.label["role"]

    @property
    def letters(self) -> frozenset[str]:
        found = {LETTERS[tag] for tag in self.proposal.tags if tag in LETTERS}
        return frozenset(found | ({FREE_TEXT} if "phi.free_text" in self.proposal.tags else set()))


def judge(folder: Path, mode: str) -> list[Judged]:
    """Classify every labelled table, with its values in mode `values`."""
    labels: dict[str, list[dict[str, str]]] = {}
    with (folder / "columns.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            labels.setdefault(row["table"], []).append(row)
    with (folder / "tables.csv").open(encoding="utf-8") as file:
        values = {row["table"]: row["values"] for row in csv.DictReader(file)}
    judged = []
    for table, rows in labels.items():
        sampled = {}
        if mode == "values" and values.get(table):
            sampled = {each.name: each.values for each in file_columns(folder / values[table])}
        columns = [Column(row["column"], row["type"], sampled.get(row["column"])) for row in rows]
        for row, proposal in zip(rows, classify_columns(table, columns), strict=True):
            judged.append(Judged(table, row, proposal))
    return judged


def report(judged: Sequence[Judged]) -> Iterator[str]:
    """Give the figures, line by line."""
    cleared = [each for each in judged if each.truth in FLAGS and each.proposal.role == "none"]
    held = sum(each.proposal.role == "unclassified" for each in judged)
    yield f"columns {len(judged)}  false clears {len(cleared)}  held back {held} ({held / len(judged):.1%})"
    direct = [(each.truth == "direct", each.proposal.role == "direct") for each in judged]
    yield f"direct identifiers  {scores(direct)}"
    flagged = [(each.truth in FLAGS, each.proposal.role in FLAGS) for each in judged]
    yield f"all flags           {scores(flagged)}"
    roles = Counter((each.truth, each.proposal.role) for each in judged)
    names = (*FLAGS, "none", "unclassified")
    yield "truth \\ proposed  " + "".join(f"{name:>13}" for name in names)
    for truth in names:
        yield f"{truth:<18}" + "".join(f"{roles[truth, name]:>13}" for name in names)
    for letter in (*string.ascii_uppercase[:18], FREE_TEXT):
        pairs = [(letter in each.label["hipaa"], letter in each.letters) for each in judged]
        if any(truth for truth, _ in pairs):
            yield f"{letter}  {scores(pairs)}"


def scores(pairs: Sequence[tuple[bool, bool]]) -> str:
    """Give recall, precision and F1 of pairs of truth and proposal."""
    hits = sum(truth and said for truth, said in pairs)
    recall = hits / max(1, sum(truth for truth, _ in pairs))
    precision = hits / max(1, sum(said for _, said in pairs))
    f1 = 2 * hits / max(1, sum(truth for truth, _ in pairs) + sum(said for _, said in pairs))
    return f"recall {recall:.3f}  precision {precision:.3f}  F1 {f1:.3f}"


def errors(judged: Sequence[Judged]) -> Iterator[str]:
    """Name the columns that were judged otherwise than labelled."""
    for each in judged:
        if each.truth != each.proposal.role:
            found, why = each.proposal, "; ".join(each.proposal.evidence[:2])
            yield f"{each.table}.{found.column}: {each.truth}, not {found.role}; {why}"


def made_up(rows: int) -> list[Column]:
    """Make columns of several kinds, all different in every row where they can be."""
    draw = random.Random(rows)  # noqa: S311  a sample, no secret
    word = ["fever", "cough", "pain", "stable", "chest", "since", "left", "after"]
    texts = {
        "c1": [
            f"{draw.randrange(1, 900):03}-{draw.randrange(1, 99):02}-{draw.randrange(1, 9999):04}"
            for _ in range(rows)
        ],
        "c2": [f"user{number}@example.org" for number in range(rows)],
        "c3": [" ".join(draw.choices(word, k=20)) for _ in range(rows)],
        "c4": [draw.choice(("M", "F")) for _ in range(rows)],
        "c5": ["".join(draw.choices("0123456789abcdef", k=32)) for _ in range(rows)],
        "status": [draw.choice(("active", "final", "draft")) for _ in range(rows)],
    }
    numbers = {
        "n1": pa.array([draw.random() * 100 for _ in range(rows)]),
        "n2": pa.array(range(10**6, 10**6 + rows)),
    }
    arrays = {**{name: pa.array(values) for name, values in texts.items()}, **numbers}
    return [Column(name, array.type, array) for name, array in arrays.items()]


def speed(rows: int) -> Iterator[str]:
    """Measure values per second of a table of several kinds of columns, and columns per second by name."""
    columns = made_up(rows)
    times = []
    for _ in range(5):
        fresh = [Column(each.name, each.type, each.values) for each in columns]  # nothing is kept from before
        before = time.process_time()
        classify_columns("measured", fresh)
        times.append(time.process_time() - before)
    best = sorted(times)[len(times) // 2]
    rate = len(columns) * rows / best / 1e6
    yield f"{len(columns)} columns x {rows} rows: {rate:.2f} M values/s (median of 5)"
    names = [
        f"{a}_{b}_{n}" for n in range(100) for a in ("pat", "lab", "x7q", "enc", "bill") for b in ENDINGS
    ]
    before = time.process_time()
    for start in range(0, len(names), 50):
        classify_columns(f"t{start}", [Column(name, "string") for name in names[start : start + 50]])
    taken = time.process_time() - before
    yield f"{len(names)} columns by name in {taken:.2f} s"


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--mode", choices=("names", "values"), default="values")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--rows", type=int, default=10_000)
    options = parser.parse_args()
    if options.speed:
        print(*speed(options.rows), sep="\n")
    if options.labels:
        judged = judge(options.labels, options.mode)
        print(*report(judged), *(errors(judged) if options.errors else ()), sep="\n")


if __name__ == "__main__":
    main()
