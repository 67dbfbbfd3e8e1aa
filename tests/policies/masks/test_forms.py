"""What each mask shows, against a computation outside the engine."""

import datetime as dt
import hashlib
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policies.masks.running import KEYS, show

from lakeward.policies.masks import MASKS, SAFE_HARBOR, Mask
from lakeward.policies.masks.places import SMALL_AREAS

quick = settings(max_examples=25, deadline=None)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
PROSE = st.text("abyzABYZ (),.-@", max_size=200)
ASCII = st.text(st.characters(max_codepoint=127), max_size=200)
COMBINED = st.text("e\u0301ß\u0130\u212a\u017f👩\u200d🔬\n0٣", max_size=20)
REDACTED = st.one_of(ANY_TEXT, PROSE, ASCII, COMBINED, st.text("abc \nxn", max_size=200))
KEPT = set("(),.-@")
SHIFT = Mask("date-shift", (("by", "by"),))


def redacted(text: str) -> str:
    return "".join("n" if c in "0123456789" else c if c in KEPT else "x" for c in text)


@quick
@given(REDACTED)
def test_mask_alphanum(text: str) -> None:
    assert show(Mask("mask-alphanum"), "string", [text]) == [redacted(text)]


@quick
@given(REDACTED)
def test_show_first_4_and_show_last_4(text: str) -> None:
    assert show(Mask("show-first-4"), "string", [text]) == [text[:4] + redacted(text[4:])]
    assert show(Mask("show-last-4"), "string", [text]) == [redacted(text[:-4]) + text[-4:]]


def test_iceberg_s_own_examples() -> None:
    assert show(Mask("show-last-4"), "string", ["4111-1111-1111-4444"]) == ["nnnn-nnnn-nnnn-4444"]
    assert show(Mask("mask-alphanum"), "string", ["o'neil 7@x.org"]) == ["xxxxxxx n@x.xxx".replace(" ", "")]


@pytest.mark.parametrize("kind", ["abc", "ab-1 ", "é1", "\0"])
def test_a_text_of_a_million_characters_is_redacted_too(kind: str) -> None:
    text = kind * 250_000
    assert show(Mask("mask-alphanum"), "string", [text]) == [redacted(text)]


@quick
@given(TEXT)
def test_pseudonym_is_a_keyed_hash(text: str) -> None:
    key = KEYS["pseudonym:one"]
    inner = hashlib.sha256((key + text).encode()).hexdigest()
    assert show(Mask("pseudonym"), "string", [text]) == [
        hashlib.sha256((key + inner).encode()).hexdigest()[:32]
    ]


@pytest.mark.parametrize("type_", ["string", "long"])
def test_studies_cannot_be_linked(type_: str) -> None:
    values = list(range(1000)) if type_ == "long" else [f"p{n}" for n in range(1000)]
    one = show(Mask("pseudonym"), type_, values)
    two = show(Mask("pseudonym"), type_, values, study="two")
    assert len(set(one)) == len(set(two)) == len(values)
    assert not set(one) & set(two)


def test_sha_256_global_is_plain_sha_256() -> None:
    assert show(Mask("sha-256-global"), "string", ["é"]) == [hashlib.sha256("é".encode()).hexdigest()]


DATES = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))


@quick
@given(st.lists(DATES, min_size=2, max_size=6))
def test_date_shift_keeps_every_interval_of_a_subject(dates: list[dt.date]) -> None:
    shown = show(SHIFT, "date", dates)
    offsets = {after - before for before, after in zip(dates, shown, strict=True)}
    assert len(offsets) == 1
    assert 30 <= abs(offsets.pop().days) <= 365


