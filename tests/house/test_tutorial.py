"""The tutorial, done by hand: its files are written, its commands run in one shell, its output compared.

A block ```console holds commands after `$ ` and what they print, where `...` stands for anything. A block
with `file=PATH` behind its language is a file that the reader writes.
"""

import difflib
import doctest
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"file=(?P<path>\S+)")
MARK = "--- end of step ---"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True, slots=True)
class Step:
    """One command and what it should print, or one file to write."""

    command: str
    expected: str


def steps(text: str) -> list[Step]:
    found: list[Step] = []
    for block in BLOCK.finditer(text):
        if file := FILE.search(block["info"]):
            path = file["path"]
            found.append(Step(f"mkdir -p $(dirname {path}); cat > {path} <<'END'\n{block['body']}END", ""))
        elif block["info"] == "console":
            for part in re.split(r"^\$ ", block["body"], flags=re.MULTILINE)[1:]:
                command, _, expected = part.partition("\n")
                found.append(Step(command, expected))
    return found


def run(script: list[Step], folder: Path) -> list[str]:
    """Run the steps in one shell; give what each printed, on either stream."""
    lines = "".join(f"{step.command}\ncode=$?; echo '{MARK}'; (exit $code)\n" for step in script)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "HOME": str(folder), "COLUMNS": "100", "NO_COLOR": "1"}
    environment.pop("LAKEWARD_LAKE", None)
    done = subprocess.run(
        ["bash"],  # noqa: S607  wherever it is
        input=lines,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
    )
    return done.stdout.split(f"{MARK}\n")[:-1]


def is_as_written(expected: str, printed: str) -> bool:
    return doctest.OutputChecker().check_output(expected, printed, FLAGS)


@pytest.mark.slow  # about forty commands, each a process
def test_every_step_of_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    script = steps(PAGE.read_text("utf-8"))
    assert len([step for step in script if step.command.startswith("lakeward ")]) >= 10
    printed = run(script, tmp_path)
    assert len(printed) == len(script)
    for step, output in zip(script, printed, strict=True):
        if not is_as_written(step.expected, output):
            pages = step.expected.splitlines(), output.splitlines()
            difference = "\n".join(difflib.unified_diff(*pages, "the tutorial", "the shell", lineterm=""))
            pytest.fail(f"$ {step.command}\n{difference}")


def test_a_tutorial_that_lies_is_found(tmp_path: Path) -> None:
    page = "```text file=a.txt\nhere\n```\n```console\n$ cat a.txt\nthere\n$ false\n$ echo $?\n1\n```\n"
    script = steps(page)
    printed = run(script, tmp_path)
    right = [is_as_written(step.expected, output) for step, output in zip(script, printed, strict=True)]
    assert right == [True, False, True, True]
