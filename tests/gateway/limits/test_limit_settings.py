"""`[gateway.limits]`: what is said of whom, and what is refused."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from lakeward.catalog.config import InvalidConfigError
from lakeward.catalog.lake import init_lake, open_lake
from lakeward.gateway.limits.settings import LimitSettings
from lakeward.gateway.service import open_gateway
from lakeward.gateway.session import Limits

POLICY = """
version: 1
roles:
  pipeline: {members: [etl, "group:loaders"]}
purposes: [research]
"""
CONFIG = """
[gateway.limits]
statements = 3
bytes = "1GB"
[gateway.limits.principals.ada]
rows = 5
[gateway.limits.groups.loaders]
queue = 0
[gateway.limits.roles.pipeline]
seconds = 3600
memory = "4GB"
"""


def settings(**said: object) -> LimitSettings:
    return LimitSettings.model_validate(said)


def test_nothing_said_is_the_default() -> None:
    assert settings().of("ada", [], []) == Limits()


def test_the_principals_own_word_wins_then_the_most_of_groups_and_roles_then_everybodys() -> None:
    said = settings(
        rows=10,
        statements=1,
        principals={"ada": {"rows": 3}},
        groups={"g": {"rows": 100, "memory": "900MB"}, "h": {"rows": 50, "seconds": 5}},
        roles={"r": {"rows": 70, "memory": "1GB"}},
    )
    ada, bob, eve = said.of("ada", ["g"], []), said.of("bob", ["h", "g"], ["r"]), said.of("eve", ["h"], [])
    assert (ada.rows, bob.rows, eve.rows) == (3, 100, 50)
    assert (ada.memory, bob.memory, eve.memory) == ("900MB", "1GB", "2GB")
    assert (bob.seconds, eve.seconds, bob.statements) == (5, 5, 1)
    assert said.of("fay", [], ["other"]).rows == 10


@pytest.mark.parametrize(
    "wrong",
    [
        {"statements": 0}, {"statements": "many"}, {"queue": -1}, {"rows": 0}, {"bytes": "much"},
        {"memory": "2"}, {"seconds": 0}, {"wait_seconds": 1e9}, {"row": 5}, {"principals": {"a": {"x": 1}}},
        {"principals": {"a": {"total_statements": 1}}}, {"threads": 0}, {"total_queue": -1},
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)


def test_a_gateway_has_the_limits_of_its_lake_and_roles_count_as_they_are_now(tmp_path: Path) -> None:
    lake = init_lake(tmp_path / "lake")
    (lake.policies_dir / "p.yaml").write_text(POLICY, "utf-8")
    config = lake.root / "lakeward.toml"
    config.write_text(config.read_text("utf-8") + CONFIG, "utf-8")
    with open_gateway(open_lake(lake.root)) as gateway:
        ada, etl = gateway.session("ada", "research").limits, gateway.session("etl", "research").limits
        assert (ada.rows, ada.statements, ada.bytes, ada.seconds) == (5, 3, 1_000_000_000, 300.0)
        assert (etl.seconds, etl.memory, etl.queue) == (3600, "4GB", 32)
        assert gateway.limits_of("x", frozenset({"loaders"})).queue == 0
        assert gateway.limits_of("x", frozenset({"loaders"})).seconds == 3600


def test_a_setting_that_is_not_valid_is_named_without_its_value(tmp_path: Path) -> None:
    lake = init_lake(tmp_path / "lake")
    config = lake.root / "lakeward.toml"
    config.write_text(config.read_text("utf-8") + '[gateway.limits]\nrows = "SECRET"\n', "utf-8")
    with pytest.raises(InvalidConfigError, match=r"gateway\.limits\.rows") as refused:
        open_gateway(open_lake(lake.root))
    assert "SECRET" not in str(refused.value)
