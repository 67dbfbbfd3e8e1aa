"""A subject leaves every table, its past and its files; or nothing is touched and the reason said."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.catalog.erasure import erase
from lakeward.catalog.erasure.erase import ErasureRefusedError, erase_subject, resume_erasures
from lakeward.catalog.erasure.search import search_lake
from lakeward.catalog.erasure.subject import InvalidConditionError, NoSubjectError, Subject, find_subject
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.tables import evolve_table
from lakeward.catalog.tags import set_tag

XREF, VISIT, SAMPLE, SITE = (TableName("clinic", each) for each in ("xref", "visit", "sample", "site"))
PLANTED = (b"PLANTEDNAME", b"PLANTEDCODE", b"PLANTEDNOTE", b"PLANTEDOLD", b"S-PLANTED")
TAGS = {"patient_id": ["phi.mrn"]}


def fill(lake: Lake) -> None:
    xref = {"patient_id": ["P-PLANTEDCODE", "P-2"], "local_id": ["S-PLANTED", "S-2"]}
    tags = {**TAGS, "local_id": ["phi.unique"]}
    write_batches(lake, XREF, pa.table(xref).to_reader(), tags=tags, actor="ada")
    for note in ("PLANTEDOLD", "PLANTEDNOTE"):
        visit = {
            "patient_id": ["P-PLANTEDCODE", "P-2"],
            "who": ["PLANTEDNAME", "Bob"],
            "note": [note, "kept"],
        }
        write_batches(lake, VISIT, pa.table(visit).to_reader(), mode="replace", tags=TAGS, actor="ada")
    write_batches(lake, SAMPLE, pa.table({"sample_id": ["S-PLANTED", "S-2"]}).to_reader(), actor="ada")
    write_batches(lake, SITE, pa.table({"site": ["north"]}).to_reader(), actor="ada")


def subject(lake: Lake) -> Subject:
    return find_subject(lake, XREF, "patient_id = 'P-PLANTEDCODE'", matches={"sample_id": "local_id"})


def erased(lake: Lake, **more: object) -> erase.Certificate:
    return erase_subject(lake, subject(lake), actor="eve", reason="her wish", grace=0, **more)  # type: ignore[arg-type]


def left(lake: Lake) -> list[bytes]:
    """Which planted values any byte of the lake still holds, store and audit chain included."""
    raw = b"\n".join(each.read_bytes() for each in Path(lake.root).rglob("*") if each.is_file())
    tables = (pq.read_table(each) for each in Path(lake.root).rglob("*.parquet"))  # compressed in the file
    whole = raw + b"\n".join(str(each.to_pylist()).encode() for each in tables)
    return [each for each in PLANTED if each in whole]


def rows(lake: Lake, name: TableName) -> int:
    return int(lake.iceberg().load_table(str(name)).scan().to_arrow().num_rows)


def test_no_byte_of_a_subject_is_left(lake: Lake) -> None:
    fill(lake)
    assert len(left(lake)) == len(PLANTED)
    done = erased(lake)
    assert left(lake) == []
    assert {str(each.name): (each.rows, each.past_rows) for each in done.tables} == {
        "clinic.sample": (1, 0), "clinic.visit": (1, 1), "clinic.xref": (1, 0),
    }  # fmt: skip
    assert [rows(lake, each) for each in (XREF, VISIT, SAMPLE, SITE)] == [1, 1, 1, 1]
    record = next(iter(lake.audit.records(kind="erasure.certificate")))
    assert record.seq == done.record
    assert record.details["not_searched"] == ["clinic.site"]
    assert lake.audit.verify().is_intact
    assert not lake.pin(VISIT).holds_erased
    with pytest.raises(NoSubjectError):
        subject(lake)


def test_a_dry_run_tells_tables_and_rows_and_changes_nothing(lake: Lake) -> None:
    fill(lake)
    before = lake.pin(VISIT).metadata_location
    found, unsearched = search_lake(lake, subject(lake))
    assert [(str(each.name), each.rows) for each in found][-1] == ("clinic.xref", 1)
    assert unsearched == [SITE]
    assert lake.pin(VISIT).metadata_location == before
    assert "PLANTED" not in repr(subject(lake))
    assert "PLANTED" not in repr(found)


@pytest.mark.parametrize("place", ["patient_id", "*"])
def test_a_legal_hold_stops_it_in_every_table(lake: Lake, place: str) -> None:
    fill(lake)
    set_tag(lake, VISIT, place, "hold.legal", actor="ada")
    with pytest.raises(ErasureRefusedError, match=r"hold\.legal") as refusal:
        erased(lake)
    assert "PLANTED" not in str(refusal.value)
    assert len(left(lake)) == len(PLANTED)


def test_a_column_that_was_renamed_is_searched(lake: Lake) -> None:
    fill(lake)
    evolve_table(lake, VISIT, lambda update: update.rename_column("patient_id", "pid"), actor="ada")
    erased(lake)
    assert left(lake) == []
    assert rows(lake, VISIT) == 1


def test_a_column_that_was_dropped_is_searched_too(lake: Lake) -> None:
    fill(lake)
    evolve_table(lake, VISIT, lambda update: update.delete_column("patient_id"), actor="ada")
    with pytest.raises(ErasureRefusedError, match="dropped"):
        erased(lake)
    assert len(left(lake)) == len(PLANTED)


def test_a_reference_holds_it_until_released(lake: Lake) -> None:
    fill(lake)
    table = lake.iceberg().load_table(str(VISIT))
    table.manage_snapshots().create_tag(table.snapshots()[0].snapshot_id, "v1").commit()
    with pytest.raises(ErasureRefusedError, match="v1"):
        erased(lake)
    erased(lake, release=True)
    assert left(lake) == []


@pytest.mark.parametrize("step", ["purge_history", "sweep"])
def test_an_erasure_that_was_interrupted_is_given_again(
    lake: Lake, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(lake)

    def fail(*_args: object, **_named: object) -> None:
        raise KeyboardInterrupt

    where = "erasure.erase" if step == "purge_history" else "purge"
    with monkeypatch.context() as patch:
        patch.setattr(f"lakeward.catalog.{where}.{step}", fail)
        with pytest.raises(KeyboardInterrupt):
            erased(lake)
    erased(lake)
    assert resume_erasures(lake, actor="eve") == []
    assert left(lake) == []


def test_a_condition_that_is_none_says_nothing_of_itself(lake: Lake) -> None:
    fill(lake)
    for where in ("patient_id == == 'SECRET'", "nowhere = 'SECRET'", "drop table SECRET"):
        with pytest.raises(InvalidConditionError) as error:
            find_subject(lake, XREF, where)
        assert "SECRET" not in str(error.value)
