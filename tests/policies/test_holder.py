"""The policies in force: what is taken up when files change, and what stays."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lakeward.catalog.taxonomy import Taxonomy, load_taxonomy
from lakeward.policies import holder as holding
from lakeward.policies.errors import PolicyError
from lakeward.policies.holder import PolicyHolder
from lakeward.policies.load import PolicySet, load_policies

BASE = "version: 1\nroles: {r: {members: [ada]}}\npurposes: [research]\n"
GRANT = "version: 1\ngrants: [{id: ID, to: [r], tables: ['*'], columns: [{tags: [health], mask: clear}]}]\n"
QUIET = 0.35


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "roles.yaml").write_text(BASE)
    (tmp_path / "grants.yaml").write_text(GRANT.replace("ID", "one"))
    return tmp_path


def ids(holder: PolicyHolder) -> list[str]:
    return [each.id for each in holder.current().documents.grants]


def soon(holder: PolicyHolder, expected: list[str]) -> bool:
    """Whether the holder comes to hold some grants within a few looks."""
    for _ in range(30):
        if ids(holder) == expected:
            return True
        time.sleep(0.1)
    return False


def rewrite(path: Path, text: str) -> None:
    path.write_text(text)


def replace(path: Path, text: str) -> None:
    other = path.with_suffix(".new")
    other.write_text(text)
    other.replace(path)


def keep_times(path: Path, text: str) -> None:
    """Write a text of the same length and put the old times back, as some tools that copy do."""
    before = path.stat()
    assert len(text) == before.st_size
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("change", [rewrite, replace, keep_times])
def test_a_change_is_taken_up(folder: Path, change: Callable[[Path, str], None]) -> None:
    holder = PolicyHolder(folder, load_taxonomy())
    assert ids(holder) == ["one"]
    change(folder / "grants.yaml", GRANT.replace("ID", "two"))
    assert soon(holder, ["two"])


def test_a_file_that_comes_or_goes_counts(folder: Path) -> None:
    holder = PolicyHolder(folder, load_taxonomy())
    (folder / "more.yml").write_text(GRANT.replace("ID", "three"))
    assert soon(holder, ["one", "three"])
    (folder / "grants.yaml").unlink()
    assert soon(holder, ["three"])


def test_a_broken_document_keeps_what_was_in_force_and_is_told(folder: Path) -> None:
    holder = PolicyHolder(folder, load_taxonomy())
    before = holder.current()
    (folder / "grants.yaml").write_text(GRANT.replace("ID", "two").replace("[r]", "[nobody]"))
    time.sleep(QUIET)
    assert holder.current() is before
    assert holder.fault is not None
    [(place, text)] = holder.fault.faults
    assert (place.file.name, place.line) == ("grants.yaml", 2)
    assert "nobody" in text
    (folder / "grants.yaml").write_text(GRANT.replace("ID", "two"))
    assert soon(holder, ["two"])
    assert holder.fault is None


def test_a_broken_document_at_the_start_is_raised(folder: Path) -> None:
    (folder / "grants.yaml").write_text("version: [")
    with pytest.raises(PolicyError):
        PolicyHolder(folder, load_taxonomy())


def test_files_that_were_just_written_wait_for_those_that_go_with_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "_SECONDS_OF_QUIET", 3600.0)
    monkeypatch.setattr(holding, "_MOST_SECONDS_TO_WAIT", 3600.0)
    holder = PolicyHolder(folder, load_taxonomy())
    (folder / "more.yaml").write_text(GRANT.replace("ID", "two"))
    time.sleep(QUIET)
    assert ids(holder) == ["one"]
    (folder / "then.yaml").write_text("version: 1\nrestrictions: [{id: x, tables: ['*'], rows: 'FALSE'}]\n")
    monkeypatch.setattr(holding, "_SECONDS_OF_QUIET", 0.0)
    assert soon(holder, ["one", "two"])
    assert [each.id for each in holder.current().documents.restrictions] == ["x"]


def test_a_clock_that_runs_ahead_does_not_put_a_change_off_for_ever(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "_SECONDS_OF_QUIET", 3600.0)
    monkeypatch.setattr(holding, "_MOST_SECONDS_TO_WAIT", 0.5)
    holder = PolicyHolder(folder, load_taxonomy())
    (folder / "grants.yaml").write_text(GRANT.replace("ID", "two"))
    assert soon(holder, ["two"])


def test_files_that_change_while_they_are_read_are_read_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "_SECONDS_OF_QUIET", 0.0)
    holder = PolicyHolder(folder, load_taxonomy())
    seen: list[int] = []

    def read_slowly(directory: Path, taxonomy: Taxonomy) -> PolicySet:
        """Read, while somebody else writes a further file."""
        found = load_policies(directory, taxonomy)
        if not seen:
            (folder / "then.yaml").write_text(
                "version: 1\nrestrictions: [{id: x, tables: ['*'], rows: 'FALSE'}]\n"
            )
        seen.append(len(found.restrictions))
        return found

    monkeypatch.setattr(holding, "load_policies", read_slowly)
    (folder / "grants.yaml").write_text(GRANT.replace("ID", "two"))
    time.sleep(QUIET)
    assert ids(holder) == ["one"]
    assert soon(holder, ["two"])
    assert seen == [0, 1]


def test_hidden_files_and_folders_are_no_documents(folder: Path) -> None:
    (folder / ".#grants.yaml").symlink_to("nowhere")
    (folder / "tests").mkdir()
    (folder / "tests" / "case.yaml").write_text("version: 1\ncases: []\n")
    assert ids(PolicyHolder(folder, load_taxonomy())) == ["one"]


def test_a_directory_that_vanishes_grants_nothing(folder: Path) -> None:
    holder = PolicyHolder(folder, load_taxonomy())
    folder.rename(folder.with_name("elsewhere"))
    assert soon(holder, [])
