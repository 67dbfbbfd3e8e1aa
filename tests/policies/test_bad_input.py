"""Texts made to break a parser and documents of a size nobody meant: a clear answer in time, no crash."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeward.policies.admit import admit
from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.errors import PolicyError
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


RULES = 100_000
SECONDS = 120
"""CPU time within which that many rules are read; four times what they took when this was written."""


def _document(rules: int, last: str) -> Iterator[str]:
    yield "version: 1\nroles: {reader: {members: [ada]}}\npurposes: [care]\ngrants:\n"
    for number in range(rules):
        to = last if number == rules - 1 else "reader"
        yield f"  - {{id: g{number}, to: [{to}], tables: [main.t{number}], rows: a = {number},\n"
        yield "     columns: [{names: [a], mask: clear}]}\n"


def _file(folder: Path, *, rules: int, last: str = "reader") -> Path:
    (folder / "large.yaml").write_text("".join(_document(rules, last)), encoding="utf-8")
    return folder


@pytest.mark.slow
def test_a_document_of_a_hundred_thousand_rules_loads_in_time(tmp_path: Path) -> None:
    start = time.thread_time()
    policies = load_policies(_file(tmp_path, rules=RULES))
    assert time.thread_time() - start < SECONDS
    assert len(policies.grants) == len(policies.filters) == RULES


@pytest.mark.slow
def test_the_one_fault_in_a_hundred_thousand_rules_is_found_and_placed(tmp_path: Path) -> None:
    start = time.thread_time()
    with pytest.raises(PolicyError, match="there is no role `nobody`") as refused:
        load_policies(_file(tmp_path, rules=RULES, last="nobody"))
    assert time.thread_time() - start < SECONDS
    assert [place.line for place, _ in refused.value.faults] == [4 + 2 * RULES - 1]


def test_a_large_document_names_each_of_its_faults_once(tmp_path: Path) -> None:
    text = "".join(_document(1_000, "reader")).replace("[reader]", "[nobody]")
    (tmp_path / "large.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as refused:
        load_policies(tmp_path)
    assert len(refused.value.faults) == 1_000
