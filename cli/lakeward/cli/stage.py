"""Where the demo's scenes are shown: drawn on a terminal, plain text in a pipe."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from lakeward.cli.cells import printable
from lakeward.cli.tables import shown

if TYPE_CHECKING:
    from precision_oncology.scenes.scene import Branch, Grid, Part, Scene

PLAIN_WIDTH = 120
ASKS = (
    "query 'SELECT * FROM fusion.inputs' --as lin --purpose model-training",
    "explain 'SELECT * FROM bronze.ehr_patients' --as ada --purpose research",
    "lineage upstream fusion.inputs",
    "audit verify",
)


class Stage:
    """Draws scenes one after another."""

    def __init__(self) -> None:
        self._is_drawn = (
            sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        )
        width = None if sys.stdout.isatty() else PLAIN_WIDTH
        self._console = Console(width=width, highlight=False, no_color=not self._is_drawn, soft_wrap=False)
        self._number = 0

    def show(self, scene: "Scene") -> None:
        """Draw one scene."""
        self._number += 1
        title = f"{self._number}. {scene.title}"
        self._console.print()
        self._console.print(
            Rule(Text(title, style="bold cyan"), align="left") if self._is_drawn else Text(title)
        )
        for part in scene.parts:
            with self._console.capture() as drawn:
                self._console.print(Padding(self._draw(part), (1, 0, 0, 2)))
            lines = drawn.get().splitlines()
            self._console.file.writelines(f"{line if self._is_drawn else line.rstrip()}\n" for line in lines)

    def close(self, lake: Path) -> None:
        """Say where to go from here."""
        self._console.print()
        self._console.print(Text("The lake is yours now:", style="bold"))
        for ask in ASKS:
            self._console.print(Text(f"  lakeward {ask} --lake {lake}"), soft_wrap=True)

    def _draw(self, part: "Part") -> RenderableType:
        from precision_oncology.scenes.scene import Branch, Grid, Query, Refusal

        match part:
            case Grid():
                return self._grid(part)
            case Query(sql):
                return (
                    Syntax(sql, "sql", background_color="default") if self._is_drawn else Text(f"SQL> {sql}")
                )
            case Refusal():
                return self._refusal(part.caption, part.message, part.hint)
            case Branch():
                return self._tree(part)
            case _:
                return Text(printable(part.text))

    def _grid(self, grid: "Grid") -> RenderableType:
        style = box.SIMPLE_HEAD if self._is_drawn else None
        table = Table(box=style)
        for index, name in enumerate(grid.columns):
            numbers = all(isinstance(row[index], int | float) for row in grid.rows)
            table.add_column(
                Text(printable(name)), justify="right" if numbers and grid.rows else "left", overflow="fold"
            )
        for row in grid.rows:
            table.add_row(*(Text(shown(cell), style="dim" if cell is None else "") for cell in row))
        return Group(Text(printable(grid.caption), style="bold"), table)

    def _refusal(self, caption: str, message: str, hint: str | None) -> RenderableType:
        text = Text(printable(message)) + Text(f"\n{printable(hint)}" if hint else "", style="green")
        if self._is_drawn:
            return Panel(
                text, title=Text(f"{caption}: refused"), title_align="left", border_style="red", expand=False
            )
        return Text(f"{caption}: refused\n") + text

    def _tree(self, branch: "Branch") -> RenderableType:
        if not self._is_drawn:
            return Text("\n".join(indented(branch)))
        tree = Tree(Text(printable(branch.label), style="bold"), guide_style="dim")
        _grow(tree, branch)
        return tree


def text_lines(scene: "Scene") -> Iterator[tuple[str, str, str]]:
    """Give a scene as lines of text, for programs: scene, kind of part, text."""
    for part in scene.parts:
        kind = type(part).__name__.lower()
        yield from ((scene.title, kind, text) for text in _texts(part))


def indented(branch: "Branch", depth: int = 0) -> Iterator[str]:
    """Give a tree as lines, two spaces to a level."""
    yield "  " * depth + printable(branch.label)
    for child in branch.children:
        yield from indented(child, depth + 1)


def _grow(tree: Tree, branch: "Branch") -> None:
    for child in branch.children:
        _grow(tree.add(Text(printable(child.label))), child)


def _texts(part: "Part") -> Iterator[str]:
    from precision_oncology.scenes.scene import Branch, Grid, Query, Refusal

    match part:
        case Grid():
            yield part.caption
            for row in part.rows:
                yield "; ".join(f"{name}={shown(cell)}" for name, cell in zip(part.columns, row, strict=True))
        case Branch():
            yield from indented(part)
        case Refusal():
            yield " ".join(filter(None, (part.caption, part.message, part.hint)))
        case Query(sql):
            yield sql
        case _:
            yield part.text
