"""How long a setting lasts, the purpose first of all: as long as PostgreSQL's own would, and no longer."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.gateway.postgres.served import Served

Client = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    """Ada's connection, for research."""
    with served.connect(autocommit=True) as made:
        yield made


def purpose(client: Client) -> str:
    found = client.execute("SHOW lakeward.purpose").fetchone()
    assert found is not None
    return str(found[0])


def run(client: Client, *statements: str) -> None:
    for each in statements:
        client.execute(each)


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK", "END"])
def test_a_local_purpose_ends_with_its_transaction(client: Client, end: str) -> None:
    run(client, "BEGIN", "SET LOCAL lakeward.purpose = 'quality'")
    assert purpose(client) == "quality"
    run(client, end)
    assert purpose(client) == "research"


def test_a_local_purpose_ends_with_a_transaction_that_has_failed(client: Client) -> None:
    run(client, "BEGIN", "SET LOCAL lakeward.purpose = 'quality'")
    with pytest.raises(psycopg.Error):
        run(client, "SELECT nothing FROM nowhere")
    run(client, "COMMIT")
    assert purpose(client) == "research"


def test_a_local_purpose_outside_a_transaction_is_refused(client: Client) -> None:
    with pytest.raises(psycopg.errors.NoActiveSqlTransaction):
        run(client, "SET LOCAL lakeward.purpose = 'quality'")
    assert purpose(client) == "research"


def test_a_purpose_of_a_transaction_stays_after_its_commit(client: Client) -> None:
    run(
        client,
        "BEGIN",
        "SET lakeward.purpose = 'quality'",
        "SET LOCAL lakeward.purpose = 'research'",
        "COMMIT",
    )
    assert purpose(client) == "quality"


def test_a_rollback_takes_a_purpose_back(client: Client) -> None:
    run(client, "BEGIN", "SET lakeward.purpose = 'quality'", "ROLLBACK")
    assert purpose(client) == "research"


def test_a_rollback_to_a_savepoint_takes_back_what_came_after_it(client: Client) -> None:
    run(client, "SET lakeward.dialect = 'duckdb'", "BEGIN", "SET lakeward.purpose = 'quality'", "SAVEPOINT s")
    run(client, "SET lakeward.purpose = 'research'", "RESET lakeward.dialect", "ROLLBACK TO s")
    assert purpose(client) == "quality"
    run(client, "COMMIT")
    assert purpose(client) == "quality"
    assert client.execute("SHOW lakeward.dialect").fetchone() == ("duckdb",)


@pytest.mark.parametrize("reset", ["RESET ALL", "DISCARD ALL"])
def test_a_pool_hands_on_no_purpose(client: Client, reset: str) -> None:
    run(client, "SET lakeward.purpose = 'quality'", "SET lakeward.dialect = 'duckdb'", reset)
    assert purpose(client) == "research"
    assert client.execute("SHOW lakeward.dialect").fetchone() == ("postgres",)


def test_a_client_is_told_what_a_rollback_takes_back(client: Client) -> None:
    run(client, "BEGIN", "SET application_name = 'report'")
    assert client.info.parameter_status("application_name") == "report"
    run(client, "ROLLBACK")
    assert client.info.parameter_status("application_name") == ""


def test_a_purpose_that_is_not_declared_changes_nothing(client: Client) -> None:
    run(client, "BEGIN", "SET LOCAL lakeward.purpose = 'quality'")
    with pytest.raises(psycopg.Error):
        run(client, "SET lakeward.purpose = 'marketing'")
    run(client, "ROLLBACK")
    assert purpose(client) == "research"


def test_set_config_takes_no_purpose_without_saying_so(client: Client) -> None:
    with pytest.raises(psycopg.Error):
        run(client, "SELECT set_config('Lakeward.purpose', 'quality', false)")
    assert client.execute("SELECT set_config('jit', 'off', false)").fetchone() == ("off",)
    assert purpose(client) == "research"


def test_functions_of_the_catalog_know_what_the_purpose_of_now_shows(client: Client) -> None:
    name = "'clinic.visit'"
    asked = f"SELECT to_regclass({name}) IS NULL, {name}::regclass IS NULL, pg_table_is_visible(%s)"
    own = f"SELECT LW_to_regclass({name}) IS NULL, current_setting('pg_x')"  # ours by its own name
    found = client.execute("SELECT oid FROM pg_class WHERE relname = 'visit'").fetchone()
    assert found is not None
    assert client.execute(asked, found).fetchone() == (False, False, True)
    run(client, "SET lakeward.purpose = 'quality'")
    assert client.execute(own).fetchone() == (True, None)
    assert client.execute(asked, found).fetchone() == (True, True, False)
    run(client, "SET lakeward.purpose = 'research'")
    assert client.execute(asked, found).fetchone() == (False, False, True)
