"""`lakeward break-glass`: asked for, listed, ended, reviewed, and reported, from a shell."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import init_lake
from lakeward.catalog.names import TableName

Run = Callable[..., Any]
POLICY = """
version: 1
roles: {clinician: {members: [grace]}, officer: {members: [heidi]}}
purposes: [treatment]
grants:
  - id: emergency
    to: [clinician]
    tables: ["main.*"]
    columns: [{tags: ["*"], mask: clear}]
    break_glass: {minutes: 60}
rights: [{id: review, to: [officer], may: [break_glass.review]}]
"""
ASK = ["break-glass", "request", "emergency", "--as", "grace", "--purpose", "treatment"]
QUERY = ["query", "SELECT name FROM main.visit", "--as", "grace", "--purpose", "treatment"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A lake whose one table only an emergency shows."""
    lake = init_lake(tmp_path / "lake")
    table = pa.table({"name": ["Ann"]})
    write_batches(
        lake, TableName("main", "visit"), table.to_reader(), tags={"name": ["phi.name"]}, actor="eve"
    )
    (lake.policies_dir / "p.yaml").write_text(POLICY)
    lake.close()
    return tmp_path / "lake"


def test_a_request_from_its_reason_to_its_review(run: Run, root: Path) -> None:
    where = ["--lake", root, "--format", "json"]
    assert run(*QUERY, *where).code == 3
    assert run(*ASK, "--reason", "short", *where).code == 2
    assert run(*ASK, "--reason", "unconscious, no record at hand", "--minutes", "61", *where).code == 2
    asked = run(*ASK, "--reason", "unconscious, no record at hand", *where).json()["id"]
    assert run(*QUERY, *where).json() == [{"name": "Ann"}]
    review = ["break-glass", "review", asked, "--outcome", "justified"]
    assert run(*review, "--by", "grace", *where).code == 3
    assert run(*review, "--by", "heidi", *where).code == 2
    assert run("break-glass", "end", asked, "--by", "heidi", *where).code == 0
    assert run(*QUERY, *where).code == 3
    (open_one,) = run("audit", "report", "--break-glass", *where).json()
    assert (open_one["state"], open_one["outcome"]) == ("ended", "unreviewed")
    assert (open_one["statements"], open_one["rows"], open_one["tables"]) == (1, 1, ["main.visit"])
    assert run(*review, "--by", "heidi", *where).code == 0
    (listed,) = run("break-glass", "list", *where).json()
    assert (listed["state"], listed["outcome"], listed["by"]) == ("reviewed", "justified", "heidi")
    assert run("break-glass", "list", "--unreviewed", *where).json() == []
    assert run("audit", "verify", *where).code == 0


def test_a_reason_is_not_optional(run: Run, root: Path) -> None:
    assert run(*ASK, "--lake", root).code == 2
