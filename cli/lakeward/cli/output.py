"""How commands speak: data to stdout in the form the caller chose, talk and progress to stderr.

A command hands values to an `Output` and never prints.
"""

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import chain
from typing import Protocol, TextIO

import click

from lakeward.cli.cells import as_json, as_text, printable
from lakeward.cli.tables import write_record, write_rows


class Output(Protocol):
    """What a command may say."""

    def rows(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Give many things of one kind; `rows` may be a stream."""

    def record(self, record: Mapping[str, object]) -> None:
        """Give one thing."""

    def message(self, text: str) -> None:
        """Tell the person at the terminal something that is not data."""

    def progress(self, title: str, total: int | None = None) -> AbstractContextManager[Callable[[int], None]]:
        """Show a bar while the block runs; call what it yields with each amount done since the last call."""
        ...


class _Talk:
    """What all forms share: the place data goes to, and how to talk beside it."""

    def __init__(self, sink: TextIO | None = None) -> None:
        self._sink = sink or sys.stdout

    def message(self, text: str) -> None:
        """Write a line to stderr."""
        click.echo(text, err=True)

    @contextmanager
    def progress(self, title: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Show a bar on stderr when a terminal looks on."""
        if not sys.stderr.isatty():
            yield lambda _done: None
            return
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(title, total=total)
            yield lambda done: bar.advance(task, done)


class TableOutput(_Talk):
    """For people: a drawn table on a terminal, plain aligned text in a pipe or under NO_COLOR."""

    def rows(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Write a table."""
        write_rows(self._sink, title, columns, rows)

    def record(self, record: Mapping[str, object]) -> None:
        """Write one line to each field."""
        write_record(self._sink, record)


class JsonOutput(_Talk):
    """For programs: rows as an array of objects, a record as an object."""

    def rows(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:  # noqa: ARG002  the caller names its rows for people only
        """Write an array, one object to a line, as the rows come."""
        names = distinct(columns)
        before = "["
        for row in rows:
            cells = (as_json(cell) for cell in row)
            self._sink.write(f"{before}\n{_dumps(dict(zip(names, cells, strict=True)))}")
            before = ","
        self._sink.write("[]\n" if before == "[" else "\n]\n")

    def record(self, record: Mapping[str, object]) -> None:
        """Write one object."""
        self._sink.write(_dumps(as_json(dict(record)), indent=2) + "\n")


class CsvOutput(_Talk):
    """For spreadsheets: a header and a line to each row; NULL is an empty field."""

    def rows(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:  # noqa: ARG002  as above
        """Write the rows as they come."""
        lines = ([as_text(cell) for cell in row] for row in rows)
        csv.writer(_UnixLines(self._sink)).writerows(chain([columns], lines))

    def record(self, record: Mapping[str, object]) -> None:
        """Write a header and one line."""
        self.rows("", list(record), [list(record.values())])


class _UnixLines:
    """Ends the lines of `csv` with a line feed; told to do so itself, `csv` leaves a carriage return bare."""

    def __init__(self, sink: TextIO) -> None:
        self._sink = sink

    def write(self, line: str) -> object:
        return self._sink.write(line.removesuffix("\r\n") + "\n")


FORMS: Mapping[str, type[TableOutput | JsonOutput | CsvOutput]] = {
    "table": TableOutput,
    "json": JsonOutput,
    "csv": CsvOutput,
}


def distinct(columns: Sequence[str]) -> list[str]:
    """Number repeated names (`a`, `a_2`), so that an object holds every column."""
    names: list[str] = []
    for column in columns:
        name, count = column, 1
        while name in names:
            count += 1
            name = f"{column}_{count}"
        names.append(name)
    return names


def _dumps(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)


__all__ = ["FORMS", "CsvOutput", "JsonOutput", "Output", "TableOutput", "distinct", "printable"]
