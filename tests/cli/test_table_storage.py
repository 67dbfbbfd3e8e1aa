"""`lakeward table rewrite` and `erase` at the command line."""

import json
from pathlib import Path

import pytest

from lakeward.cli.main import main


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(list(words))
    out = capsys.readouterr()
    return code, out.out, out.err


def test_rewrite_and_erase(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake, rows = str(tmp_path / "lake"), tmp_path / "rows.csv"
    rows.write_text("patient_id,note\nP-1,a\nP-2,b\n", "utf-8")
    assert run(capsys, "init", lake)[0] == 0
    assert (
        run(capsys, "table", "import", "main.t", str(rows), "--lake", lake, "--tag", "patient_id=phi.mrn")[0]
        == 0
    )
    code, out, _ = run(capsys, "table", "rewrite", "main.t", "--expire", "--lake", lake, "--format", "json")
    assert (code, json.loads(out)["rows"], json.loads(out)["expired_snapshots"]) == (0, 2, 1)
    erase = ["table", "erase", "main.t", "--where", "patient_id = 'P-1'", "--lake", lake, "--format", "json"]
    code, out, _ = run(capsys, *erase, "--dry-run")
    assert (code, json.loads(out)[0]["rows"]) == (0, 1)
    assert run(capsys, *erase)[0] == 2
    assert run(capsys, *erase, "--as", "ada", "--reason", "wish")[0] == 3
    code, out, err = run(capsys, *erase, "--reason", "wish")
    assert code == 0
    assert "Certificate" in err
    assert "P-1" not in out + err
    code, _, err = run(capsys, *erase, "--reason", "wish")
    assert code == 2
    assert "P-1" not in err
