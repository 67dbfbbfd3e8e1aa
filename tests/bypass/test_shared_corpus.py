"""The shared development corpus, judged by the shared oracle: no leak, no difference, all attacks handled."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "bypass"
CORPUS = SHARED / "corpus_dev.jsonl"


def _judged(script: str, system: str) -> subprocess.CompletedProcess[str]:
    if not CORPUS.exists():
        pytest.skip("the shared corpus is not beside this repository")
    arguments = ["--corpus", str(CORPUS), "--system", f"tests.bypass.system:{system}"]
    command = [sys.executable, str(SHARED / script), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.slow
def test_every_item_is_answered_as_on_the_copy_or_refused() -> None:
    done = _judged("oracle.py", "run_as")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "leaks 0 | differences 0" in done.stdout


@pytest.mark.slow
def test_no_answer_depends_on_what_is_hidden() -> None:
    done = _judged("noninterference.py", "make")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "interfering: 0" in done.stdout
