"""Where errors end: one text or one JSON object on stderr, and an exit code."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from lakeward.catalog import errors
from lakeward.catalog.errors import DeniedError, LakewardError
from lakeward.cli.failures import asks_for_json, guard

Run = Callable[..., Any]


def raiser(error: Exception) -> Callable[[], None]:
    def run() -> None:
        raise error

    return run


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("InputError", 2),
        ("DeniedError", 3),
        ("CheckFailedError", 1),
        ("BreakingChangeError", 4),
        ("PrivacyBreakingChangeError", 5),
        ("UnavailableError", 6),
        ("LakewardError", 6),
    ],
)
def test_each_family_has_its_exit_code(kind: str, code: int) -> None:
    error: LakewardError = getattr(errors, kind)("No.")
    assert guard(raiser(error), as_json=False) == code


def test_text_says_message_and_hint_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    guard(raiser(DeniedError("Denied.", hint="Ask the steward.")), as_json=False)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "Error: Denied.\nHint: Ask the steward.\n"


def test_json_says_code_message_and_hint(capsys: pytest.CaptureFixture[str]) -> None:
    guard(raiser(DeniedError("Denied.")), as_json=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err) == {"error": {"code": "denied", "message": "Denied.", "hint": None}}


def test_a_message_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    guard(raiser(DeniedError("No \x1b[2J\u202e table.\nSecond line.")), as_json=False)
    assert capsys.readouterr().err == "Error: No \\x1b[2J\\u202e table.\nSecond line.\n"


def test_what_nobody_foresaw_shows_its_type_and_never_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert guard(raiser(ValueError("Ada, 1815-12-10")), as_json=False) == 6
    err = capsys.readouterr().err
    assert "ValueError" in err
    assert "Traceback" not in err
    assert "1815" not in err


def test_debug_shows_the_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKEWARD_DEBUG", "1")
    assert guard(raiser(ValueError("inside")), as_json=False) == 6
    assert "ValueError: inside" in capsys.readouterr().err


def test_a_usage_error_shows_usage_and_exits_2(run: Run) -> None:
    done = run("completion", "tcsh")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: lakeward completion")
    assert "'bash', 'zsh', 'fish'" in done.err


def test_a_usage_error_in_json_is_one_object(run: Run) -> None:
    done = run("query", "--no-such-option", "--format", "json")
    assert done.code == 2
    assert done.error()["code"] == "usage"
    assert done.error()["hint"] == "See `lakeward query --help`."


def test_an_abort_is_an_interruption(capsys: pytest.CaptureFixture[str]) -> None:
    assert guard(raiser(click.Abort()), as_json=True) == 130
    assert json.loads(capsys.readouterr().err)["error"]["code"] == "interrupted"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["query", "--format", "json"], True),
        (["query", "--format=json"], True),
        (["query", "--", "--format", "json"], False),
        (["query", "--format", "csv", "json"], False),
        ([], False),
    ],
)
def test_the_form_of_errors_is_known_before_the_line_is_parsed(words: list[str], expected: bool) -> None:  # noqa: FBT001  a case
    assert asks_for_json(words) is expected


def test_no_lake_says_how_to_make_one(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("audit", "log")
    assert done.code == 6
    assert "lakeward init" in done.err
