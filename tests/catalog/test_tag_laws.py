"""Laws of tags and names, held for whatever hypothesis finds."""

import re
from collections.abc import Mapping
from functools import partial

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyiceberg.table.update.schema import UpdateSchema
from pyiceberg.types import LongType, StringType

from lakeward.catalog.effective import TABLE, effective_tags, is_classified
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import init_lake
from lakeward.catalog.names import InvalidTableNameError, TableName
from lakeward.catalog.signature import DIGEST, GENERATION, PREFIX, UNTAGGED, read_signed, sign
from lakeward.catalog.tables import evolve_table
from lakeward.catalog.tags import set_tags
from lakeward.catalog.taxonomy import load_taxonomy
from lakeward.catalog.types import Field, ListType, PrimitiveType, StructType

KEY = b"k" * 32
TAXONOMY = load_taxonomy()
NAMES = sorted(each.name for each in TAXONOMY.all())
tags_of_one = st.frozensets(st.sampled_from(NAMES), max_size=3)
tag_sets = st.dictionaries(st.integers(1, 9).map(str) | st.just(TABLE), tags_of_one, max_size=5)


@given(tags=tag_sets, generation=st.integers(1, 10**9))
def test_what_was_signed_is_read(tags: Mapping[str, frozenset[str]], generation: int) -> None:
    signed = sign(KEY, "uuid", generation, tags)
    found = read_signed(KEY, "uuid", {**signed.properties(), "unrelated": "x"})
    assert found == signed
    assert found is not None
    assert found.tags == {key: each for key, each in tags.items() if each}


@given(data=st.data(), tags=tag_sets.filter(lambda each: any(each.values())))
def test_any_change_breaks_the_signature(data: st.DataObject, tags: Mapping[str, frozenset[str]]) -> None:
    properties = sign(KEY, "uuid", 3, tags).properties()
    edited = dict(properties)
    match data.draw(st.sampled_from(["value", "remove", "add", "swap"])):
        case "value":
            key = data.draw(st.sampled_from(sorted(edited)))
            edited[key] = data.draw(st.text(max_size=30))
        case "remove":
            del edited[data.draw(st.sampled_from(sorted(edited)))]
        case "add":
            edited[PREFIX + data.draw(st.text(max_size=5))] = data.draw(st.sampled_from(NAMES))
        case "swap":
            keys = sorted(each for each in edited if each.startswith(PREFIX))
            one, other = data.draw(st.sampled_from(keys)), data.draw(st.sampled_from(keys))
            edited[one], edited[other] = edited[other], edited[one]
        case other_way:
            raise AssertionError(other_way)
    assert (read_signed(KEY, "uuid", edited) is None) == (edited != properties)
    assert read_signed(KEY, "other", properties) is None
    assert read_signed(b"x" * 32, "uuid", properties) is None


def test_nothing_at_all_is_untagged_and_half_of_it_is_not() -> None:
    assert read_signed(KEY, "uuid", {"owner": "x"}) is UNTAGGED
    assert read_signed(KEY, "uuid", {GENERATION: "1"}) is None
    assert read_signed(KEY, "uuid", {DIGEST: ""}) is None
    assert read_signed(KEY, "uuid", {f"{PREFIX}1": "health"}) is None


LEAF = PrimitiveType("string")
COLUMN = Field(1, "c", StructType((Field(2, "a", LEAF), Field(3, "b", ListType(4, LEAF)))))


@given(own=tag_sets, inherited=tags_of_one)
def test_effective_tags_lose_only_none(own: Mapping[str, frozenset[str]], inherited: frozenset[str]) -> None:
    mine = {key: each for key, each in own.items() if key in {"1", "2", "3", "4"}}
    union = inherited.union(*mine.values())
    found = effective_tags(COLUMN, own, inherited, TAXONOMY)
    assert found | {"sensitivity.none"} >= union
    assert found <= union
    assert not ("sensitivity.none" in found and found & TAXONOMY.sensitive)


@given(own=tag_sets, more=tag_sets)
def test_saying_more_never_unclassifies(
    own: Mapping[str, frozenset[str]], more: Mapping[str, frozenset[str]]
) -> None:
    nothing: frozenset[str] = frozenset()
    more = {key: each & TAXONOMY.classifying for key, each in more.items()}
    both = {key: own.get(key, nothing) | more.get(key, nothing) for key in {*own, *more}}
    if is_classified(COLUMN, own, nothing, TAXONOMY):
        assert is_classified(COLUMN, both, nothing, TAXONOMY)


@given(st.text(max_size=70))
def test_a_name_is_what_it_says_or_refused(text: str) -> None:
    try:
        name = TableName.parse(text)
    except InvalidTableNameError:
        assert re.fullmatch(r"[a-z_][a-z0-9_]{0,63}\.[a-z_][a-z0-9_]{0,63}", text) is None
    else:
        assert str(name) == text
        assert text.isascii()
        assert text == text.lower()
        assert text.count(".") == 1


steps = st.lists(
    st.tuples(st.sampled_from(["rename", "drop", "add", "promote", "first"]), st.integers(0, 5)), max_size=6
)


@settings(max_examples=12, deadline=None)
@given(steps=steps)
def test_tags_stay_with_their_field_ids(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    lake = init_lake(tmp_path_factory.mktemp("lake") / "lake")
    name = TableName("laws", "t")
    data = pa.table({f"c{n}": pa.array([n], pa.int32()) for n in range(4)})
    write_batches(lake, name, data.to_reader(), actor="ada")
    set_tags(lake, name, {"c0": ["phi.mrn"], "c1": ["health"], "c2": ["phi.ssn", "role.direct"]}, actor="ada")
    expected = {each.field_id: each.tags for each in lake.pin(name).columns}
    fresh = iter(range(100, 200))
    for step, pick in steps:
        columns = lake.pin(name).columns
        chosen = columns[pick % len(columns)]
        new = f"n{next(fresh)}"
        match step:
            case "rename":
                evolve_table(lake, name, partial(_rename, chosen.name, new), actor="ada")
            case "drop" if len(columns) > 1:
                evolve_table(lake, name, partial(_delete, chosen.name), actor="ada")
            case "add":
                evolve_table(lake, name, partial(_add, new), actor="ada")
            case "promote" if str(chosen.type) == "int":
                evolve_table(lake, name, partial(_promote, chosen.name), actor="ada")
            case "first":
                evolve_table(lake, name, partial(_move_first, chosen.name), actor="ada")
            case _:
                continue  # nothing to drop or promote
    for column in lake.pin(name).columns:
        assert column.tags == expected.get(column.field_id, frozenset())
        assert column.is_classified == bool(column.tags)
    lake.close()


def _rename(name: str, new: str, update: UpdateSchema) -> None:
    update.rename_column(name, new)


def _delete(name: str, update: UpdateSchema) -> None:
    update.delete_column(name)


def _add(name: str, update: UpdateSchema) -> None:
    update.add_column(name, StringType())


def _promote(name: str, update: UpdateSchema) -> None:
    update.update_column(name, LongType())


def _move_first(name: str, update: UpdateSchema) -> None:
    update.move_first(name)
