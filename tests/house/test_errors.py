"""One tree of errors: every leaf of every room has a name of its own and an exit code."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator

import lakeward.catalog
import lakeward.cli
import lakeward.contracts
import lakeward.gateway
import lakeward.lineage
import lakeward.policies
from lakeward.catalog.errors import (
    BreakingChangeError,
    CheckFailedError,
    DeniedError,
    ExitCode,
    InputError,
    LakewardError,
    UnavailableError,
)

ROOMS = (
    lakeward.catalog,
    lakeward.policies,
    lakeward.lineage,
    lakeward.contracts,
    lakeward.gateway,
    lakeward.cli,
)
FAMILIES = (InputError, DeniedError, CheckFailedError, BreakingChangeError, UnavailableError)


def every_error() -> list[type[LakewardError]]:
    """Import every module, and give every class below LakewardError that the rooms define."""
    for room in ROOMS:
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            importlib.import_module(module.name)
    return [error for error in descendants(LakewardError) if error.__module__.startswith("lakeward.")]


def descendants(error: type[LakewardError]) -> Iterator[type[LakewardError]]:
    for child in error.__subclasses__():
        yield child
        yield from descendants(child)


def test_every_error_belongs_to_a_family_with_its_exit_code() -> None:
    errors = every_error()
    assert len(errors) > len(FAMILIES)
    for error in errors:
        family = [each for each in FAMILIES if issubclass(error, each)]
        assert len(family) == 1, error
        assert isinstance(error.exit_code, ExitCode), error
        assert error.exit_code is not ExitCode.DONE, error


def test_every_error_has_a_code_that_programs_can_hold_on_to() -> None:
    for error in every_error():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", error.code), error
        assert error.__name__.endswith("Error"), error
        assert error.__doc__, error


def test_no_two_families_share_a_code() -> None:
    codes = {(error.code, error.exit_code) for error in every_error()}
    shared = [code for code, count in Counter(code for code, _ in codes).items() if count > 1]
    assert not shared


def test_one_exit_code_to_each_family() -> None:
    assert [code.value for code in ExitCode] == [0, 1, 2, 3, 4, 5, 6]
