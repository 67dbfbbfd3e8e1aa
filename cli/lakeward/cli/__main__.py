"""Run the command line as `python -m lakeward.cli`."""

import sys

from lakeward.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
