"""The instance that is asked what DuckDB makes of a text."""

from collections.abc import Iterator

import duckdb
import pytest

from lakeward.gateway.engines.duckdb.parser import Parser
from lakeward.policies.admit import admit
from lakeward.policies.admit.errors import NotAdmittedError


@pytest.fixture
def parser() -> Iterator[Parser]:
    opened = Parser()
    yield opened
    opened.close()


@pytest.mark.parametrize("sql", ["SELECT a FROM t WHERE a RLIKE 'x'", "SELECT a FROM t WHERE a DIV 2 = 1"])
def test_a_text_that_only_the_other_parser_reads_is_refused(parser: Parser, sql: str) -> None:
    admit(sql)
    with pytest.raises(NotAdmittedError):
        parser.require_syntax(sql)


def test_what_it_reads_is_taken_whatever_it_names(parser: Parser) -> None:
    parser.require_syntax("SELECT nothing FROM nowhere WHERE unknown(1)")


def test_it_binds_and_does_not_run(parser: Parser) -> None:
    assert '"error":false' in parser.bind("SELECT CAST('x' AS INT) AS x")
    assert '"error":true' in parser.bind("SELECT * FROM nowhere")


def test_one_that_broke_is_opened_anew(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def execute(self, *_told: object) -> None:
            raise duckdb.InternalException("INTERNAL Error: the database has been invalidated")

        def close(self) -> None:
            """As of a connection."""

    monkeypatch.setattr(parser, "_connection", Broken())
    assert parser.bind("SELECT 1") == '{"error": true}'
    assert '"error":false' in parser.bind("SELECT 1")
    assert not parser.read("SELECT 1").tables
