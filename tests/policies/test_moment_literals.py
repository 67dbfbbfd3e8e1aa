"""Literals of moments that the rules take for sure: the engine reads every one, beside any cell."""

import itertools

import pytest
from tests.bypass.extreme_cells import extreme_engine

from lakeward.policies.rewrite.fuse.kinds import is_instant, is_timestamp

DAYS = ("0001-01-01", "1970-01-01", "2024-02-29", "9999-12-31")
TIMES = ("00:00:00", "23:59:59", "12:30:00.1", "12:30:00.123456", "00:00:00.000000")
ZONES = ("Z", "+00", "-13:59", "+13:59", "+05:30", "-00:00")
MOMENTS = [f"{day}{mark}{time}" for day, mark, time in itertools.product(DAYS, " T", TIMES)]
OTHERS = [
    "2024-02-30 00:00:00",
    "2024-01-01 24:00:00",
    "2024-01-01 00:00:60",
    "2024-01-01 00:00",
    "2024-01-01 00:00:00 UTC",
    "2024-01-01 00:00:00+14:00",
    "2024-01-01 00:00:00.1234567",
    "2024-01-01 00:00:00Z ",
    "٢٠٢٤-01-01 00:00:00",
    "infinity",
    "",
]


def test_the_engine_reads_what_is_taken_for_a_moment() -> None:
    assert all(is_timestamp(each) for each in [*DAYS, *MOMENTS])
    with extreme_engine() as engine:
        for text in [*DAYS, *MOMENTS]:
            engine.execute(f"SELECT count(*) FROM cells WHERE moment >= '{text}'").fetchall()


def test_the_engine_reads_what_is_taken_for_a_moment_with_a_zone() -> None:
    zoned = [f"{moment}{zone}" for moment, zone in itertools.product(MOMENTS, ZONES)]
    assert all(is_instant(each) for each in [*DAYS, *MOMENTS, *zoned])
    assert not any(is_timestamp(each) for each in zoned)
    with extreme_engine() as engine:
        for text in [*DAYS, *MOMENTS, *zoned]:
            asked = f"instant < '{text}' OR instant = CAST('{text}' AS TIMESTAMPTZ)"
            engine.execute(f"SELECT count(*) FROM cells WHERE {asked}").fetchall()


@pytest.mark.parametrize("text", OTHERS)
def test_what_another_engine_might_read_otherwise_is_not(text: str) -> None:
    assert not is_timestamp(text)
    assert not is_instant(text)
