"""An engine that computes with hidden rows serves nothing."""

from pathlib import Path

import pytest

from lakeward.gateway.engines.duckdb import selftest
from lakeward.gateway.engines.duckdb.selftest import self_test
from lakeward.gateway.errors import EngineUnavailableError


def test_an_engine_that_behaves_passes_and_is_remembered(tmp_path: Path) -> None:
    self_test(tmp_path)
    assert (tmp_path / "engine.json").exists()


def test_an_engine_that_meets_hidden_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest, "_FILTERS", ("CREATE OR REPLACE VIEW visible AS FROM probe",))
    with pytest.raises(EngineUnavailableError, match="computes with rows that a filter hides"):
        self_test(tmp_path)
    assert not (tmp_path / "engine.json").exists()


def test_a_process_tests_its_engine_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its next lake is served with the same engine; a failure is no pass that could be remembered."""
    folders = [tmp_path / name for name in "abc"]
    for each in folders:
        each.mkdir()
    self_test(folders[0])
    monkeypatch.setattr(selftest, "connect", None)
    self_test(folders[1])
    assert (folders[1] / "engine.json").exists()
    monkeypatch.undo()
    monkeypatch.setattr(selftest, "_FILTERS", ("CREATE OR REPLACE VIEW visible AS FROM probe",))
    for _ in range(2):
        with pytest.raises(EngineUnavailableError):
            self_test(folders[2])
