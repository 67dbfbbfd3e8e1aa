"""The README's commands, run as they stand."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import precision_oncology

README = Path(str(precision_oncology.__file__)).with_name("README.md")


@pytest.mark.slow
def test_commands_run(tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    commands = [line for block in blocks for line in block.splitlines()]
    assert len(commands) == 6
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in commands:
        done = subprocess.run(  # the shell is the reader's
            ["/bin/sh", "-c", command],
            cwd=tmp_path, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        assert done.stdout or "tag set" in command


def test_tables_named_are_the_tables_there_are() -> None:
    text = README.read_text("utf-8")
    sql = {path.stem for path in README.parent.joinpath("sql").glob("*.sql")}
    missing = [name for name in sql if f"`{name.split('.')[1]}`" not in text]
    assert len(sql) == 8
    assert missing == []
