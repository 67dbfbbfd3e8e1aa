"""What docs/how-to/connect-flight.md says to copy and paste works as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.gateway.clinic import PASSWORD
from tests.gateway.flight.served import Served

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "connect-flight.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def test_the_python_block_answers(with_tls: Served) -> None:
    assert with_tls.tls is not None
    environment = {
        **os.environ,
        "LAKEWARD_FLIGHT": f"grpc+tls://{with_tls.host}:{with_tls.port}",
        "LAKEWARD_CA": str(with_tls.tls.certificate),
        "LAKEWARD_USER": "ada",
        "LAKEWARD_PASSWORD": PASSWORD,
    }
    [body] = BLOCKS
    done = subprocess.run(
        [sys.executable, "-c", body], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "C50" in done.stdout
    assert "SECRET" not in done.stdout
