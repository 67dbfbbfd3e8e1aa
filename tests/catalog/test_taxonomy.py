"""The vocabulary: closed, sourced, and only ever made stricter by a lake."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from lakeward.catalog.taxonomy import InvalidTaxonomyError, UnknownTagError, load_taxonomy

TAXONOMY = load_taxonomy()


def test_the_eighteen_identifiers_with_their_letters() -> None:
    letters = {each.letter: each for each in TAXONOMY.all() if each.letter}
    assert "".join(sorted(letters)) == "ABCDEFGHIJKLMNOPQR"
    assert letters["G"].name == "phi.ssn"
    assert all(each.citation == f"45 CFR 164.514(b)(2)(i)({letter})" for letter, each in letters.items())
    assert all(each.rule and each.classifies and each.sensitive for each in letters.values())


def test_thresholds_of_bulk_data() -> None:
    found = {each.name: each.threshold for each in TAXONOMY.all() if each.axis == "cfr202"}
    assert found["cfr202.omic.genomic"] == 100
    assert found["cfr202.health"] == 10_000
    assert found["cfr202.covered_identifier"] == 100_000


def test_axes_that_say_what_a_column_is_and_axes_that_do_not() -> None:
    says = {each.axis for each in TAXONOMY.all() if each.classifies}
    assert says == {
        "phi", "pii", "health", "genomic", "cfr202", "gdpr9", "sensitivity", "study_id", "link",
    }  # fmt: skip
    assert TAXONOMY.require("sensitivity.none").sensitive is False
    assert TAXONOMY.require("hl7.sud").more["parent"] == "hl7.bh"
    assert TAXONOMY.require("duo.gru").more["code"] == "DUO:0000042"


def test_every_tag_has_a_title_and_a_source() -> None:
    assert len(TAXONOMY.all()) > 150
    for each in TAXONOMY.all():
        assert each.title, each.name
        assert each.source, each.name
    assert [each.name for each in TAXONOMY.all()] == sorted(each.name for each in TAXONOMY.all())


def test_no_name_is_defined_twice() -> None:
    sheets = list(files("lakeward.catalog.taxonomy").joinpath("data").iterdir())
    names = [tag["name"] for sheet in sheets for tag in json.loads(sheet.read_text("utf-8"))["tags"]]
    assert len(names) == len(set(names)) == len(TAXONOMY.all())


@pytest.mark.parametrize(
    ("wrong", "near"), [("phi.snn", "phi.ssn"), ("helth", "health"), ("cfr202.omic_genomic", "omic.genomic")]
)
def test_an_unknown_tag_names_the_nearest(wrong: str, near: str) -> None:
    assert TAXONOMY.get(wrong) is None
    with pytest.raises(UnknownTagError, match=near):
        TAXONOMY.require(wrong)


def test_a_lake_adds_its_own(tmp_path: Path) -> None:
    (tmp_path / "taxonomy.yaml").write_text(
        "tags:\n"
        "  - {name: trial.arm, title: The arm of a trial}\n"
        "  - {name: trial.open, title: Open data, sensitive: false, classifies: true, source: our DPO}\n"
        "  - {name: origin.synthetic, title: Still sensitive here, sensitive: true, classifies: false}\n"
    )
    own = load_taxonomy(tmp_path)
    assert own.require("trial.arm").sensitive
    assert own.require("trial.open").source == "our DPO"
    assert own.require("origin.synthetic").sensitive
    assert own.require("phi.ssn").letter == "G"
    assert TAXONOMY.get("trial.arm") is None


@pytest.mark.parametrize(
    "text",
    [
        "tags: [{name: phi.ssn, title: harmless, sensitive: false}]",
        "tags: [{name: restricted, title: says it all, classifies: true}]",
        "tags: [{name: Phi.X}]",
        "tags: [{name: 'a,b'}]",
        "tags: [{title: no name}]",
        "tags: [{name: a.b, sensitive: maybe}]",
        "tags: [{name: a.b, color: red}]",
        "tags: {a: b}",
        "- a",
        "tags: [",
        "",
    ],
)
def test_what_no_lake_may_say(tmp_path: Path, text: str) -> None:
    (tmp_path / "taxonomy.yaml").write_text(text)
    with pytest.raises(InvalidTaxonomyError):
        load_taxonomy(tmp_path)
