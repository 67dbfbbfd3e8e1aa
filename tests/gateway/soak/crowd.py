"""Those who ask: each thread one connection of one principal, whose every answer is judged."""

import random
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

import duckdb
from tests.bypass import hospital
from tests.bypass.copies import Copies
from tests.bypass.judge import Item, Judge, Verdict
from tests.bypass.lake import Answer, Governed
from tests.gateway.fuzz.serving import Serving
from tests.gateway.postgres.test_bypass_over_postgres import DIFFERS
from tests.gateway.soak.clients import DOORS, Client, GoneError, Pass
from tests.gateway.soak.said import Book, Said

from lakeward.catalog.errors import LakewardError

PASSING = frozenset({
    "worker-lost", "overloaded", "read-failed", "engine-unavailable", "limit-exceeded", "cancelled",
    "statement-cancelled",
})  # fmt: skip
"""Codes of a door that say nothing about the statement: ask again."""
_CROSS = "code AS a, code AS b, code AS c, code AS d, code AS e, code AS f"
_LARGE = f"SELECT a.title, b.title AS other FROM {_CROSS}"
_LONG = f"SELECT count(DISTINCT a.title || b.title || c.title || d.code) AS n FROM {_CROSS}"
_TAGGED = "SELECT chapter, count(*) AS {tag} FROM code GROUP BY chapter"


class Expected:
    """What the copies answer, asked before anybody else asks: copies are for one thread."""

    def __init__(self, copies: Copies, items: Sequence[Item], principals: Sequence[str]) -> None:
        self._copies = copies
        self.items = {each: _asked_by(each, items) for each in principals}
        self.tagged = {each: self._tagged(each) for each in principals}
        judge = Judge(cast("Governed", None), copies)
        known = {item: judge._expected(item) for of in self.items.values() for item in of}
        known |= {item: judge._expected(item) for item in self.tagged.values()}
        self._known = {(item.principal, item.dialect, item.sql): answer for item, answer in known.items()}
        self._secrets = {each: judge.secrets(each) for each in principals}

    @staticmethod
    def _tagged(principal: str) -> Item:
        sql = _TAGGED.format(tag="n")
        return Item(
            title="tagged",
            family="soak",
            principal=principal,
            expect="equal",
            dialect="duckdb",
            sql=sql,
            means=sql,
            ordered=False,
        )

    def judge(self, client: Client) -> Judge:
        """A judge of what one client is told."""
        return _Knowing(client, self._copies, self._known, self._secrets)


class _Knowing(Judge):
    def __init__(
        self, client: Client, copies: Copies, known: dict[Any, Any], secrets: dict[str, Any]
    ) -> None:
        super().__init__(cast("Governed", client), copies)
        self._known, self._secrets = known, secrets

    def _expected(self, item: Item) -> Answer | duckdb.Error:
        found: Answer | duckdb.Error = self._known[item.principal, item.dialect, item.sql]
        return found


def _asked_by(principal: str, items: Sequence[Item]) -> list[Item]:
    """The items of a principal, and those of others, who may be answered where this one is refused.

    What is denied to somebody else says nothing of this one, and some of it no copy can be asked.
    """
    others = [each for each in items if each.principal != principal and each.expect != "deny"]
    own = [each for each in items if each.principal == principal]
    return own + [replace(each, principal=principal, expect="either") for each in others]


