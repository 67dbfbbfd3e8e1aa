"""The command line as a shell sees it: words in, two streams and an exit code out."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lakeward.cli.main import main


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What a finished command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:  # noqa: ANN401  whatever the command gave
        return json.loads(self.out)

    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = json.loads(self.err)["error"]
        return error


Run = Callable[..., Result]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run one command line in this process; every word may be a path."""
    monkeypatch.delenv("LAKEWARD_LAKE", raising=False)
    monkeypatch.delenv("LAKEWARD_DEBUG", raising=False)

    def once(*words: str | Path) -> Result:
        capsys.readouterr()
        code = main([os.fspath(word) for word in words])
        captured = capsys.readouterr()
        return Result(code=int(code), out=captured.out, err=captured.err)

    return once
