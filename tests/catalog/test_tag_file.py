"""Tags from a reviewed file: whole or not at all, and twice is as good as once."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.tag_file import InvalidTagFileError, apply_tag_file, plan_tag_file, read_tag_file
from lakeward.catalog.tags import MissingReasonError, UnknownColumnError, list_tags, tag_history
from lakeward.catalog.taxonomy import UnknownTagError

LABS = TableName("lab", "value")


@pytest.fixture(autouse=True)
def _tables(lake: Lake, patient: TableName) -> None:
    assert patient.table == "patient"
    write_batches(lake, LABS, pa.table({"mrn": ["M"]}).to_reader(), actor="ada")


def _own(lake: Lake, name: str) -> dict[str, frozenset[str]]:
    return {each.path: each.own for each in list_tags(lake, lake.name(name)) if each.own}


def test_a_csv_file_sets_and_removes_once(lake: Lake, tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_text(
        "table,column,tags,action,reason\n"
        'lab.value,mrn,"phi.mrn role.direct",,\n'
        "clinic.patient,id,phi.mrn;role.direct,set,\n"
        "clinic.patient,name,phi.name,remove,emptied at the source\n"
        "clinic.patient,codes,,,\n"
    )
    orders = read_tag_file(lake, file)
    planned = plan_tag_file(lake, orders)
    assert len(planned) == 5
    assert _own(lake, "lab.value") == {}
    assert apply_tag_file(lake, orders, actor="grace") == planned
    assert _own(lake, "lab.value") == {"mrn": {"phi.mrn", "role.direct"}}
    assert _own(lake, "clinic.patient") == {"id": {"phi.mrn", "role.direct"}, "address.street": {"phi.geo"}}
    assert tag_history(lake, lake.name("clinic.patient"))[-1].reason == "emptied at the source"
    with pytest.raises(LakewardError, match="does not bear"):
        read_tag_file(lake, file)  # what is gone cannot be removed again: the file is of another state


def test_what_classify_proposes_is_a_file_too(lake: Lake, tmp_path: Path) -> None:
    file = tmp_path / "tags.json"
    row = {"table": "lab.value", "column": "mrn", "role": "direct", "tags": ["phi.mrn"], "confidence": 0.9}
    file.write_text(json.dumps([row, {**row, "tags": []}]))
    apply_tag_file(lake, read_tag_file(lake, file), actor="grace")
    assert _own(lake, "lab.value") == {"mrn": {"phi.mrn"}}
    assert apply_tag_file(lake, read_tag_file(lake, file), actor="grace") == []


GOOD = '{"table": "lab.value", "column": "mrn", "tags": ["health"]}'


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", InvalidTagFileError),
        ("table,column\nlab.value,mrn\n", InvalidTagFileError),
        ("[1]", InvalidTagFileError),
        ("[{", InvalidTagFileError),
        ("\ufeff[{}]", InvalidTagFileError),
        (f'[{GOOD}, {{"table": "lab.value", "column": "mrn"}}]', InvalidTagFileError),
        (f'[{GOOD}, {{"table": "lab.value", "column": "mrn", "tags": 7}}]', InvalidTagFileError),
        (
            f'[{GOOD}, {{"table": "lab.value", "column": "mrn", "tags": "health", "action": "x"}}]',
            InvalidTagFileError,
        ),
        (f'[{GOOD}, {{"table": "lab.value", "column": "nope", "tags": "health"}}]', UnknownColumnError),
        (f'[{GOOD}, {{"table": "lab.value", "column": "mrn", "tags": "phi.mrm"}}]', UnknownTagError),
        (f'[{GOOD}, {{"table": "lab.nope", "column": "mrn", "tags": "health"}}]', LakewardError),
        (f'[{GOOD}, {{"table": "LAB", "column": "mrn", "tags": "health"}}]', LakewardError),
        (
            '[{"table": "clinic.patient", "column": "name", "tags": "phi.name", "action": "remove"}]',
            MissingReasonError,
        ),
        ('table,column,tags\nlab.value,"mrn,health\n', InvalidTagFileError),
    ],
)
def test_a_file_with_a_fault_changes_nothing(
    lake: Lake, tmp_path: Path, text: str, error: type[Exception]
) -> None:
    file = tmp_path / "tags"
    file.write_text(text, "utf-8")
    with pytest.raises(error):
        apply_tag_file(lake, read_tag_file(lake, file), actor="grace")
    assert _own(lake, "lab.value") == {}


def test_a_file_that_is_no_text(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "tags").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidTagFileError):
        read_tag_file(lake, tmp_path / "tags")
