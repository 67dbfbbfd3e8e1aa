"""DuckDB's postgres extension: an analyst's own DuckDB has the lake attached, and reads it by binary COPY."""

from collections.abc import Iterator
from importlib import import_module, resources
from pathlib import Path

import duckdb
import pytest
from tests.gateway.clinic import PASSWORD
from tests.gateway.postgres.served import PURPOSE, Served


def extension() -> Path:
    root = resources.files(import_module("duckdb_extension_postgres_scanner"))
    return Path(str(root)) / "extensions" / f"v{duckdb.__version__}" / "postgres_scanner.duckdb_extension"


@pytest.fixture
def analyst(with_tls: Served) -> Iterator[duckdb.DuckDBPyConnection]:
    assert with_tls.tls is not None
    said = f"host={with_tls.host} port={with_tls.port} user=ada password=''{PASSWORD}'' dbname=lake "
    said += f"sslmode=verify-full sslrootcert={with_tls.tls.certificate} options=''{PURPOSE}''"
    with duckdb.connect() as connection:
        connection.execute(f"LOAD '{extension()}'")
        connection.execute(f"ATTACH '{said}' AS lake (TYPE postgres, READ_ONLY)")
        yield connection


def test_it_lists_what_may_be_seen(analyst: duckdb.DuckDBPyConnection) -> None:
    [row] = analyst.execute("SHOW ALL TABLES").fetchall()
    assert row[:4] == ("lake", "clinic", "visit", ["patient", "site", "code", "score"])


def test_its_scans_give_the_visible_cells(analyst: duckdb.DuckDBPyConnection) -> None:
    rows = analyst.execute("SELECT site, code, score FROM lake.clinic.visit ORDER BY code").fetchall()
    assert rows == [("H1", "C50", 1), ("H1", "I10", 2)]
    assert analyst.execute("SELECT count(*) FROM lake.clinic.visit WHERE score > 1").fetchall() == [(1,)]
    joined = "SELECT v.score, w.n FROM lake.clinic.visit v JOIN (VALUES ('C50', 9)) w(code, n) USING (code)"
    assert analyst.execute(joined).fetchall() == [(1, 9)]


def test_what_is_hidden_is_not_there(analyst: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.Error) as caught:
        analyst.execute("SELECT * FROM postgres_query('lake', 'SELECT * FROM clinic.hidden')")
    assert "not there for you" in str(caught.value)
    with pytest.raises(duckdb.CatalogException):
        analyst.execute("SELECT * FROM lake.clinic.hidden")
