"""The documentation speaks of things that are there: commands, options, targets, pages."""

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

from lakeward.cli.main import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```(?:sh|console)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\((?!https?://|#|mailto:)([^)#\s]+)")
COMMAND_ENDS = {"|", ">", ">>", "<", "&&", "||", ";", "#"}


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shell_lines(page: Path) -> Iterator[str]:
    for block in BLOCK.findall(page.read_text("utf-8")):
        yield from (line.removeprefix("$ ") for line in re.sub(r"\\\n\s*", "", block).splitlines())


def words_of(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    words = list(lexer)
    end = next((index for index, word in enumerate(words) if word in COMMAND_ENDS), len(words))
    return words[:end]


def parse(words: list[str]) -> None:
    """Follow the words down the tree of commands; click refuses one that is not there."""
    command: click.Command = cli
    context = click.Context(cli, info_name="lakeward")
    while isinstance(command, click.Group) and words:
        _, child, words = command.resolve_command(context, words)
        assert child is not None
        command, context = child, click.Context(child, info_name=child.name, parent=context)
    command.make_parser(context).parse_args(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_on_a_page_exists_with_its_options(page: Path) -> None:
    for line in shell_lines(page):
        if line.startswith("lakeward "):
            parse(words_of(line)[1:])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_target_on_a_page_exists(page: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for line in shell_lines(page):
        if line.startswith("make "):
            assert words_of(line)[1] in targets, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_on_a_page_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("line", ["nonsense", "query --no-such-option x"])
def test_a_command_that_is_not_there_is_found(line: str) -> None:
    with pytest.raises(click.UsageError):
        parse(line.split())


def test_generated_pages_are_up_to_date() -> None:
    module = generator()
    assert module.PAGES
    for name, build in module.PAGES.items():
        path = ROOT / "docs" / "reference" / name
        assert path.exists(), f"docs/reference/{name} is missing; run `make docs`."
        assert path.read_text("utf-8") == build(), (
            f"docs/reference/{name} is not up to date; run `make docs`."
        )


def test_each_decision_has_a_number_of_its_own() -> None:
    numbers = [each.name[:4] for each in (ROOT / "docs" / "adr").glob("[0-9]*.md")]
    assert numbers
    assert sorted(set(numbers)) == sorted(numbers)
