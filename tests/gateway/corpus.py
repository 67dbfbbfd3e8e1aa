"""The corpus of honest queries and attacks, as the tests of a door ask it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bypass import hospital
from tests.bypass.copies import Copies
from tests.bypass.judge import REFUSALS, Item, Judge, load
from tests.bypass.lake import Governed, documents, make_lake
from tests.gateway.clinic import close_context, context_of

from lakeward.gateway.doors.door import DoorContext

ITEMS = [*load("honest"), *load("attacks")]
REFUSED = {each.code for each in REFUSALS}


@contextmanager
def judging(root: Path, through: Callable[[DoorContext], Governed]) -> Iterator[Judge]:
    """Make the corpus's lake, and judge what its principals are told.

    Args:
        root: Where the lake is made.
        through: Gives the product as a client sees it, of a context in which every principal has an account.
    """
    made = hospital.rows()
    lake = make_lake(root, hospital.arrow(made), documents())
    context = context_of(lake, [])
    yield Judge(through(context), Copies(made, lake.keys.derive("pseudonym:lake").hex()))
    close_context(context)


def tokens(context: DoorContext) -> dict[str, str]:
    """Give every principal an account and a token."""
    accounts = context.identities.accounts
    for principal in hospital.PRINCIPALS:
        accounts.add(principal, None, by="test")
    return {each: accounts.make_token(each, 1, by="test")[0] for each in hospital.PRINCIPALS}


def one_in(number: int, items: list[Item]) -> list[Item]:
    """Take some of every family."""
    by_family: dict[str, list[Item]] = {}
    for each in items:
        by_family.setdefault(each.family, []).append(each)
    return [each for family in by_family.values() for each in family[::number]]


def wrong(judge: Judge, items: list[Item]) -> list[str]:
    """Say which items are not answered as on the copy."""
    return [str(verdict) for verdict in map(judge.judge, items) if not verdict.is_right]
