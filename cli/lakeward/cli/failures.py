"""Where every error ends: a text or a JSON object on stderr, and an exit code.

A mistake of the user never shows a traceback. An exception that lakeward did not foresee shows its type only:
its text could hold a value of the data. `LAKEWARD_DEBUG=1` shows the traceback.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from itertools import pairwise, takewhile

import click

from lakeward.catalog.errors import ExitCode, LakewardError
from lakeward.cli.cells import printable

INTERRUPTED = 128 + 2  # what a shell reports for a program that Ctrl-C ended


def asks_for_json(words: Sequence[str]) -> bool:
    """Tell whether a command line wants its errors as JSON, even one that cannot be parsed."""
    options = list(takewhile(lambda word: word != "--", words))
    return "--format=json" in options or ("--format", "json") in pairwise(options)


def guard(run: Callable[[], object], *, as_json: bool) -> int:
    """Run a command; report what it raises and give the exit code."""
    try:
        result = run()
    except LakewardError as error:
        report(error.code, error.message, error.hint, as_json=as_json)
        return error.exit_code
    except click.Abort:
        report("interrupted", "Interrupted.", None, as_json=as_json)
        return INTERRUPTED
    except click.ClickException as error:
        report_usage(error, as_json=as_json)
        return ExitCode.INVALID
    except Exception as error:  # noqa: BLE001  the outermost boundary: everything else becomes one line
        report_unforeseen(error, as_json=as_json)
        return ExitCode.UNAVAILABLE
    return result if isinstance(result, int) else ExitCode.DONE


def report(code: str, message: str, hint: str | None, *, as_json: bool) -> None:
    """Write one error to stderr."""
    if as_json:
        click.echo(json.dumps({"error": {"code": code, "message": message, "hint": hint}}), err=True)
        return
    click.echo(f"Error: {_lines(message)}", err=True)
    if hint:
        click.echo(f"Hint: {_lines(hint)}", err=True)


def report_usage(error: click.ClickException, *, as_json: bool) -> None:
    """Write an error of the command line itself: an unknown option, a missing argument."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"See `{context.command_path} --help`." if context else None
    if context and not as_json:
        click.echo(context.get_usage(), err=True)
    report("usage", error.format_message(), hint, as_json=as_json)


def report_unforeseen(error: Exception, *, as_json: bool) -> None:
    """Write one line about an exception that nobody foresaw; its text stays unsaid."""
    if os.environ.get("LAKEWARD_DEBUG") == "1":
        traceback.print_exception(error, file=sys.stderr)
    report(
        "unexpected",
        f"lakeward could not finish: an unexpected {type(error).__name__}.",
        "Run it again with LAKEWARD_DEBUG=1 to see where. The traceback may hold values of the data.",
        as_json=as_json,
    )


def _lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.splitlines())
