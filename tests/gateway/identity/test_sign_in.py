"""Who comes in, who does not, and that nobody learns more than that."""

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.catalog.store.schema import user_token
from lakeward.gateway.identity.accounts import Accounts
from lakeward.gateway.identity.errors import (
    InvalidPrincipalNameError,
    UnauthenticatedError,
    UnknownTokenError,
    UnknownUserError,
    UserExistsError,
    WeakPasswordError,
)
from lakeward.gateway.identity.identities import Identities
from lakeward.gateway.identity.saslprep import saslprep
from lakeward.gateway.identity.scram import DEFAULT_ITERATIONS, derive, new_verifier
from lakeward.gateway.identity.throttle import ADDRESS, PAIR, Throttle

PASSWORD = "correct horse battery"  # noqa: S105  of nobody
QUICK = "\n[gateway.identity]\nscram_iterations = 4096\n"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake whose passwords are quick to check."""
    made = init_lake(tmp_path / "lake")
    config = made.root / "lakeward.toml"
    config.write_text(config.read_text("utf-8") + QUICK, "utf-8")
    return open_lake(made.root)


@pytest.fixture
def identities(lake: Lake) -> Identities:
    """Knows ada, by password."""
    made = Identities(lake)
    made.accounts.add("ada", PASSWORD, by="test")
    return made


def kinds(lake: Lake) -> list[str]:
    return [each.kind for each in lake.audit.records(limit=100)]


def test_the_default_work_factor_is_the_advised_one(tmp_path: Path) -> None:
    assert Identities(init_lake(tmp_path)).settings.scram_iterations == DEFAULT_ITERATIONS == 600_000


def test_a_verifier_is_what_rfc_7677_has() -> None:
    salt = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    verifier = derive("pencil", salt, 4096)
    first = "n=user,r=rOprNGfwEbeRWgbNEkqO"
    answer = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    last = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    message = f"{first},{answer},{last}".encode()
    signature = hmac.digest(verifier.stored_key, message, "sha256")
    proof = base64.b64decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    client_key = bytes(a ^ b for a, b in zip(proof, signature, strict=True))
    assert hashlib.sha256(client_key).digest() == verifier.stored_key
    server = hmac.digest(verifier.server_key, message, "sha256")
    assert base64.b64encode(server) == b"6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


@pytest.mark.parametrize(
    ("typed", "prepared"),
    [
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("\u0007\u00e9", "\u0007\u00e9"),
        ("\u06271", "\u06271"),
    ],
)
def test_saslprep_has_the_examples_of_rfc_4013(typed: str, prepared: str) -> None:
    assert saslprep(typed) == prepared


@given(st.text())
def test_saslprep_takes_whatever_is_typed(typed: str) -> None:
    assert saslprep(saslprep(typed)) == saslprep(typed)


def test_the_right_password_comes_in(identities: Identities) -> None:
    identity = identities.verify_password("ada", PASSWORD, peer="192.0.2.1")
    assert (identity.principal, identity.method, identity.expires) == ("ada", "password", None)
    assert PASSWORD not in repr(identity)


def test_every_failure_reads_alike_and_is_recorded(identities: Identities, lake: Lake) -> None:
    identities.accounts.add("bob", None, by="test")
    identities.accounts.add("eve", PASSWORD, by="test")
    identities.accounts.revoke("eve", by="test")
    token, made = identities.accounts.make_token("ada", 1, by="test")
    identities.accounts.revoke_token("ada", made.id, by="test")
    before = len(kinds(lake))
    tries: list[Callable[[], object]] = [
        lambda: identities.verify_password("ada", "wrong horse battery"),
        lambda: identities.verify_password("nobody", PASSWORD),
        lambda: identities.verify_password("bob", PASSWORD),
        lambda: identities.verify_password("eve", PASSWORD),
        lambda: identities.verify_password("ada\0", PASSWORD),
        lambda: identities.verify_password("", ""),
        lambda: identities.verify_token(token),
        lambda: identities.verify_token(token[:-1] + ("A" if token[-1] != "A" else "B")),
        lambda: identities.verify_token("lakeward_0000000000000000_" + "a" * 43),
        lambda: identities.verify_token("\ud800"),
        lambda: identities.verify_jwt("a.b.c"),
        lambda: identities.verify_certificate(b"\x30"),
        lambda: identities.scram_failed("ada"),
    ]
    texts = set()
    for each in tries:
        with pytest.raises(UnauthenticatedError) as caught:
            each()
        texts.add((str(caught.value), caught.value.hint, caught.value.code))
    assert len(texts) == 1
    recorded = lake.audit.records(limit=len(kinds(lake)) - before)
    assert len(recorded) == len(tries)
    assert {each.kind for each in recorded} <= {"sign-in.failed", "sign-in.slowed"}
    assert "horse" not in str(recorded)


def test_no_secret_is_at_rest(identities: Identities, lake: Lake) -> None:
    token, _ = identities.accounts.make_token("ada", 1, by="test")
    identities.verify_password("ada", PASSWORD)
    identities.verify_token(token)
    lake.close()
    held = b"".join(path.read_bytes() for path in lake.root.rglob("*") if path.is_file())
    assert PASSWORD.encode() not in held
    assert token.rpartition("_")[2].encode() not in held


def test_a_name_that_is_not_there_has_one_verifier_for_ever(identities: Identities, lake: Lake) -> None:
    first = identities.scram_verifier("nobody")
    assert first.texts() == Identities(lake).scram_verifier("nobody").texts()
    assert first.texts() != identities.scram_verifier("someone").texts()
    real = identities.scram_verifier("ada")
    assert [len(each) for each in (first.salt, first.stored_key, first.server_key)] == [
        len(each) for each in (real.salt, real.stored_key, real.server_key)
    ]
    assert first.iterations == real.iterations


def test_scram_ends_in_an_identity_only_for_todays_password(identities: Identities) -> None:
    verifier = identities.scram_verifier("ada")
    assert identities.scram_succeeded("ada", verifier).principal == "ada"
    identities.accounts.set_password("ada", "another long password", by="test")
    with pytest.raises(UnauthenticatedError):
        identities.scram_succeeded("ada", verifier)
    with pytest.raises(UnauthenticatedError):
        identities.scram_succeeded("nobody", identities.scram_verifier("nobody"))


def test_an_unknown_name_costs_what_a_known_one_does(identities: Identities) -> None:
    identities.settings = identities.settings.model_copy(update={"scram_iterations": 60_000})
    identities.accounts = Accounts(identities._lake, 60_000)
    identities.accounts.add("amy", PASSWORD, by="test")
    spent: dict[str, list[float]] = {"amy": [], "nobody": []}
    for _ in range(7):
        for name, times in spent.items():
            identities._throttle = Throttle()
            start = time.thread_time()
            with pytest.raises(UnauthenticatedError):
                identities.verify_password(name, "wrong horse battery")
            times.append(time.thread_time() - start)
    known, unknown = (sorted(times)[len(times) // 2] for times in spent.values())
    assert 0.5 < unknown / known < 2.0


def test_a_token_comes_in_until_it_expires_or_is_revoked(identities: Identities, lake: Lake) -> None:
    token, made = identities.accounts.make_token("ada", 1, by="test")
    identity = identities.verify_token(token)
    assert identity.principal == "ada"
    assert identity.expires == datetime.fromisoformat(made.expires_at)
    accounts = identities.accounts
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat(timespec="microseconds")
    with lake.store.writing() as connection:
        row = connection.execute(select(user_token)).one()._asdict() | {"expires_at": past}
        seal = accounts._of_tokens.of(row)
        connection.execute(update(user_token).values(expires_at=past, seal=seal))
    assert [each.revoked_at for each in accounts.tokens()] == [None]
    with pytest.raises(UnauthenticatedError):
        identities.verify_token(token)
    assert not identities.is_valid(identity)


def test_what_was_revoked_or_changed_counts_at_the_next_statement(identities: Identities) -> None:
    token, made = identities.accounts.make_token("ada", 1, by="test")
    by_token = identities.verify_token(token)
    by_password = identities.verify_password("ada", PASSWORD)
    identities.require_valid(by_token)
    identities.require_valid(by_password)
    identities.accounts.set_password("ada", "another long password", by="test")
    assert identities.is_valid(by_token)
    with pytest.raises(UnauthenticatedError):
        identities.require_valid(by_password)
    with pytest.raises(UnauthenticatedError):
        identities.verify_password("ada", PASSWORD)
    identities.accounts.revoke_token("ada", made.id, by="test")
    with pytest.raises(UnauthenticatedError):
        identities.require_valid(by_token)


def test_revoking_a_user_ends_every_way_in(identities: Identities) -> None:
    token, _ = identities.accounts.make_token("ada", 1, by="test")
    proofs = [identities.verify_token(token), identities.verify_password("ada", PASSWORD)]
    identities.accounts.revoke("ada", by="test")
    assert not any(identities.is_valid(each) for each in proofs)
    identities.accounts.add("ada", PASSWORD, by="test")
    assert not any(identities.is_valid(each) for each in proofs)


@pytest.mark.parametrize("end", ["token", "user"])
def test_a_running_statement_is_cancelled_within_a_second(identities: Identities, end: str) -> None:
    token, made = identities.accounts.make_token("ada", 1, by="test")
    cancelled = threading.Event()
    others = threading.Event()
    identities.accounts.add("bob", PASSWORD, by="test")
    bob = identities.verify_password("bob", PASSWORD)
    with (
        identities.guarding(identities.verify_token(token), cancelled.set),
        identities.guarding(bob, others.set),
    ):
        if end == "token":
            identities.accounts.revoke_token("ada", made.id, by="test")
        else:
            identities.accounts.revoke("ada", by="test")
        assert cancelled.wait(1.0)
        assert not others.is_set()
    identities.close()


def test_a_store_that_cannot_be_asked_lets_nothing_go_on(identities: Identities, lake: Lake) -> None:
    cancelled = threading.Event()
    identity = identities.verify_password("ada", PASSWORD)
    with identities.guarding(identity, cancelled.set):
        with lake.store.engine.begin() as connection:
            connection.execute(text("ALTER TABLE user_account RENAME TO elsewhere"))
        assert cancelled.wait(1.5)


def test_guessing_is_slowed_even_with_the_right_password_at_last(identities: Identities) -> None:
    identities._throttle = Throttle(lambda: 1000.0)
    identities.verify_password("ada", PASSWORD, peer="192.0.2.9")  # and kept as proven
    for number in range(PAIR.failures):
        with pytest.raises(UnauthenticatedError):
            identities.verify_password("ada", f"guess number {number:04}", peer="192.0.2.1")
    with pytest.raises(UnauthenticatedError):
        identities.verify_password("ada", PASSWORD, peer="192.0.2.1")
    assert identities.verify_password("ada", PASSWORD, peer="192.0.2.2").principal == "ada"
    assert kinds(identities._lake).count("sign-in.slowed") == 1


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_budgets_come_back_with_time_and_debt_is_paid_first() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(PAIR.failures + 2):
        throttle.failed("ada", "192.0.2.1")
    assert not throttle.may_try("ada", "192.0.2.1")
    clock.now += PAIR.seconds * 2
    assert not throttle.may_try("ada", "192.0.2.1")
    clock.now += PAIR.seconds
    assert throttle.may_try("ada", "192.0.2.1")


def test_an_address_is_slowed_whatever_names_it_tries() -> None:
    throttle = Throttle(Clock())
    for number in range(ADDRESS.failures):
        assert throttle.may_try(f"user{number}", "2001:db8::1")
        throttle.failed(f"user{number}", f"2001:db8::{number:x}")
    assert not throttle.may_try("ada", "2001:db8::ffff:1")
    assert throttle.may_try("ada", "2001:db8:0:1::1")


def test_many_addresses_cannot_keep_out_a_user_at_the_usual_place() -> None:
    throttle = Throttle(Clock())
    throttle.succeeded("ada", "192.0.2.1")
    for number in range(200):
        throttle.failed("ada", f"198.51.{number}.1")
    assert not throttle.may_try("ada", "203.0.113.1")
    assert throttle.may_try("ada", "192.0.2.1")


def test_the_memory_of_failures_is_bounded() -> None:
    throttle = Throttle(Clock(), kept=50)
    for number in range(500):
        throttle.failed(f"user{number}", f"198.51.{number % 250}.{number // 250}")
        throttle.succeeded(f"user{number}", "192.0.2.1")
    assert len(throttle._left) <= 50
    assert len(throttle._known) <= 50


def test_failures_of_tokens_keep_no_password_out_and_fill_no_log(identities: Identities, lake: Lake) -> None:
    identities._throttle = Throttle(lambda: 1000.0)  # time stands still
    for _ in range(ADDRESS.failures + 20):
        with pytest.raises(UnauthenticatedError):
            identities.verify_token("lakeward_0000000000000000_" + "a" * 43, peer="192.0.2.1")
    assert kinds(lake).count("sign-in.failed") + kinds(lake).count("sign-in.slowed") == ADDRESS.failures
    assert identities.verify_password("ada", PASSWORD, peer="192.0.2.1").principal == "ada"


def test_a_watch_outlives_what_cannot_be_cancelled(identities: Identities) -> None:
    identity = identities.verify_password("ada", PASSWORD)
    cancelled = threading.Event()

    def broken() -> None:
        raise ValueError

    with identities.guarding(identity, broken), identities.guarding(identity, cancelled.set):
        identities.accounts.revoke("ada", by="test")
        assert cancelled.wait(1.2)


def test_names_and_passwords_that_cannot_be_used_are_refused(identities: Identities) -> None:
    for name in ("", "a b", "group:x", "-a", "a" * 129, "ada\n", "a\u0301"):
        with pytest.raises(InvalidPrincipalNameError):
            identities.accounts.add(name, PASSWORD, by="test")
    for password in ("short", "x" * 1025):
        with pytest.raises(WeakPasswordError):
            identities.accounts.add("new", password, by="test")
    with pytest.raises(UserExistsError):
        identities.accounts.add("ada", PASSWORD, by="test")
    with pytest.raises(UnknownUserError):
        identities.accounts.set_password("nobody", PASSWORD, by="test")
    with pytest.raises(UnknownUserError):
        identities.accounts.make_token("nobody", 1, by="test")
    with pytest.raises(UnknownTokenError):
        identities.accounts.revoke_token("ada", "0" * 16, by="test")


def test_two_equal_passwords_have_different_verifiers() -> None:
    assert new_verifier(PASSWORD, 4096).texts() != new_verifier(PASSWORD, 4096).texts()
