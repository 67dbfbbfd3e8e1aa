"""Write the pages of docs/reference that come from the code: `make docs`."""  # noqa: INP001  a script

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from lakeward.cli.main import cli

REFERENCE = Path(__file__).parent / "reference"
NOTE = "<!-- Generated from the code by `make docs`. Change the code, not this page. -->"


def cli_page() -> str:
    """Describe every command: its usage, its options and an example."""
    context = click.Context(cli, info_name="lakeward")
    commands = "\n".join(block for block in command_blocks(cli, context))
    head = "Every command also takes `--help`. Exit codes: [errors](errors.md)."
    return page("Command line", head, commands)


def command_blocks(command: click.Command, context: click.Context) -> Iterator[str]:
    """Describe a command, and those below it."""
    if not isinstance(command, click.Group):
        yield command_block(command, context)
        return
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        if child is not None:
            yield from command_blocks(child, click.Context(child, info_name=name, parent=context))


def command_block(command: click.Command, context: click.Context) -> str:
    """Describe one command."""
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    options = [record for each in command.get_params(context) if (record := each.get_help_record(context))]
    rows = [(f"`{names}`", text) for names, text in options if names != "--help"]
    example = (command.epilog or "").replace("\b\n", "").replace("Example: ", "")
    parts = [f"## {context.command_path}\n", f"{prose(command.help or '')}\n", f"```text\n{usage}\n```\n"]
    parts += [table(("option", "meaning"), rows)] if rows else []
    return "\n".join([*parts, f"Example:\n\n```sh\n{example}\n```\n"])


def prose(text: str) -> str:
    """Give the help of a command as Markdown: its blocks that must not be wrapped become code."""
    blocks = text.split("\n\n")
    return "\n\n".join(
        f"```text\n{each[2:]}\n```" if each.startswith("\b\n") else " ".join(each.split()) for each in blocks
    )


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Give a Markdown table."""
    lines = [header, ("---",) * len(header), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def page(title: str, head: str, body: str) -> str:
    """Give a whole page."""
    return f"{NOTE}\n\n# {title}\n\n{head}\n\n{body.rstrip()}\n"


PAGES: Mapping[str, Callable[[], str]] = {"cli.md": cli_page}


def main() -> None:
    """Write every page."""
    for name, build in PAGES.items():
        (REFERENCE / name).write_text(build(), "utf-8")
        sys.stdout.write(f"docs/reference/{name}\n")


if __name__ == "__main__":
    main()