@quick
@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)))  # noqa: DTZ001  a column without a zone
def test_dates_and_times_of_one_subject_move_alike(moment: dt.datetime) -> None:
    [day] = show(SHIFT, "date", [moment.date()])
    [time] = show(SHIFT, "timestamp", [moment])
    [zoned] = show(SHIFT, "timestamptz", [moment.replace(tzinfo=dt.UTC)])
    assert day - moment.date() == time - moment == zoned - moment.replace(tzinfo=dt.UTC)


def test_offsets_spread_over_both_directions_and_differ_by_study() -> None:
    start = [dt.date(2000, 1, 1)] * 500
    subjects = [f"p{n}" for n in range(500)]
    one = [(each - start[0]).days for each in show(SHIFT, "date", start, subjects=subjects)]
    two = [(each - start[0]).days for each in show(SHIFT, "date", start, subjects=subjects, study="two")]
    assert min(one) < -300
    assert max(one) > 300
    assert sum(a == b for a, b in zip(one, two, strict=True)) < 10


def test_no_subject_no_date() -> None:
    assert show(SHIFT, "date", [dt.date(2000, 1, 1)], subjects=[None]) == [None]


@quick
@given(st.integers(-(2**31), 2**31 - 1))
def test_ages_over_89_are_90(age: int) -> None:
    assert show(Mask("age-90-plus"), "int", [age]) == [90 if age > 89 else age]


@quick
@given(st.dates(dt.date(1800, 1, 1), dt.date(2100, 1, 1)))
def test_a_birth_date_shows_its_year_and_none_further_back_than_90_years(born: dt.date) -> None:
    oldest = dt.datetime.now(dt.UTC).year - 90
    assert show(Mask("age-90-plus"), "date", [born]) == [dt.date(max(born.year, oldest), 1, 1)]


@quick
@given(st.datetimes(dt.datetime(2, 1, 1), dt.datetime(9998, 1, 1)))  # noqa: DTZ001  as above
def test_truncation(moment: dt.datetime) -> None:
    assert show(Mask("truncate-to-year"), "date", [moment.date()]) == [moment.date().replace(month=1, day=1)]
    month = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    assert show(Mask("truncate-to-month"), "timestamp", [moment]) == [month]


@quick
@given(st.from_regex(r"[0-9]{5}(-[0-9]{4})?", fullmatch=True))
def test_zip3_hides_small_areas(code: str) -> None:
    expected = "000" if code[:3] in SMALL_AREAS else code[:3]
    assert show(Mask("zip3"), "string", [code]) == [expected]


@pytest.mark.parametrize(
    "text", ["", "K1A 0B1", "1234", "123456", "SW1A 1AA", "12345-", "١٢٣٤٥", "02139 Boston"]
)
def test_what_is_no_zip_code_is_null(text: str) -> None:
    assert show(Mask("zip3"), "string", [text]) == [None]


@pytest.mark.parametrize("type_", ["float", "double"])
def test_a_number_that_rounds_to_nothing_shows_no_sign(type_: str) -> None:
    shown = show(Mask("round"), type_, [-0.2, 0.2, -0.0, -0.6, None, math.inf])
    assert [each if each is None else str(each) for each in shown] == [
        "0.0",
        "0.0",
        "0.0",
        "-1.0",
        None,
        "inf",
    ]


def test_the_areas_that_the_department_of_health_listed_for_2000_are_small() -> None:
    listed = {
        "036",
        "692",
        "878",
        "059",
        "790",
        "879",
        "063",
        "821",
        "884",
        "102",
        "823",
        "890",
        "203",
        "830",
    }
    listed |= {"893", "556", "831"}
    assert len(listed) == 17
    assert listed <= set(SMALL_AREAS)


def test_safe_harbor_speaks_of_every_identifier() -> None:
    from lakeward.catalog.taxonomy import load_taxonomy

    identifiers = {each.name for each in load_taxonomy().all() if each.axis == "phi"}
    assert len(identifiers) >= 18
    assert identifiers == SAFE_HARBOR.keys()
    assert all(mask.name in MASKS for mask in SAFE_HARBOR.values())
