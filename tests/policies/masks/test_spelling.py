"""What is said of a mask's texts is so: a text that it is said never to show, it never shows."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.policies.masks.running import connection, masked_sql, show, type_of

from lakeward.policies.masks import MASKS, Mask
from lakeward.policies.masks.spelling import Spelling, of_like, of_text
from lakeward.policies.rewrite.show_less import NO_CHARACTER

PREFIXES = [Mask("prefix", (("length", length),)) for length in (-1, 0, 1, 3)]
SPELLED = [Mask("mask-alphanum"), Mask("show-first-4"), Mask("show-last-4"), *PREFIXES]
ALIKE = "xnXN019a()@-.,%_ \\\n\0é\u0301ßK\u017fİ🔬xn٣"
TEXT = st.one_of(st.text(ALIKE, max_size=12), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
TEXTS = st.lists(TEXT, min_size=1, max_size=20)
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def spelling(mask: Mask) -> Spelling:
    of = MASKS[mask.name].spelling
    assert of is not None
    return of(mask)


def compared(mask: Mask, texts: Sequence[str | None], operator: str, literal: str) -> list[bool | None]:
    """Ask the engine."""
    connection().register("t", pa.table({"v": pa.array(texts, pa.string())}))
    sql = f"SELECT v {operator} $literal FROM ({masked_sql(mask, type_of('string'))})"
    return [answer for (answer,) in connection().execute(sql, {"literal": literal}).fetchall()]


@st.composite
def like_patterns(draw: st.DrawFn, shown: str) -> str:
    """Draw a pattern that a text is LIKE, or nearly."""
    pattern = ""
    for each in shown:
        pattern += draw(st.sampled_from([each, each, each, "_", "%", "%" + each, "x"]))
    return pattern + draw(st.sampled_from(["", "", "%", "_", "n"]))


@pytest.mark.parametrize("mask", SPELLED, ids=str)
@quick
@given(data=st.data(), texts=TEXTS)
def test_no_text_that_shows_is_like_a_pattern_that_none_is_like(
    mask: Mask, data: st.DataObject, texts: list[str]
) -> None:
    [shown] = show(mask, "string", texts[:1])
    pattern = data.draw(st.one_of(like_patterns(shown), like_patterns(texts[0]), TEXT))
    if any(compared(mask, texts, "LIKE", pattern)):
        assert spelling(mask).may_hold(of_like(pattern))


@pytest.mark.parametrize("mask", SPELLED, ids=str)
@quick
@given(texts=TEXTS)
def test_a_text_that_shows_is_one_that_may_show(mask: Mask, texts: list[str]) -> None:
    for shown in show(mask, "string", texts):
        assert spelling(mask).may_hold(of_text(shown))


@pytest.mark.parametrize("operator", ["LIKE", "NOT LIKE", "=", "<>"])
@pytest.mark.parametrize("mask", SPELLED, ids=str)
@quick
@given(texts=TEXTS, literal=TEXT)
def test_less_compares_as_the_mask_does_with_what_it_never_shows(
    mask: Mask, operator: str, texts: list[str], literal: str
) -> None:
    pattern = of_like(literal) if "LIKE" in operator else of_text(literal)
    assume(not spelling(mask).may_hold(pattern))
    cells = [*texts, None]
    answers = compared(mask, cells, operator, literal)
    assert compared(NO_CHARACTER, cells, operator, literal) == answers
    assert [each is None for each in answers] == [each is None for each in cells]


@pytest.mark.parametrize(
    ("mask", "pattern", "may"),
    [
        (SPELLED[0], "%special%", False),
        (SPELLED[0], "%x(nn)%", True),
        (SPELLED[0], "X%", False),
        (SPELLED[0], "%", True),
        (SPELLED[0], "____", True),
        (SPELLED[1], "%special%requests%", False),
        (SPELLED[1], "Smi%h", True),
        (SPELLED[1], "____h%", False),
        (SPELLED[1], "____x%", True),
        (SPELLED[2], "%special", False),
        (SPELLED[2], "%cial", True),
        (SPELLED[2], "h____", False),
        (SPELLED[2], "xnx%4444", True),
        (Mask("prefix", (("length", 3),)), "C50%", True),
        (Mask("prefix", (("length", 3),)), "C50.%", False),
        (Mask("prefix", (("length", 3),)), "%____%", False),
    ],
)  # fmt: skip
def test_what_a_text_may_be_like(mask: Mask, pattern: str, *, may: bool) -> None:
    assert spelling(mask).may_hold(of_like(pattern)) is may


def test_every_mask_that_says_how_it_spells_is_tried() -> None:
    said: set[Any] = {name for name, each in MASKS.items() if each.spelling}
    assert said == {each.name for each in SPELLED}
