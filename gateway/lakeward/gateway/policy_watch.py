"""Ends running statements when what they were allowed to read is no longer what they may read."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from lakeward.catalog.errors import LakewardError
from lakeward.gateway.break_glass.errors import GlassEndedError
from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.errors import RevokedError
from lakeward.gateway.recorded import glass_acting
from lakeward.gateway.session import Session
from lakeward.gateway.statement import GovernedStatement
from lakeward.policies.decide import CompiledPolicies

_SECONDS_BETWEEN_LOOKS = 0.2


@dataclass(kw_only=True, slots=True)
class _Watched:
    session: Session
    statement: GovernedStatement
    fingerprint: str
    ending: Cancellation


class PolicyWatch:
    """Decides again on what runs when policies change or a grant ends; one thread for all statements.

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
                self._thread = threading.Thread(target=self._look, name="lakeward-policies", daemon=True)
                self._thread.start()

    def remove(self, statement_id: str) -> None:
        """Watch a statement no longer: it has ended."""
        with self._lock:
            self._watched.pop(statement_id, None)

    def close(self) -> None:
        """Stop looking."""
        self._closed.set()

    def _look(self) -> None:
        while not self._closed.wait(_SECONDS_BETWEEN_LOOKS):
            with self._lock:
                watched = list(self._watched.values())
            if not watched:
                continue
            policies = self._policies()
            for each in watched:
                if not _may_go_on(each, policies):
                    each.ending.cancel(_why(each))


def _why(watched: _Watched) -> LakewardError:
    """Who reads under emergency access is told that it has ended."""
    return GlassEndedError() if glass_acting(watched.session, watched.statement) else RevokedError()


def _may_go_on(watched: _Watched, policies: CompiledPolicies) -> bool:
    context, decided = watched.session.context(), watched.statement.restrictions
    has_ended = any(each.until and each.until <= context.now for each in decided.values())
    if watched.fingerprint == policies.fingerprint and not has_ended:
        return True
    try:
        for name, before in decided.items():
            now = watched.statement.pins.restricted(name, partial(policies.decide, context))
            if (now.grants, now.row_filters) != (before.grants, before.row_filters):
                return False
    except LakewardError:
        return False  # denied now, or cannot be decided
    watched.fingerprint = policies.fingerprint
    return True
