"""What every tracked file promises: its size, its docstrings, and that it knows no one machine."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("catalog", "policies", "lineage", "contracts", "gateway", "cli", "examples")
Function = ast.FunctionDef | ast.AsyncFunctionDef
Trees = dict[Path, ast.Module]

MACHINE_PATHS = re.compile(r"(?<![\w./-])/(home|Users|root|work)/[a-z]")


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S607  git, wherever it is
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def sources() -> list[Path]:
    found = [path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in ROOMS]
    assert len(found) > len(ROOMS)
    return found


@pytest.fixture(scope="module")
def trees() -> Trees:
    return {path: ast.parse(path.read_text("utf-8")) for path in sources()}


def functions(trees: Trees) -> Iterator[tuple[Path, Function]]:
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield path, node


def lines(node: Function) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def public(tree: ast.Module | ast.ClassDef) -> Iterator[ast.ClassDef | Function]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


def is_overload(node: ast.ClassDef | Function) -> bool:
    return any(
        isinstance(each, ast.Name) and each.id in {"overload", "override"} for each in node.decorator_list
    )


def test_functions_are_short(trees: Trees) -> None:
    lengths = sorted(lines(node) for _, node in functions(trees))
    assert median(lengths) <= 10
    assert lengths[int(len(lengths) * 0.9)] <= 35


def test_everything_public_has_a_docstring(trees: Trees) -> None:
    missing = []
    for path, tree in trees.items():
        missing += [f"{path.relative_to(ROOT)}:1"] if not ast.get_docstring(tree) else []
        missing += [
            f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
            for node in public(tree)
            if not is_overload(node) and not ast.get_docstring(node)
        ]
    assert not missing


def test_everything_says_what_it_returns(trees: Trees) -> None:
    assert not [
        f"{path.relative_to(ROOT)}:{node.lineno}" for path, node in functions(trees) if node.returns is None
    ]


def test_no_tracked_file_names_a_folder_of_one_machine() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number}"
            for number, line in enumerate(text.splitlines(), 1)
            if MACHINE_PATHS.search(line)
        ]
    assert not found


def test_no_module_is_called_after_nothing() -> None:
    assert not {path.stem for path in sources()} & {"utils", "helpers", "common", "manager", "data", "info"}
