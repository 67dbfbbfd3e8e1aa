"""Ends running statements when what they were allowed to read is no longer what they may read."""

import contextlib
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.lake import Lake
from lakeward.catalog.pin import PinnedTable, has_erased
from lakeward.gateway.break_glass.errors import GlassEndedError
from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.errors import RevokedError
from lakeward.gateway.recorded import glass_acting
from lakeward.gateway.session import Session
from lakeward.gateway.statement import GovernedStatement
from lakeward.policies.decide import CompiledPolicies
from lakeward.policies.decision import ReadRestrictions

_SECONDS_BETWEEN_LOOKS = 0.2
_LOOKS_BETWEEN_TAGS = 4


@dataclass(kw_only=True, slots=True)
class _Watched:
    session: Session
    statement: GovernedStatement
    fingerprint: str
    ending: Cancellation
    has_lasted: bool = False


class PolicyWatch:
    """Decides again on what runs when policies or tags change or a grant ends; one thread for all statements.

    A statement goes on only if the decision on each of its tables, as pinned, is the very one it runs under.
    """

    def __init__(self, policies: Callable[[], CompiledPolicies]) -> None:
        self._policies = policies
        self._watched: dict[str, _Watched] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def add(
        self, session: Session, statement: GovernedStatement, fingerprint: str, ending: Cancellation
    ) -> None:
        """Watch a statement that was decided under the policies of that fingerprint."""
        watched = _Watched(session=session, statement=statement, fingerprint=fingerprint, ending=ending)
        with self._lock:
            self._watched[statement.statement_id] = watched
            if self._thread is None:
                thread = threading.Thread(target=self._look, name="lakeward-policies", daemon=True)
                thread.start()
                self._thread = thread  # not before it runs: else nobody would look for the next statement

    def remove(self, statement_id: str) -> None:
        """Watch a statement no longer: it has ended."""
        with self._lock:
            self._watched.pop(statement_id, None)

    def close(self) -> None:
        """Stop looking."""
        self._closed.set()

    def _look(self) -> None:
        looks = itertools.count()
        while not self._closed.wait(_SECONDS_BETWEEN_LOOKS):
            at_tags = next(looks) % _LOOKS_BETWEEN_TAGS == 0
            with self._lock:
                watched = list(self._watched.values())
            for each in watched:
                if not self._goes_on(each, at_tags=at_tags):
                    _end(each)

    def _goes_on(self, watched: _Watched, *, at_tags: bool) -> bool:
        try:
            return _may_go_on(watched, self._policies(), at_tags=at_tags)
        except Exception:  # noqa: BLE001  denied now, or it cannot be decided; and the others are still watched
            return False


def _end(watched: _Watched) -> None:
    """End a statement; one whose engine cannot be told now ends with its next rows."""
    with contextlib.suppress(Exception):  # whatever the telling raises: the others are still watched
        watched.ending.cancel(_why(watched))


def _why(watched: _Watched) -> LakewardError:
    """Who reads under emergency access is told that it has ended."""
    return GlassEndedError() if glass_acting(watched.session, watched.statement) else RevokedError()


def _may_go_on(watched: _Watched, policies: CompiledPolicies, *, at_tags: bool) -> bool:
    """Decide again where policies are others now, and now and then on the tags of what lasts."""
    context, decided = watched.session.context(), watched.statement.restrictions
    has_ended = any(each.until and each.until <= context.now for each in decided.values())
    at_tags, watched.has_lasted = at_tags and watched.has_lasted, True
    if watched.fingerprint == policies.fingerprint and not has_ended and not at_tags:
        return True
    pins = watched.statement.pins

    def decide(pinned: PinnedTable) -> ReadRestrictions:
        return policies.decide(context, tagged_today(pins.lake, pinned))

    for name, before in decided.items():
        now = pins.restricted(name, decide)
        if (now.grants, now.row_filters) != (before.grants, before.row_filters):
            return False
    watched.fingerprint = policies.fingerprint
    return True


def tagged_today(lake: Lake, pinned: PinnedTable) -> PinnedTable:
    """Return a table as it was pinned, with the tags that its columns have now, and what was erased since.

    Raises:
        LakewardError: It is gone, or its tags are not to be believed.
    """
    erased = has_erased(lake, pinned)
    now = lake.pin(pinned.name, str(pinned.snapshot_id) if pinned.is_past else None)
    today = {each.field_id: each for each in now.columns}
    columns = (
        replace(each, tags=found.tags, is_classified=found.is_classified)
        if (found := today.get(each.field_id))
        else each
        for each in pinned.columns
    )
    return replace(pinned, columns=tuple(columns), tags=now.tags, holds_erased=erased)
