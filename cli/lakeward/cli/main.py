"""The command `lakeward`: a table of commands, each loaded when it is called.

`lakeward --help` is written from the table alone, so that it imports no command and nothing heavy.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

import click

from lakeward.cli.failures import asks_for_json, guard
from lakeward.cli.lean import without_pandas

_BROKEN_PIPE = 128 + 13  # what a shell reports for a program that SIGPIPE ended


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command lives (`module:attribute`), and its line in the help."""

    target: str
    summary: str

    def load(self) -> click.Command:
        """Import the command."""
        module, _, attribute = self.target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


COMMANDS = {
    "init": LazyCommand("lakeward.cli.lake:init", "Make a lake in DIRECTORY."),
    "doctor": LazyCommand("lakeward.cli.lake:doctor", "Look whether the lake is in order."),
    "demo": LazyCommand("lakeward.cli.demo:demo", "Tell the whole story on a small lake."),
    "table": LazyCommand("lakeward.cli.table_storage:table", "Import, list, show, change and drop tables."),
    "tag": LazyCommand("lakeward.cli.tag_governance:tag", "Say what columns hold."),
    "classify": LazyCommand("lakeward.cli.classify:classify", "Find what columns hold."),
    "policy": LazyCommand("lakeward.cli.policy:policy", "Check and explain who may see what."),
    "user": LazyCommand("lakeward.cli.user:user", "Say who may sign in, and by what."),
    "query": LazyCommand("lakeward.cli.query:query", "Run SQL as PRINCIPAL for PURPOSE."),
    "explain": LazyCommand("lakeward.cli.explain:explain", "Say what was decided for SQL, and why."),
    "serve": LazyCommand("lakeward.cli.serve:serve", "Open the gateway's doors."),
    "certificate": LazyCommand(
        "lakeward.cli.serve:certificate", "Show and renew the certificate that the doors show."
    ),
    "contract": LazyCommand("lakeward.cli.contract:contract", "Hold data to its contracts (ODCS)."),
    "lineage": LazyCommand("lakeward.cli.lineage:lineage", "Follow data from where it came."),
    "report": LazyCommand("lakeward.cli.report:report", "Report on identifiers, bulk data and copies."),
    "break-glass": LazyCommand(
        "lakeward.cli.break_glass:break_glass", "Ask for emergency access, and review it."
    ),
    "audit": LazyCommand("lakeward.cli.audit:audit", "Read and verify the audit chain."),
    "completion": LazyCommand("lakeward.cli.completion:completion", "Print a completion script for SHELL."),
}


class LakewardGroup(click.Group):
    """The commands of `COMMANDS`, in that order, imported one by one when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Name the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  as above
        """Import one command."""
        lazy = COMMANDS.get(cmd_name)
        return lazy.load() if lazy else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.summary) for name, lazy in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run; end quietly when the reader of stdout has gone (`| head`)."""
        try:
            result: object = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(_BROKEN_PIPE) from None
        return result


@click.group(
    "lakeward",
    cls=LakewardGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: lakeward init my-lake",
)
@click.version_option(package_name="lakeward", message="%(prog)s %(version)s")
def cli() -> None:
    """Guard a lake: who may see which cells of which table, for what purpose, and why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code.

    Args:
        arguments: What follows `lakeward`; by default, what the shell gave.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None and words[:1] in (["query"], ["explain"]):
        without_pandas()
    return guard(lambda: cli.main(words, "lakeward", standalone_mode=False), as_json=asks_for_json(words))
