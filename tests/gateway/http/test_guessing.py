"""Guessing over HTTP: slowed, recorded, and telling nothing."""

import httpx
import pytest
from tests.gateway.clinic import PASSWORD
from tests.gateway.http.served import Served

from lakeward.gateway.identity.throttle import ADDRESS, PAIR, Throttle

SQL = {"sql": "SELECT 1 AS a"}


@pytest.fixture(autouse=True)
def unspent(served: Served) -> None:
    """Each test begins with whole budgets."""
    served.context.identities._throttle = Throttle(lambda: 1000.0)  # time stands still


def ask(served: Served, name: str, password: str) -> httpx.Response:
    headers = {"x-lakeward-purpose": "research"}
    return httpx.post(f"{served.url}/v1/query", json=SQL, auth=(name, password), headers=headers)


def test_a_known_and_an_unknown_name_answer_alike_to_the_byte(served: Served) -> None:
    known, unknown = (ask(served, name, "wrong horse battery") for name in ("ada", "nobody"))
    assert known.status_code == unknown.status_code == 401
    assert known.content == unknown.content
    ignored = {"date"}
    assert {n: v for n, v in known.headers.items() if n not in ignored} == {
        n: v for n, v in unknown.headers.items() if n not in ignored
    }


def test_after_some_guesses_even_the_right_one_is_refused_and_it_is_recorded(served: Served) -> None:
    for number in range(PAIR.failures):
        assert ask(served, "ada", f"guess number {number:04}").status_code == 401
    assert ask(served, "ada", PASSWORD).status_code == 401
    records = served.context.gateway.lake.audit.records(limit=PAIR.failures)
    assert {each.kind for each in records} == {"sign-in.failed", "sign-in.slowed"}
    assert {each.details["peer"] for each in records} == {"127.0.0.1"}
    assert "guess" not in str(records)
    served.context.identities._throttle = Throttle(lambda: 1000.0)  # time stands still
    assert ask(served, "ada", PASSWORD).status_code == 200


def test_a_token_comes_in_while_passwords_are_being_guessed(served: Served) -> None:
    for number in range(ADDRESS.failures + 2):
        assert ask(served, f"user{number}", f"guess number {number:04}").status_code == 401
        with served.client(f"lakeward_{number:016x}_{'a' * 43}") as client:
            assert client.post("/v1/query", json=SQL).status_code == 401
    assert ask(served, "ada", PASSWORD).status_code == 401
    with served.client() as client:
        assert client.post("/v1/query", json=SQL).status_code == 200


def test_a_revoked_token_and_a_changed_password_count_at_the_next_statement(served: Served) -> None:
    accounts = served.context.identities.accounts
    accounts.add("tom", PASSWORD, by="test")
    token, made = accounts.make_token("tom", 1, by="test")
    with served.client(token) as client:
        assert client.post("/v1/query", json=SQL).status_code == 200
        accounts.revoke_token("tom", made.id, by="test")
        assert client.post("/v1/query", json=SQL).status_code == 401
    assert ask(served, "tom", PASSWORD).status_code == 200
    accounts.set_password("tom", "another long password", by="test")
    assert ask(served, "tom", PASSWORD).status_code == 401
