"""`lakeward audit`: read the chain of records, verify it, and count what was done."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import click

from lakeward.cli.options import lake_and_output
from lakeward.cli.output import Output
