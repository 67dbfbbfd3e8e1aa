"""What names a pattern of a listing fits."""

import time

import pytest

from lakeward.gateway.doors.flight.listing import listing_fits

FITS = {
    ("visit", "visit"): True,
    ("visit", "Visit"): False,
    ("visit", "vis"): False,
    ("visit", "%"): True,
    ("visit", "v%t"): True,
    ("visit", "%i%i%"): True,
    ("visit", "%i%i%i%"): False,
    ("visit", "_____"): True,
    ("visit", "____"): False,
    ("visit", "%_____"): True,
    ("visit", "%______"): False,
    ("", "%"): True,
    ("", "_"): False,
    ("a.b", "a_b"): True,
    ("a.b", "a\\_b"): False,
    ("line\nbreak", "line%break"): True,
}


@pytest.mark.parametrize(("name", "pattern"), FITS)
def test_a_pattern_fits_what_its_letters_say(name: str, pattern: str) -> None:
    assert listing_fits(name, pattern) is FITS[name, pattern]


def test_a_pattern_of_many_parts_keeps_nobody_waiting() -> None:
    started = time.monotonic()
    assert not listing_fits("a" * 200, "%_" * 100 + "%z")
    assert time.monotonic() - started < 1
