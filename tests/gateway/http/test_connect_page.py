"""What docs/how-to/connect-http.md says to copy and paste works as it stands there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.gateway.http.served import Served

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "connect-http.md"
BLOCKS = re.findall(r"^```(bash|python)\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def run(program: list[str], with_tls: tuple[str, Path], served: Served) -> str:
    url, certificate = with_tls
    environment = {
        **os.environ,
        "LAKEWARD_URL": url,
        "LAKEWARD_CA": str(certificate),
        "LAKEWARD_TOKEN": served.token,
    }
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_has_what_is_run_here() -> None:
    assert [language for language, _ in BLOCKS] == ["bash", "bash", "python"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_shell_blocks_answer(with_tls: tuple[str, Path], served: Served) -> None:
    told = [run(["bash", "-c", body], with_tls, served) for language, body in BLOCKS if language == "bash"]
    assert '["C50",1]' in told[0]
    assert "clinic.visit" in told[1]


def test_the_python_block_answers(with_tls: tuple[str, Path], served: Served) -> None:
    [body] = [body for language, body in BLOCKS if language == "python"]
    assert "C50" in run([sys.executable, "-W", "error", "-c", body], with_tls, served)
