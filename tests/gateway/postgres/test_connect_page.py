"""What docs/how-to/connect-postgres.md says to copy and paste works as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.gateway.clinic import PASSWORD
from tests.gateway.postgres.served import HSQL, PURPOSE, Served, needs_hsql, needs_psql
from tests.gateway.postgres.test_duckdb_attaches import extension

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "connect-postgres.md"
BLOCKS = re.findall(r"^```(bash|python|sql)\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
SHELL = [body for language, body in BLOCKS if language == "bash"]
PYTHON = [body for language, body in BLOCKS if language == "python"]


def run(program: list[str], served: Served) -> str:
    assert served.tls is not None
    said = {
        "PGHOST": served.host,
        "PGPORT": str(served.port),
        "PGDATABASE": "lake",
        "PGUSER": "ada",
        "PGPASSWORD": PASSWORD,
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": str(served.tls.certificate),
        "PGOPTIONS": PURPOSE,
    }
    environment = os.environ | said
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_has_what_is_run_here() -> None:
    assert [language for language, _ in BLOCKS] == ["bash", *["python"] * 4, "sql", "bash"]


@needs_psql
def test_the_block_of_psql_answers(with_tls: Served) -> None:
    assert "C50" in run(["bash", "-c", SHELL[0]], with_tls)


@needs_hsql
def test_the_block_of_harlequin_answers(with_tls: Served) -> None:
    assert "C50" in run(["bash", "-c", SHELL[1].replace("hsql", str(HSQL))], with_tls)


def test_the_block_of_duckdb_answers(with_tls: Served) -> None:
    [body] = [body for language, body in BLOCKS if language == "sql"]
    there = body.replace("INSTALL postgres", f"LOAD '{extension()}'")
    assert there != body, "the extension comes from a package here"
    told = run([sys.executable, "-c", f"import duckdb; print(duckdb.sql({there!r}).fetchall())"], with_tls)
    assert told.strip() == "[('C50', 1), ('I10', 2)]"


@pytest.mark.parametrize("body", PYTHON, ids=["psycopg", "sqlalchemy", "pandas", "asyncpg"])
def test_the_python_blocks_answer(with_tls: Served, body: str) -> None:
    told = run([sys.executable, "-W", "error", "-c", body], with_tls)
    assert "C50" in told
    assert "SECRET" not in told
