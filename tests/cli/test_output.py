"""The three forms of output, and what a hostile value may not do in them."""

import csv
import io
import json
import os
import pty
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.cli.cells import as_json, printable
from lakeward.cli.output import CsvOutput, JsonOutput, TableOutput, distinct

COLUMNS = ["name", "count"]
ROWS: list[list[object]] = [["a", 1], ["longer", None]]


def written(
    form: type[TableOutput | JsonOutput | CsvOutput], columns: list[str], rows: list[list[object]]
) -> str:
    sink = io.StringIO()
    form(sink).rows("Things", columns, iter(rows))
    return sink.getvalue()


def test_a_pipe_gets_plain_aligned_text() -> None:
    assert written(TableOutput, COLUMNS, ROWS) == "name    count\na           1\nlonger   NULL\n"


def test_json_is_an_array_of_objects() -> None:
    assert json.loads(written(JsonOutput, COLUMNS, ROWS)) == [
        {"name": "a", "count": 1},
        {"name": "longer", "count": None},
    ]


def test_csv_has_a_header_and_leaves_null_empty() -> None:
    assert written(CsvOutput, COLUMNS, ROWS) == "name,count\na,1\nlonger,\n"


@pytest.mark.parametrize(
    ("form", "text"), [(TableOutput, "name  count\n"), (JsonOutput, "[]\n"), (CsvOutput, "name,count\n")]
)
def test_no_rows_still_have_a_form(form: type[TableOutput | JsonOutput | CsvOutput], text: str) -> None:
    assert written(form, COLUMNS, []) == text


def test_a_column_named_twice_stays_two_columns() -> None:
    assert json.loads(written(JsonOutput, ["a", "a", "a_2"], [[1, 2, 3]])) == [{"a": 1, "a_2": 2, "a_2_2": 3}]


@given(st.lists(st.sampled_from(["a", "a_2", "b", ""])))
def test_distinct_names_are_distinct(columns: list[str]) -> None:
    names = distinct(columns)
    assert len(set(names)) == len(names) == len(columns)


def test_values_have_one_form_in_json() -> None:
    values = [
        date(2026, 1, 2),
        datetime(2026, 1, 2, 3, tzinfo=UTC),
        Decimal("1.50"),
        b"\x00\xff",
        float("nan"),
    ]
    assert as_json([*values, float("-inf"), {"k": (1, None)}, frozenset({"b", "a"})]) == [
        "2026-01-02",
        "2026-01-02T03:00:00+00:00",
        "1.50",
        "00ff",
        "NaN",
        "-Infinity",
        {"k": [1, None]},
        ["a", "b"],
    ]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_a_value_never_breaks_the_line_or_steers_the_terminal(rows: list[list[object]]) -> None:
    text = written(TableOutput, COLUMNS, rows)
    assert len(text.split("\n")) == len(rows) + 2
    assert not any(ord(sign) < 32 for line in text.split("\n") for sign in line)
    assert "\x1b" not in text
    assert "\u202e" not in text


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_csv_reads_back(rows: list[list[object]]) -> None:
    lines = list(csv.reader(io.StringIO(written(CsvOutput, COLUMNS, rows), newline="")))
    assert lines == [COLUMNS, *rows]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_json_reads_back(rows: list[list[str]]) -> None:
    text = written(JsonOutput, COLUMNS, [list(row) for row in rows])
    assert [[row["name"], row["count"]] for row in json.loads(text)] == rows


def test_a_record_is_a_line_to_each_field() -> None:
    sink = io.StringIO()
    TableOutput(sink).record({"table": "main.visit", "tags": ["health", "link"]})
    assert sink.getvalue() == "table  main.visit\ntags   health, link\n"


def test_a_record_is_an_object_in_json_and_a_row_in_csv() -> None:
    sinks = io.StringIO(), io.StringIO()
    JsonOutput(sinks[0]).record({"table": "main.visit", "rows": 2})
    CsvOutput(sinks[1]).record({"table": "main.visit", "rows": 2})
    assert json.loads(sinks[0].getvalue()) == {"table": "main.visit", "rows": 2}
    assert sinks[1].getvalue() == "table,rows\nmain.visit,2\n"


def test_rows_are_written_as_they_come() -> None:
    sink = io.StringIO()

    def stream() -> Iterator[list[object]]:
        yield ["first", 1]
        assert "first" in sink.getvalue() or form is not JsonOutput
        yield ["second", 2]

    for form in (JsonOutput, CsvOutput, TableOutput):
        form(sink).rows("Things", COLUMNS, stream())


def test_a_long_table_is_written_by_pages() -> None:
    sink = io.StringIO()
    seen: list[bool] = []

    def stream() -> Iterator[list[object]]:
        for number in range(2500):
            seen.append(bool(sink.getvalue()))
            yield ["x", number]

    TableOutput(sink).rows("Things", COLUMNS, stream())
    assert len(sink.getvalue().splitlines()) == 2501
    assert not seen[0]
    assert seen[-1]


def on_terminal(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "80")
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as sink:
        TableOutput(sink).rows("Things", COLUMNS, [["[red]\x1b[2J", 1], ["b", None]])
    text = os.read(master, 65536).decode()
    os.close(master)
    return text


def test_a_terminal_gets_a_drawn_table_with_values_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    text = on_terminal(monkeypatch, TERM="xterm-256color")
    assert "Things" in text
    assert "─" in text
    assert "[red]\\x1b[2J" in text


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_color_gets_plain_text(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    text = on_terminal(monkeypatch, **{"TERM": "xterm", **environment})
    assert "─" not in text
    assert "\x1b" not in text


def test_progress_is_silent_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with TableOutput().progress("Reading", total=2) as advance:
        advance(1)
        advance(1)
    assert capsys.readouterr() == ("", "")


def test_progress_shows_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    with os.fdopen(slave, "w") as terminal:
        monkeypatch.setattr("sys.stderr", terminal)
        with TableOutput(io.StringIO()).progress("Reading", total=2) as advance:
            advance(2)
    shown = b""
    while b"Reading" not in shown:  # what is written comes in pieces; after the last a read fails
        shown += os.read(master, 65536)
    os.close(master)


def test_talk_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    JsonOutput().message("Done.")
    assert capsys.readouterr() == ("", "Done.\n")


def test_printable_leaves_words_alone() -> None:
    assert printable("Zoë 雪 [b]") == "Zoë 雪 [b]"
