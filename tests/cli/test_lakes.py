"""A command lets go of its lake when it ends: what it wrote is in the files, not beside them."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Garbage collection would close what a command forgot, at times."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize(
    "words", [["doctor"], ["table", "list"], ["table", "show", "no.such"], ["audit", "verify"]]
)
def test_no_write_ahead_log_is_left(run: Run, tmp_path: Path, words: list[str]) -> None:
    run("init", tmp_path)
    assert not list(tmp_path.glob("*-wal"))
    run(*words, "--lake", tmp_path)
    assert not list(tmp_path.glob("*-wal"))