class Asker:
    """One connection that asks until it is told to stop.

    Args:
        make: Connects.
        given: As whom.
        expected: What is right.
        book: Where all is written.
        chance: Chooses.
    """

    def __init__(
        self, make: Callable[[], Client], given: Pass, expected: Expected, book: Book, chance: random.Random
    ) -> None:
        self._make, self._given, self._book, self._chance = make, given, book, chance
        self._expected = expected
        self._client = make()

    def ask_until(self, end: threading.Event) -> None:
        """Ask; whatever a client library raises that nobody foresaw is in the book, too."""
        acts = [self._corpus] * 24 + [self._tagged] * 10 + [self._leave, self._cancel, self._again]
        while not end.is_set():
            act = self._chance.choice(acts)
            said = Said(
                door=self._client.door,
                principal=self._given.principal,
                kind=act.__name__.strip("_"),
                began=time.time(),
            )
            try:
                act(said)
            except GoneError as gone:
                self._note(said, outcome="gone", detail=str(gone))
                self._again(said)
            except Exception as error:  # noqa: BLE001  told by the test
                self._note(said, outcome="wrong", detail=f"{type(error).__name__}: {error}")
        self._client.close()

    def ask_a_few(self) -> None:
        """Ask some that each have one answer."""
        for _ in range(3):
            self._tagged(Said(door=self._client.door, principal=self._given.principal, kind="tagged"))
        self._client.close()

    def _note(self, said: Said, **changed: Any) -> None:  # noqa: ANN401  fields of `Said`
        told = self._client.told
        self._book.note(said, code=told.code, statement_id=told.statement_id, rows=told.rows, **changed)

    def _corpus(self, said: Said) -> None:
        item = self._chance.choice(self._expected.items[self._given.principal])
        verdict = self._expected.judge(self._client).judge(item)
        self._note(said, length=len(item.sql), **self._outcome(verdict))

    def _tagged(self, said: Said) -> None:
        item = self._expected.tagged[self._given.principal]
        tag = f"n_{uuid.uuid4().hex}"
        judge = self._expected.judge(_Renaming(self._client, tag))
        self._note(said, tag=tag, **self._outcome(judge.judge(item)))

    def _outcome(self, verdict: Verdict) -> dict[str, str]:
        if verdict.outcome == "leak":
            return {"outcome": "leak", "detail": str(verdict)}
        if verdict.outcome in {"fails", "both-fail"} and self._client.told.code in PASSING:
            return {"outcome": "passing"}
        if self._client.door == "postgres" and verdict.item.title in DIFFERS:
            self._client.told.rows = None  # it may be answered by the door itself, which is no statement
            return {"outcome": "in-other-words"}
        if not verdict.is_right:
            return {"outcome": "wrong", "detail": str(verdict)}
        return {"outcome": verdict.outcome}

    def _leave(self, said: Said) -> None:
        try:
            self._client.leave(_LARGE)
        except LakewardError as error:
            self._note(said, **self._passing(error))
        else:
            self._note(said, outcome="left")
            self._again(said)

    def _cancel(self, said: Said) -> None:
        try:
            self._client.cancel_later(_LONG, self._chance.uniform(0.01, 0.5))
        except LakewardError as error:
            self._note(said, **self._passing(error))
        else:
            self._note(said, outcome="equal")  # it was faster

    def _passing(self, error: LakewardError) -> dict[str, str]:
        is_passing = self._client.told.code in PASSING
        return {"outcome": "passing" if is_passing else "wrong", "detail": "" if is_passing else repr(error)}

    def _again(self, _said: Said) -> None:
        self._client.close()
        self._client = self._make()


class _Renaming:
    """A client that gives one column of a query a name of its own, and reads it as `n`."""

    def __init__(self, client: Client, tag: str) -> None:
        self._client, self._tag = client, tag

    def run(self, principal: str, sql: str, dialect: str = "duckdb") -> Answer:
        names, rows = self._client.run(principal, sql.replace(" AS n ", f" AS {self._tag} "), dialect)
        return ["n" if each == self._tag else each for each in names], rows

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever a client has
        return getattr(self._client, name)


def crowd(
    served: Serving,
    passes: dict[str, Pass],
    expected: Expected,
    book: Book,
    connections: int,
) -> list[Asker]:
    """Connect, at each door alike; half of all are one principal's, whose share then is used up."""
    shares = ["grace", *hospital.PRINCIPALS[1:]]
    askers: list[Asker] = []
    for number in range(connections):
        given = passes["grace" if number % 2 else shares[number // 2 % len(shares)]]
        make = partial(DOORS[number % len(DOORS)], served, given)
        chance = random.Random(number)  # noqa: S311  no secret
        askers.append(Asker(make, given, expected, book, chance))
    return askers
