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
