"""Values that are binary, huge, broken, mixed, in another script or not there: right, or held back."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.catalog.classify import Column, classify_columns
from lakeward.catalog.classify.words import vocabulary

BROKEN_UTF8 = pa.Array.from_buffers(
    pa.string(),
    3,
    [None, pa.array([0, 2, 4, 6], pa.int32()).buffers()[1], pa.py_buffer(b"\xff\xfe\xfd\xfc\xfb\xfa")],
)
ODD = {
    "all null": pa.nulls(30),
    "null text": pa.array([None] * 30, pa.string()),
    "empty": pa.array([], pa.string()),
    "blank": pa.array(["", " ", "n/a"] * 10),
    "binary": pa.array([b"\x00\xff\xd8"] * 30),
    "broken text": BROKEN_UTF8,
    "huge": pa.array(["x" * 5_000_000, "y" * 5_000_000]),
    "hebrew": pa.array(["דוד כהן", "שרה לוי", "משה פרץ"] * 10),
    "arabic": pa.array([f"المريض محمد علي يعاني من الحمى منذ {number}" for number in range(30)]),
    "marks": pa.array(["\u202egnirts\u202c", "a\u200fb", "\x00\x1b[31m"] * 10),
    "mixed": pa.array(["12", "Ann", "2020-01-01", "a@b.example", "x"] * 6),
    "vectors": pa.array([[0.1, 0.2]] * 30),
    "structs": pa.array([{"a": 1}] * 30),
    "nan": pa.array([float("nan"), float("inf"), 1.0] * 10),
    "decimals": pa.array(["1.10", "2.20"] * 10).cast(pa.decimal128(10, 2)),
    "dictionary": pa.array(["a", "b"] * 10).dictionary_encode(),
    "days": pa.array([0, 1, 2], pa.date32()),
    "durations": pa.array([1, 2, 3], pa.duration("s")),
}


@pytest.mark.parametrize("values", ODD.values(), ids=list(ODD))
def test_odd_values_are_judged_or_held_back(values: pa.Array) -> None:
    found = classify_columns("t", [Column("c1", values.type, values), Column("patient_id")])[0]
    assert found.role != "none"


@pytest.mark.parametrize(
    "name", ["", "   ", "_", "12", "患者姓名", "שם", "a" * 5_000, "x" * 300 + "_id", "💊", "a\x00b"]
)
def test_odd_names_are_held_back(name: str) -> None:
    assert classify_columns("t", [Column(name)])[0].role != "none"


def test_a_table_without_columns_has_no_proposals() -> None:
    assert classify_columns("t", []) == []


IDENTIFIERS = {
    "ssn": [f"{number:03}-45-{number:04}" for number in range(101, 141)],
    "email": [f"user{number}@example.org" for number in range(40)],
    "phone": [f"(415) 555-{number:04}" for number in range(40)],
}
WORDS = st.lists(st.sampled_from(sorted(set(vocabulary().values()))), min_size=1, max_size=3)


@given(words=WORDS, kind=st.sampled_from(sorted(IDENTIFIERS)), table=WORDS)
def test_no_name_clears_a_column_full_of_identifiers(words: list[str], kind: str, table: list[str]) -> None:
    values = pa.array(IDENTIFIERS[kind])
    found = classify_columns("_".join(table), [Column("_".join(words), pa.string(), values)])[0]
    assert found.role in {"direct", "sensitive", "unclassified"}


@given(values=st.lists(st.text(min_size=4, max_size=40), min_size=1, max_size=20), words=WORDS)
def test_no_value_is_told(values: list[str], words: list[str]) -> None:
    planted = [f"VALUE{index}{value}" for index, value in enumerate(values)]
    name = "_".join(words)
    record = str(classify_columns("t", [Column(name, pa.string(), pa.array(planted))])[0].record())
    assert not any(value in record for value in planted)
