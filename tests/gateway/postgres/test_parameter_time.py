"""How long it takes to read what a client binds: reading it must keep nobody waiting."""

import contextlib
import time

import pytest

from lakeward.gateway.doors.postgres import types as pg
from lakeward.gateway.doors.postgres.errors import InvalidParameterError
from lakeward.gateway.doors.postgres.parameters import decode

LONG = 200_000
OID = {each.name: each for each in pg.TYPES}


@pytest.mark.parametrize(
    ("oid", "text"),
    [
        (pg.TEXT.array_oid, "{" + " " * LONG + "{}}"),
        (pg.TEXT.array_oid, "{ " + "a," * LONG + "a}"),
        (pg.TEXT.array_oid, '{"' + "a" * LONG + "}"),
        (OID["interval"].oid, "1" * LONG),
        (OID["interval"].oid, "1" + " " * LONG),
        (OID["numeric"].oid, "1" * LONG),
        (OID["bytea"].oid, "\\\\" * LONG),
    ],
    ids=lambda each: str(each)[:10],
)
def test_a_long_parameter_is_read_or_refused_at_once(oid: int, text: str) -> None:
    started = time.thread_time()
    with contextlib.suppress(InvalidParameterError):
        decode(1, oid, text.encode(), binary=False)
    assert time.thread_time() - started < 3


def test_lists_are_read_as_ever() -> None:
    read = [
        decode(1, pg.TEXT.array_oid, each.encode(), binary=False).as_py()
        for each in ("{}", "{ }", "{a}", '{ a , "b c" , NULL,"d\\"e" }', '{"",x y}')
    ]
    assert read == [[], [], ["a"], ["a", "b c", None, 'd"e'], ["", "x y"]]


@pytest.mark.parametrize("text", ["{a,}", "{,a}", "{a", '{"a}', "{{a}}", '{a"b"}'])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameterError):
        decode(1, pg.TEXT.array_oid, text.encode(), binary=False)
