"""Texts made to break a parser and documents of a size nobody meant: a clear answer in time, no crash."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeward.catalog.taxonomy import load_taxonomy
from lakeward.policies.admit import admit
from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.parse import DIALECTS
from lakeward.policies.errors import PolicyError
from lakeward.policies.holder import PolicyHolder
from lakeward.policies.load import load_policies

HOSTILE = {
    "a megabyte": "SELECT '" + "x" * 1_000_000 + "'",
    "a megabyte of columns": "SELECT " + "a, " * 350_000 + "a",
    "nested brackets": "SELECT " + "(" * 10_000 + "1" + ")" * 10_000,
    "nested lists": "SELECT " + "[" * 10_000 + "]" * 10_000,
    "CTEs": "WITH "
    + ", ".join(f"c{i} AS (SELECT {i} AS x FROM t JOIN u USING (k))" for i in range(5_000))
    + " TABLE c1",
    "operators": "SELECT " + "1 + " * 10_000 + "1",
    "subscripts": "SELECT x" + "[1]" * 10_000,
    "windows of windows": "SELECT count(*)" + " OVER ()" * 10_000,
    "negations": "SELECT " + "NOT " * 10_000 + "TRUE",
    "a lone surrogate": "SELECT '\udc80'",
    "a null byte": "SELECT '\0'",
    "an open string": "SELECT 'abc",
}


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_text_is_refused_within_a_second(title: str) -> None:
    start = time.thread_time()
    with pytest.raises(NotAdmittedError):
        admit(HOSTILE[title])
    assert time.thread_time() - start < 1


def test_brackets_count_by_how_deep_they_are_and_operators_by_how_many() -> None:
    admit("SELECT " + ", ".join(["((a))"] * 300) + " FROM t")
    admit("SELECT " + ", ".join(["a + 1"] * 2_400) + " FROM t")
    with pytest.raises(NotAdmittedError, match="brackets nested deeper than 120"):
        admit("SELECT " + "(" * 121 + "1" + ")" * 121)
    with pytest.raises(NotAdmittedError, match="more than 2500 operators"):
        admit("SELECT " + ", ".join(["a + 1"] * 2_501) + " FROM t")


LONG = "1, " * 20_000 + "1"
READ_AGAIN = {
    "a word of a type before brackets": "SELECT " + "date(" * 18 + "1" + ")" * 18,
    "the same in a cast": "SELECT x::" + "date(" * 18 + "1" + ")" * 18,
    "a structure": "SELECT " + "struct(" * 20 + "1" + ")" * 20,
    "lists of lists": "SELECT " + "ARRAY[" * 18 + "1" + "]" * 18,
    "a word that is subscripted": "SELECT " + "if[" * 18 + "1" + "]" * 18,
    "subscripts": "SELECT x" + "[1]" * 2_400,
    "subscripts of fields": "SELECT x" + ".a[1]" * 1_200,
    "subscripts of cases": "SELECT " + "CASE WHEN " * 90 + f"[{LONG}]" + " AND b THEN 1 END[1]" * 90,
    "subscripts beside names": "SELECT " + "(" * 100 + f"[{LONG}]" + " + t.case)[1]" * 100,
    "subscripts of a long list": "SELECT " + "(" * 100 + f"[{LONG}]" + "[1])" * 100,
    "subscripts of a long struct": "SELECT "
    + "{'a': " * 90
    + "["
    + "1, " * 9_000
    + "1]"
    + "['a'], 'b': 1}" * 90,
    "a type in quotes": 'SELECT x::"' + "date(" * 18 + "1" + ")" * 18 + '"',
    "other brackets in quotes": 'SELECT x::"date(' + "struct<a [<" * 18 + "1" + ">>" * 18 + ')"',
    "a schema": "SELECT from_json(x, 'struct<a " + "date(" * 18 + "1" + ")" * 18 + ">')",
}


@pytest.mark.parametrize("title", READ_AGAIN)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_would_be_read_again_at_each_level_is_not_read(title: str, dialect: str) -> None:
    text = READ_AGAIN[title].replace('"', "`" if dialect == "spark" else '"')
    start = time.thread_time()
    with contextlib.suppress(NotAdmittedError):
        admit(text, dialect)
    assert time.thread_time() - start < 1


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ('x::"date([<1>)"', "postgres"),
        ("x::`date(cast(x as [(1)))`", "spark"),
        ("x::\"date({'a':<1>})\"", "trino"),
    ],
)
def test_a_type_in_quotes_that_is_not_whole_is_a_syntax_error(text: str, dialect: str) -> None:
    with pytest.raises(NotAdmittedError, match="a syntax error"):
        admit(f"SELECT {text} FROM t", dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_honest_words_of_types_before_brackets_are_read(dialect: str) -> None:
    admit("SELECT " + ", ".join(["date(date_trunc('month', date(x)))"] * 400) + " FROM t", dialect)
    name = "`array (a (b) c) of [d]`" if dialect == "spark" else '"array (a (b) c) of [d]"'
    admit(f"SELECT x AS {name} FROM t", dialect)
    admit("SELECT 1 FROM t WHERE " + " AND ".join(["x[1].a[2] = y[3]"] * 400), dialect)
    admit("SELECT 1 FROM t WHERE x IN (" + ", ".join(["date('2020-01-01')"] * 500) + ")", dialect)
    admit(
        "SELECT " + "array(" * 8 + "1" + ")" * 8
        if dialect == "spark"
        else "SELECT " + "[" * 8 + "1" + "]" * 8,
        dialect,
    )


NESTED = {
    "spark": "months_between({}, DATE '2024-01-01')",
    "trino": "date_diff('day', regexp_extract({0}, 'a'), date_diff('day', {0}, x))",
    "postgres": "regexp_substr({0}, 'a') || regexp_substr({0}, 'b')",
}


@pytest.mark.parametrize("dialect", NESTED)
def test_forms_of_a_dialect_that_double_with_each_level_are_refused(dialect: str) -> None:
    text = "x"
    while len(text) < 20_000:
        text = NESTED[dialect].format(text)
    start = time.thread_time()
    with pytest.raises(NotAdmittedError):
        admit(f"SELECT {text} FROM t", dialect)
    assert time.thread_time() - start < 2


def test_many_forms_of_a_dialect_are_refused_together() -> None:
    text = "SELECT " + ", ".join(["to_char(x, 'FM999,990.00')"] * 2_000)
    with pytest.raises(NotAdmittedError, match="too many forms"):
        admit(text, "postgres")


def test_casts_of_a_dialect_grow_no_faster_than_what_is_written() -> None:
    text = "x"
    for _ in range(12):
        text = f"CAST({text} AS INT)"
    assert len(admit(f"SELECT {text} FROM t", "spark").sql("duckdb")) < 12 * 700


def _document(rules: int, last: str = "reader") -> Iterator[str]:
    yield "version: 1\nroles: {reader: {members: [ada]}}\npurposes: [care]\ngrants:\n"
    for number in range(rules):
        to = last if number == rules - 1 else "reader"
        yield f"  - {{id: g{number}, to: [{to}], tables: [main.t{number}], rows: a = {number},\n"
        yield "     columns: [{names: [a], mask: clear}]}\n"


def _file(folder: Path, text: str) -> Path:
    (folder / "large.yaml").write_text(text, encoding="utf-8")
    return folder


def _refused(folder: Path, seconds: float = 1) -> PolicyError:
    start = time.thread_time()
    with pytest.raises(PolicyError) as refused:
        load_policies(folder)
    assert time.thread_time() - start < seconds
    return refused.value


def test_a_document_of_a_hundred_thousand_rules_is_refused_within_a_second(tmp_path: Path) -> None:
    assert "at most" in _refused(_file(tmp_path, "".join(_document(100_000)))).message


def test_too_many_short_rules_are_refused_within_a_second(tmp_path: Path) -> None:
    rights = "".join(f"  - {{id: g{n}, to: [a], may: [x]}}\n" for n in range(100_000))
    refused = _refused(_file(tmp_path, f"version: 1\nroles: {{a: {{}}}}\nrights:\n{rights}"))
    assert "100,000 rules" in refused.message


def test_what_cannot_be_cut_is_refused_sooner(tmp_path: Path) -> None:
    rules = ", ".join(f"{{id: g{n}, to: [a], may: [x]}}" for n in range(100_000))
    assert "`- id:`" in _refused(_file(tmp_path, f"version: 1\nrights: [{rules}]")).message


def test_the_one_fault_in_many_rules_is_found_and_placed(tmp_path: Path) -> None:
    refused = _refused(_file(tmp_path, "".join(_document(20_000, last="nobody"))), seconds=5)
    assert "there is no role `nobody`" in refused.message
    assert [place.line for place, _ in refused.faults] == [4 + 2 * 20_000 - 1]


@pytest.mark.slow
def test_a_hundred_thousand_rules_in_many_documents_load(tmp_path: Path) -> None:
    text = "".join(_document(1_000))
    _file(tmp_path, text)
    for number in range(1, 100):
        own = text.replace("id: g", f"id: d{number}.g")
        rules = own[own.index("grants:") :]
        (tmp_path / f"{number}.yaml").write_text(f"version: 1\n{rules}", encoding="utf-8")
    start = time.thread_time()
    policies = load_policies(tmp_path)
    assert time.thread_time() - start < 40  # four times what it took when this was written
    assert len(policies.grants) == len(policies.filters) == 100_000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[reader]", "[nobody]"),
        ("tables:", "tabels:"),
        ("mask: clear", "mask: cleer"),
        ("rows: a =", "rows: pg_sleep(1) ="),
        ("rows: a =", "rows: a &&& ="),
        ("to: [reader]", "to: [reader], to: [reader]"),
    ],
)
def test_five_thousand_faults_give_a_short_message(tmp_path: Path, old: str, new: str) -> None:
    folder = _file(tmp_path, "".join(_document(5_000)).replace(old, new))
    refused = _refused(folder, seconds=6)
    assert len(refused.message) < 8_000
    if old != "to: [reader]":  # which is no YAML as it is read here: the first such fault ends the reading
        assert len(refused.faults) == 20
        assert "and 4,980 more faults" in refused.message


def test_many_names_that_are_not_there_are_not_compared_with_many_that_are(tmp_path: Path) -> None:
    roles = "".join(
        f"  reader-of-the-ward-{n}: {{members: [ada], includes: [raeder-of-{n}]}}\n" for n in range(5_000)
    )
    refused = _refused(_file(tmp_path, f"version: 1\nroles:\n{roles}"), seconds=3)
    assert refused.more == 4_980


def _rights(folder: Path, documents: int, rules: int) -> Path:
    """Write documents of the shortest rules that there are."""
    folder.mkdir()
    (folder / "roles.yaml").write_text("version: 1\nroles: {a: {}}\n", "utf-8")
    for number in range(documents):
        rights = "".join(f"  - {{id: d{number}.{n}, to: [a], may: [x]}}\n" for n in range(rules))
        (folder / f"{number}.yaml").write_text(f"version: 1\nrights:\n{rights}", "utf-8")
    return folder


def test_a_folder_of_too_many_documents_is_refused_within_a_second(tmp_path: Path) -> None:
    assert "1,000 documents" in _refused(_rights(tmp_path / "p", 1_000, 1)).message


def test_a_folder_of_too_many_rules_is_refused_within_a_second(tmp_path: Path) -> None:
    assert "200,020 rules and roles" in _refused(_rights(tmp_path / "p", 20, 10_001)).message


def test_a_folder_of_too_many_bytes_is_refused_within_a_second(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"{number}.yaml").write_text("version: 1\n" + "# note\n" * 1_150_000, "utf-8")
    assert "bytes in 9 documents" in _refused(tmp_path).message


def test_a_folder_of_too_much_that_cannot_be_cut_is_refused_within_a_second(tmp_path: Path) -> None:
    rules = ", ".join(f"{{id: g{n}, to: [a], may: [x]}}" for n in range(50_000))
    for number in range(12):
        (tmp_path / f"{number}.yaml").write_text(f"version: 1\nrights: [{rules}]", "utf-8")
    assert "`- id:`" in _refused(tmp_path).message


def test_a_folder_that_grows_too_large_keeps_the_policies_in_force(tmp_path: Path) -> None:
    folder = _rights(tmp_path / "p", 1, 3)
    holder = PolicyHolder(folder, load_taxonomy())
    before = holder.current()
    for number in range(1_000):
        (folder / f"more{number}.yaml").write_text("version: 1\n", "utf-8")
    for _ in range(100):
        assert holder.current() is before
        if holder.fault:
            break
        time.sleep(0.1)
    assert holder.fault is not None
    assert "1,000 documents" in holder.fault.message
