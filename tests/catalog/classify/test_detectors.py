"""Every detector has a fixture: names and whole values that it knows, and some that only look alike."""

from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from ruamel.yaml import YAML

from lakeward.catalog.classify import Column, Proposal, classify_columns
from lakeward.catalog.classify.column import TableContext
from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.detectors import DETECTORS
from lakeward.catalog.classify.findings import FINDINGS, Finding
from lakeward.catalog.taxonomy import NONE, load_taxonomy

FIXTURES = Path(__file__).parent / "fixtures"
PERSONS = TableContext(is_about_persons=True)


@cache
def fixture(detector: Detector) -> dict[str, Any]:
    read: dict[str, Any] = YAML(typ="safe").load((FIXTURES / f"{detector.name}.yaml").read_text("utf-8"))
    return read


def cases(key: str) -> list[Any]:
    return [
        pytest.param(detector, str(each), id=f"{detector.name}-{each}")
        for detector in DETECTORS
        for each in fixture(detector).get(key, ())
    ]


def proposed(detector: Detector, name: str) -> Proposal:
    """Judge a name in a table of patients, or in the one that the fixture describes."""
    given = fixture(detector)
    beside = [Column(each) for each in given.get("columns", []) if each != name]
    column = Column(name, given.get("type"), inherited=frozenset(given.get("inherited", ())))
    facts = {} if {"table", "columns"} & given.keys() else {"is_about_persons": True}
    return classify_columns(given.get("table", "table"), [column, *beside], facts)[0]


def evidence(detector: Detector, values: list[str]) -> list[str]:
    column = Column("c1", pa.string(), pa.array([str(each) for each in values]))
    return [each.finding for each in detector.look(column, PERSONS)]


def test_every_detector_has_a_fixture_and_no_fixture_is_left_over() -> None:
    assert {path.stem for path in FIXTURES.iterdir()} == {each.name for each in DETECTORS}
    assert len({each.name for each in DETECTORS}) == len(DETECTORS)


@pytest.mark.parametrize(("detector", "name"), cases("names"))
def test_a_name_is_known(detector: Detector, name: str) -> None:
    assert proposed(detector, name).finding == detector.finding


@pytest.mark.parametrize(("detector", "name"), cases("not_names"))
def test_a_name_that_looks_alike_is_not(detector: Detector, name: str) -> None:
    assert proposed(detector, name).finding != detector.finding


@pytest.mark.parametrize(("detector", "name"), cases("findings"))
def test_a_field_is_found_to_be(detector: Detector, name: str) -> None:
    assert proposed(detector, name).finding == fixture(detector)["findings"][name]


@pytest.mark.parametrize(
    "detector", [each for each in DETECTORS if "values" in fixture(each)], ids=lambda d: d.name
)
def test_whole_values_are_known_by_themselves(detector: Detector) -> None:
    given = fixture(detector)
    assert evidence(detector, given["values"])
    assert not evidence(detector, given["not_values"])


@pytest.mark.parametrize("finding", list(FINDINGS.values()), ids=lambda finding: finding.name)
def test_a_finding_says_what_a_column_is_in_words_of_the_taxonomy(finding: Finding) -> None:
    taxonomy = load_taxonomy()
    assert all(taxonomy.get(tag) for tag in finding.tags)
    assert set(finding.tags) & taxonomy.classifying
    assert (NONE in finding.tags) == (finding.role == "none")


def test_every_detector_speaks_for_a_finding() -> None:
    assert {each.finding for each in DETECTORS} <= FINDINGS.keys()
