"""Walking lineage: versions, columns, files, replaced and appended tables, cycles."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.lineage.facts import SHA, file, imported, queried, table

from lakeward.catalog.store import Store, create_store
from lakeward.lineage.errors import UnknownDatasetError
from lakeward.lineage.graph import Branch, LineageGraph, Reference, rows
from lakeward.lineage.recorder import LineageRecorder

VARIANT = table("raw.variant", 1, "id", "gene")
NOTE = table("raw.note", 2, "id", "text")
FUSED = table("mart.fused", 3, "id", "gene", "long")
FUSE = "SELECT v.id, v.gene, length(n.text) > 9 AS long FROM raw.variant v JOIN raw.note n ON n.id = v.id"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = create_store(f"sqlite:///{tmp_path}/governance.db")
    recorder = LineageRecorder(store)
    recorder.record(imported(run(1), VARIANT, file("/raw/a.vcf")))
    recorder.record(imported(run(2), NOTE, file("/raw/n.txt")))
    recorder.record(queried(run(3), FUSE, FUSED, VARIANT, NOTE))
    yield store
    store.close()


def run(number: int) -> str:
    return f"01a20bb2-1e6c-7f35-862d-{number:012d}"


def names(branch: Branch) -> set[str]:
    return {row.reference.name for row in rows(branch)}


def test_a_column_of_a_fusion_table_leads_to_raw_files_with_their_hashes(store: Store) -> None:
    tree = LineageGraph(store).upstream("mart.fused.gene")
    assert names(tree) == {
        "raw.variant.gene",
        "raw.variant.id",
        "raw.note.id",
        "/raw/a.vcf.gene",
        "/raw/a.vcf.id",
        "/raw/n.txt.id",
    }
    files = [row.reference for row in rows(tree) if row.reference.is_file]
    assert {each.version for each in files} == {SHA}


def test_a_table_leads_to_tables_and_files(store: Store) -> None:
    tree = LineageGraph(store).upstream("mart.fused")
    assert names(tree) == {"raw.variant", "raw.note", "/raw/a.vcf", "/raw/n.txt"}
    assert [row.depth for row in rows(tree)] == [1, 2, 1, 2]


def test_how_a_column_came_is_told(store: Store) -> None:
    found = {row.reference.name: row.ways for row in LineageGraph(store).show("mart.fused.long")}
    assert found["raw.note.text"] == ("DIRECT TRANSFORMATION",)
    assert found["raw.note.id"] == ("INDIRECT JOIN",)


def test_what_a_file_feeds(store: Store) -> None:
    graph = LineageGraph(store)
    assert [row.reference.name for row in graph.impact("/raw/n.txt")] == ["raw.note", "mart.fused"]
    assert names(graph.downstream("raw.note.text")) == {"mart.fused.long"}


def test_names_fold_their_case_in_columns(store: Store) -> None:
    assert names(LineageGraph(store).downstream("raw.note.TEXT")) == {"mart.fused.long"}


def test_an_appended_table_holds_what_every_append_brought(store: Store) -> None:
    recorder = LineageRecorder(store)
    recorder.record(imported(run(4), table("raw.variant", 11, "id", "gene"), file("/raw/b.vcf")))
    graph = LineageGraph(store)
    assert names(graph.upstream("raw.variant")) == {"/raw/a.vcf", "/raw/b.vcf"}
    assert names(graph.upstream("mart.fused")) == {"raw.variant", "raw.note", "/raw/a.vcf", "/raw/n.txt"}


def test_a_replaced_table_holds_only_what_came_last(store: Store) -> None:
    recorder = LineageRecorder(store)
    recorder.record(
        imported(run(4), table("raw.variant", 11, "id", "gene"), file("/raw/b.vcf"), replaces=True)
    )
    graph = LineageGraph(store)
    assert names(graph.upstream("raw.variant")) == {"/raw/b.vcf"}
    assert names(graph.upstream("raw.variant@1")) == {"/raw/a.vcf"}


def test_a_table_that_feeds_itself_ends(store: Store) -> None:
    later = table("mart.fused", 4, "id", "gene", "long")
    LineageRecorder(store).record(queried(run(4), "SELECT id, gene, long FROM mart.fused", later, FUSED))
    graph = LineageGraph(store)
    assert "/raw/a.vcf" in names(graph.upstream("mart.fused"))
    assert names(graph.downstream("raw.variant")) == {"mart.fused"}


def test_depth_cuts_the_tree(store: Store) -> None:
    assert names(LineageGraph(store).upstream("mart.fused", depth=1)) == {"raw.variant", "raw.note"}


def test_underscores_of_a_name_are_no_wildcards(store: Store) -> None:
    LineageRecorder(store).record(imported(run(5), table("raw.x_y", 1, "id"), file("/raw/x.csv")))
    LineageRecorder(store).record(imported(run(6), table("raw.xzy", 1, "id"), file("/raw/z.csv")))
    assert names(LineageGraph(store).upstream("raw.x_y")) == {"/raw/x.csv"}


@pytest.mark.parametrize("name", ["raw.nothing", "/raw/nothing", "nothing"])
def test_what_no_run_knows_is_an_error(store: Store, name: str) -> None:
    with pytest.raises(UnknownDatasetError):
        LineageGraph(store).upstream(name)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("a.b", Reference("a.b")),
        ("a.b.c", Reference("a.b", None, "c")),
        ("a.b.c.d", Reference("a.b", None, "c.d")),
        ("a.b@7", Reference("a.b", "7")),
        ("/x/y.csv", Reference("file:/x/y.csv")),
        ("file:/x/y.csv@ab", Reference("file:/x/y.csv", "ab")),
    ],
)
def test_references_are_read(text: str, reference: Reference) -> None:
    assert Reference.parse(text) == reference
