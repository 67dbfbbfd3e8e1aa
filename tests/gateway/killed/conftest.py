"""What these tests share is imported as `tests...`, however pytest is started."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[3]))
