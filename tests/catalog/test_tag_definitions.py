"""A lake's own tags: never weakened in silence, never in a circle, never taken from under a column."""

from pathlib import Path

import pytest

from lakeward.catalog.audit import AuditEvent, AuditRecord
from lakeward.catalog.lake import Lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.tags import MissingReasonError, UnsearchedTablesError, remove_tag, set_tag
from lakeward.catalog.taxonomy import LAKE_FILE, InvalidTaxonomyError, load_taxonomy
from lakeward.catalog.taxonomy.define import NotOwnTagError, TagInUseError, define_tag, undefine_tag

BATCH = {"name": "lab.batch", "title": "Batch", "classifies": True, "sensitive": True}


def test_a_tag_is_defined_used_and_taken_out(lake: Lake, patient: TableName) -> None:
    (lake.root / LAKE_FILE).write_text("# ours\ntags:\n  - {name: lab.kit, title: Kit}\n")
    made = define_tag(open_lake(lake.root), BATCH | {"parent": "lab.kit"}, actor="eve")
    assert made.more["parent"] == "lab.kit"
    assert "# ours" in (lake.root / LAKE_FILE).read_text()
    fresh = open_lake(lake.root)
    set_tag(fresh, patient, "id", "lab.batch", actor="eve")
    with pytest.raises(TagInUseError):
        undefine_tag(fresh, "lab.batch", actor="eve", reason="r")
    remove_tag(fresh, patient, "id", "lab.batch", actor="eve", reason="r")
    undefine_tag(fresh, "lab.batch", actor="eve", reason="r")
    assert load_taxonomy(lake.root).get("lab.batch") is None
    assert [each.kind for each in fresh.audit.records(kind="tag.undefine")] == ["tag.undefine"]
    with pytest.raises(NotOwnTagError):
        undefine_tag(open_lake(lake.root), "phi.vehicle", actor="eve", reason="r")


def test_a_definition_becomes_weaker_only_with_a_reason(lake: Lake) -> None:
    define_tag(lake, BATCH, actor="eve")
    fresh = open_lake(lake.root)
    with pytest.raises(MissingReasonError):
        define_tag(fresh, BATCH | {"sensitive": False}, actor="eve")
    assert load_taxonomy(lake.root).require("lab.batch").sensitive
    define_tag(fresh, BATCH | {"sensitive": False}, actor="eve", reason="numbers of kits")
    assert not load_taxonomy(lake.root).require("lab.batch").sensitive
    with pytest.raises(InvalidTaxonomyError):
        define_tag(
            open_lake(lake.root),
            {"name": "phi.ssn", "title": "x", "sensitive": False},
            actor="eve",
            reason="r",
        )
    with pytest.raises(InvalidTaxonomyError):
        define_tag(open_lake(lake.root), {"name": "No Name", "title": "x"}, actor="eve")


@pytest.mark.parametrize(
    ("parents", "what"),
    [
        ({"a.a": "a.b", "a.b": "a.c", "a.c": "a.a"}, "circle"),
        ({"a.a": "a.a"}, "circle"),
        ({"a.a": "a.nope"}, "no tag"),
        ({"hl7.spi": "hl7.cogn"}, "circle"),
    ],
)
def test_a_taxonomy_that_goes_in_a_circle_is_refused(
    tmp_path: Path, parents: dict[str, str], what: str
) -> None:
    lines = "".join(
        f"  - {{name: {name}, title: x, classifies: false, parent: {parent}}}\n"
        for name, parent in parents.items()
    )
    (tmp_path / LAKE_FILE).write_text(f"tags:\n{lines}")
    with pytest.raises(InvalidTaxonomyError, match=what):
        load_taxonomy(tmp_path)


def test_a_chain_of_parents_is_no_circle(tmp_path: Path) -> None:
    (tmp_path / LAKE_FILE).write_text(
        "tags:\n  - {name: a.a, title: x, parent: a.b}\n  - {name: a.b, title: y, parent: hl7.cogn}\n"
    )
    assert load_taxonomy(tmp_path).require("a.a").more["parent"] == "a.b"


def test_nothing_is_taken_out_while_a_table_cannot_be_searched(lake: Lake, patient: TableName) -> None:
    define_tag(lake, BATCH, actor="eve")
    lake.iceberg().load_table(str(patient)).transaction().set_properties(
        {"lakeward.tag.1": "lab.batch"}
    ).commit_transaction()
    with pytest.raises(UnsearchedTablesError):
        undefine_tag(open_lake(lake.root), "lab.batch", actor="eve", reason="r")
    assert load_taxonomy(lake.root).get("lab.batch")


def test_a_change_by_somebody_else_meanwhile_is_not_lost(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    other = "tags:\n  - {name: lab.kit, title: Kit}\n"
    append = lake.audit.append

    def meanwhile(event: AuditEvent) -> AuditRecord:
        (lake.root / LAKE_FILE).write_text(other)
        return append(event)

    monkeypatch.setattr(lake.audit, "append", meanwhile)  # the moment between reading and writing
    with pytest.raises(InvalidTaxonomyError, match="meanwhile"):
        define_tag(lake, BATCH, actor="eve")
    assert (lake.root / LAKE_FILE).read_text() == other
    assert sorted(each.name for each in lake.root.iterdir() if each.name.startswith(f".{LAKE_FILE}")) == []
