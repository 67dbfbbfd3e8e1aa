"""A clinic that is served at all doors, once without TLS and once inside it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[3]))

from tests.gateway.fuzz.clinic import make_clinic
from tests.gateway.fuzz.serving import Serving, serving

from lakeward.catalog.lake import Lake


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return make_clinic(tmp_path_factory.mktemp("fuzz") / "lake")


@pytest.fixture(scope="module")
def served(lake: Lake) -> Iterator[Serving]:
    with serving(lake) as made:
        yield made


@pytest.fixture(scope="module")
def with_tls(lake: Lake) -> Iterator[Serving]:
    with serving(lake, with_tls=True) as made:
        yield made
