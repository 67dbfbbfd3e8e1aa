"""`lakeward policy` on folders and files without sound documents: clear words, the right code, at once."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_policy import CASES, root

from lakeward.policies.errors import PolicyError
from lakeward.policies.load import load_policies

__all__ = ["root"]
Run = Callable[..., Any]
Make = Callable[[Path], object]
NOBODY = 65534
LONG = "a" * 500_000


def document(content: str | bytes) -> Make:
    written = content.encode() if isinstance(content, str) else content

    def make(folder: Path) -> None:
        folder.mkdir()
        (folder / "a.yaml").write_bytes(written)

    return make


def entry(make: Make) -> Make:
    """Put something else where a document should be."""

    def both(folder: Path) -> None:
        folder.mkdir()
        make(folder / "a.yaml")

    return both


def rule(what: str) -> str:
    grant = f"- {{id: g, to: [r], tables: ['*'], columns: [{{tags: ['*'], mask: clear}}], {what}}}"
    return f"version: 1\nroles: {{r: {{}}}}\npurposes: [p]\ngrants:\n  {grant}\n"


FOLDERS: dict[str, tuple[Make, str]] = {
    "missing": (lambda _: None, "does not exist"),
    "a file": (lambda folder: folder.write_text("version: 1\n"), "is a file"),
    "a loop": (lambda folder: folder.symlink_to(folder.name), "does not exist"),
    "a link to nothing": (lambda folder: folder.symlink_to("nowhere"), "does not exist"),
    "broken YAML": (document("version: 1\nroles: [\n"), "a.yaml:3:1: is not valid YAML"),
    "no UTF-8": (document(b"version: 1\n# \xff\n"), "a.yaml:2:1: is no text in UTF-8"),
    "NUL": (document("version: 1\n\0"), "a.yaml:1:1: cannot be read as YAML"),
    "an empty document": (document(""), "holds no mapping"),
    "a list": (document("- 1\n"), "holds no mapping"),
    "another version": (document("version: 2\n"), "`version` input should be 1"),
    "an alias": (document("version: 1\nroles: *x\n"), "a.yaml:2:8"),
    "a huge document": (document(b"#" * 9_000_000), "holds 9,000,000 bytes"),
    "a folder as document": (entry(Path.mkdir), "a.yaml:1:1: is no regular file"),
    "a document that is a pipe": (entry(os.mkfifo), "a.yaml:1:1: is no regular file"),
    "a document without end": (entry(lambda file: file.symlink_to("/dev/zero")), "is no regular file"),
    "a document that is gone": (entry(lambda file: file.symlink_to("nowhere")), "a.yaml:1:1: is not there"),
    "a document that is a loop": (entry(lambda file: file.symlink_to("a.yaml")), "leads to itself"),
    "an unknown role": (document(rule("purposes: [q]")), "there is no purpose `q`"),
    "a name as long as a file": (document(rule(f"purposes: [{LONG}]")), "(cut)"),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_bad_folder_is_refused_in_clear_words(run: Run, root: Path, name: str) -> None:
    make, told = FOLDERS[name]
    folder, good = root.parent / "bad", root / "policies"
    make(folder)
    for words in (("check", folder), ("diff", folder, good), ("diff", good, folder)):
        result = run("policy", *words, "--lake", root)
        assert (result.code, result.out) == (2, "")
        assert told in result.err
        assert "Hint: " in result.err
        assert "Traceback" not in result.err
        assert len(result.err) < 3_000


@pytest.mark.parametrize(
    "name", ["broken YAML", "no UTF-8", "a document that is a pipe", "a name as long as a file"]
)
def test_bad_documents_of_the_lake_are_refused_by_every_command(run: Run, root: Path, name: str) -> None:
    make, told = FOLDERS[name]
    make(root / "more")
    (root / "more" / "a.yaml").rename(root / "policies" / "a.yaml")
    cases = root.parent / "cases.yaml"
    cases.write_text(CASES, "utf-8")
    for words in (
        ("check",),
        ("list",),
        ("explain", "ada", "main.visit", "--purpose", "research"),
        ("who-can", "main.visit.name"),
        ("test", cases),
    ):
        result = run("policy", *words, "--lake", root)
        assert (result.code, told in result.err) == (2, True), (words, result.err)
        assert len(result.err) < 3_000


@pytest.mark.parametrize(
    "name", ["no UTF-8", "a document that is a pipe", "a document without end", "a list"]
)
def test_bad_files_of_cases_are_refused(run: Run, root: Path, name: str) -> None:
    make, told = FOLDERS[name]
    make(root / "more")
    result = run("policy", "test", root / "more" / "a.yaml", "--lake", root)
    assert (result.code, told in result.err) == (2, True), result.err


@pytest.mark.parametrize("other", ["", "readme.txt", "policies/visits.yaml", ".hidden.yaml"])
def test_a_folder_without_documents_is_valid_and_said_to_be_one(run: Run, root: Path, other: str) -> None:
    """It may be the wrong one: nobody gains by it, so `diff` would pass without a word."""
    folder = root.parent / "none"
    (folder / other).parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(exist_ok=True)
    if other:
        (folder / other).write_text("version: 1\n")
    told = f"{folder} holds no policy documents"
    check = run("policy", "check", folder, "--lake", root)
    assert (check.code, told in check.err) == (0, True)
    less = run("policy", "diff", root / "policies", folder, "--lake", root)
    assert (less.code, told in less.err) == (0, True)
    more = run("policy", "diff", folder, root / "policies", "--lake", root)
    assert (more.code, told in more.err) == (5, True)


def test_a_folder_that_may_not_be_read_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir(mode=0)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(NOBODY)
        with pytest.raises(PolicyError, match="the folder cannot be read"):
            load_policies(folder)
    finally:
        os.seteuid(user)
        folder.chmod(0o700)
