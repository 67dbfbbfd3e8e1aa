"""The corpus of honest queries and attacks, asked through psycopg: what holds in process holds here."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.bypass import hospital
from tests.bypass.judge import Item, Judge
from tests.bypass.lake import PURPOSE, Answer, Governed
from tests.gateway.clinic import PASSWORD
from tests.gateway.corpus import ITEMS, judging, one_in
from tests.gateway.postgres.served import served_by

from lakeward.catalog.errors import DeniedError, InputError, LakewardError
from lakeward.gateway.doors.door import DoorContext

NEVER_RAN = {"42501", "42704", "22023", "0A000"}
"""Denied, no such setting (`SHOW patient`), no value for `?`, nothing that this door does.

What ran and broke is 22000.
"""

DIFFERS = {
    # psycopg counts months and years of an interval in days by a rule of its own
    "ages and buckets", "intervals", "age timestamp born timestamp",
    # structs come as JSON, in which moments and decimals are texts and fields without names are f1, f2
    "zip array array a", "whole row of a masked table", "structs made", "nested lists", "struct update",
    "as a whole row", "as a list of rows", "as the greatest row",
    # PostgreSQL's shortest text of a 4-byte float
    "array types",
    # what PostgreSQL's catalog says here: of the principal itself and of what is there for it
    "settings", "version", "current user", "current database", "column description", "pg functions",
    "identifiers that are functions", "a quoted one", "the engine's own catalog", "the system's schema",
    # statements of the protocol that give no rows
    "begin", "nothing at all", "only a comment",
}  # fmt: skip
"""Items whose answer may differ in form from the copy's; whether one leaks is asked before."""


class OverPostgres(Governed):
    """The product as psycopg sees it: one connection for each principal."""

    def __init__(self, context: DoorContext) -> None:
        self.gateway, self.way = context.gateway, None
        for principal in hospital.PRINCIPALS:
            context.identities.accounts.add(principal, PASSWORD, by="test")
        self._served = served_by(context)
        self._connections: dict[str, psycopg.Connection[tuple[Any, ...]]] = {}

    def run(self, principal: str, sql: str, dialect: str = "duckdb") -> Answer:
        connection = self._connection(principal)
        connection.execute(f"SET lakeward.dialect = {dialect}")
        try:
            cursor = connection.execute(sql)
            return [each.name for each in cursor.description or ()], cursor.fetchall()
        except psycopg.Error as error:
            raise said(error) from None
        finally:
            connection.rollback()

    def _connection(self, principal: str) -> psycopg.Connection[tuple[Any, ...]]:
        if principal not in self._connections:
            options = f"-c lakeward.purpose={PURPOSE}"
            made = self._served.connect(user=principal, options=options, autocommit=True)
            self._connections[principal] = made
        return self._connections[principal]

    def close(self) -> None:
        for each in self._connections.values():
            each.close()
        self._served.door.stop(0.0)


def said(error: psycopg.Error) -> LakewardError:
    kind = DeniedError if error.sqlstate in NEVER_RAN else InputError
    return kind(f"{error.sqlstate} {error}", hint=error.diag.message_hint)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    with judging(tmp_path_factory.mktemp("corpus") / "lake", OverPostgres) as judge:
        yield judge
        assert isinstance(judge.governed, OverPostgres)
        judge.governed.close()


def wrong(judge: Judge, items: list[Item]) -> list[str]:
    verdicts = [verdict for verdict in map(judge.judge, items) if not verdict.is_right]
    return [str(each) for each in verdicts if each.outcome == "leak" or each.item.title not in DIFFERS]


def test_some_of_every_family_answer_over_postgres_as_on_the_copy(judge: Judge) -> None:
    assert not wrong(judge, one_in(100, ITEMS))


@pytest.mark.slow
def test_the_whole_corpus_answers_over_postgres_as_on_the_copy(judge: Judge) -> None:
    assert not wrong(judge, ITEMS)


def test_what_the_catalog_says_names_no_table_that_is_hidden(judge: Judge) -> None:
    for query in ("SELECT * FROM information_schema.tables", "SELECT * FROM pg_catalog.pg_tables"):
        for principal in hospital.PRINCIPALS:
            _, rows = judge.governed.run(principal, query)
            shown = {each for row in rows for each in row if isinstance(each, str)}
            assert "secret" not in shown


def test_fields_without_a_name_are_numbered(judge: Judge) -> None:
    _, rows = judge.governed.run("grace", "SELECT [row(1, row('a', NULL))], union_value(num := 2)")
    assert rows == [([{"f1": 1, "f2": {"f1": "a", "f2": None}}], 2)]


def test_moments_that_python_lacks_are_texts_inside_documents(judge: Judge) -> None:
    _, rows = judge.governed.run("grace", "SELECT {'x': [TIMESTAMP '20000-01-01']} AS a")
    assert rows == [({"x": ["20000-01-01 00:00:00.000000"]},)]
