"""Harlequin, a SQL IDE of the terminal, by its headless half, `hsql`: its queries and its tree."""

import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.gateway.clinic import PASSWORD
from tests.gateway.postgres.served import HSQL, PURPOSE, Served, needs_hsql

pytestmark = needs_hsql


def hsql(served: Served, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    at = f"postgresql://ada:{quote(PASSWORD)}@{served.host}:{served.port}/lake?options={quote(PURPOSE)}"
    command = [str(HSQL), "--adapter", "postgres", "--no-write-history", "--csv", *words, at]
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=60, cwd=home
    )


def test_it_shows_the_visible_cells(served: Served, tmp_path: Path) -> None:
    done = hsql(served, tmp_path, "-c", "SELECT code, score FROM clinic.visit ORDER BY code")
    assert done.stdout.split() == ["code,score", "C50,1", "I10,2"], done.stderr


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("lake", ["clinic", "main"]),
        ("lake.clinic", ["visit"]),
        ("lake.clinic.visit", ["patient", "site", "code", "score"]),
    ],
)
def test_its_tree_holds_what_may_be_seen(served: Served, tmp_path: Path, path: str, names: list[str]) -> None:
    done = hsql(served, tmp_path, "--catalog", "--path", path)
    assert [line.split(",")[1] for line in done.stdout.split("\n")[1:] if line] == names, done.stderr
