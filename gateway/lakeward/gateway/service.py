"""The gateway of one lake: every client's statements come through here."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from lakeward.catalog.config import PrincipalConfig
from lakeward.catalog.errors import LakewardError
from lakeward.catalog.lake import Lake
from lakeward.catalog.pin import PinnedTable
from lakeward.gateway.answer import Answer, Description
from lakeward.gateway.break_glass.requests import BreakGlass, breakable
from lakeward.gateway.break_glass.watch import GlassWatch
from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.deadlines import Deadlines
from lakeward.gateway.describe import describe
from lakeward.gateway.engines.duckdb.engine import DuckDBEngine
from lakeward.gateway.engines.duckdb.prepare import Prepared
from lakeward.gateway.engines.engine import Engine
from lakeward.gateway.errors import LimitExceededError, NoPurposeError
from lakeward.gateway.explain import Explanation, explain
from lakeward.gateway.govern import govern
from lakeward.gateway.kept_answers import AnswerCache, Answers, keep_seconds
from lakeward.gateway.limits.queue import StatementQueue
from lakeward.gateway.limits.settings import limit_settings
from lakeward.gateway.parameters import parameters_key, typed_literals
from lakeward.gateway.plan import Planner
from lakeward.gateway.plan_cache import PlanCache, plan_key
from lakeward.gateway.policy_watch import PolicyWatch
from lakeward.gateway.recorded import (
    glass_acting,
    record_denial,
    record_fault,
    record_listing,
    record_query,
    record_refused_policies,
)
from lakeward.gateway.running import Running
from lakeward.gateway.session import Limits, Session
from lakeward.gateway.statement import Asked, Pins
from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.decide import CompiledPolicies
from lakeward.policies.holder import PolicyHolder
from lakeward.policies.principal import Principal
from lakeward.policies.rewrite.resolve import Names

_NOT_UNDERSTOOD = "something that lakeward does not understand"
_TOO_DEEP = "more operators in a row than can be looked through; put groups of them in brackets"


class Gateway:
    """Serves one lake with one engine. Safe to use from several threads."""

    def __init__(self, lake: Lake, *, workers: bool = False) -> None:
        self.lake = lake
        self.names = Names(lake=lake.config.name, default_namespace=lake.config.default_namespace)
        self.policies = PolicyHolder(
            lake.policies_dir, lake.taxonomy, partial(record_refused_policies, lake.audit)
        )
        self.engine: Engine = _engine(lake, self.names, workers=workers)
        self.plans = PlanCache()
        self.limits = limit_settings(lake)
        self.queue = StatementQueue(self.limits.total_statements, self.limits.total_queue)
        self.break_glass = BreakGlass(lake)
        self._revocations = PolicyWatch(self.policies.current)
        self._deadlines = Deadlines()
        self.answers = AnswerCache(self._deadlines, keep_seconds(lake))
        self._running: dict[str, Cancellation] = {}
        may_fuse = bool(lake.config.gateway.get("fused", True))
        self.planner = Planner(
            names=self.names, study=lake.config.study, bind=self.engine.bind, may_fuse=may_fuse
        )

    def session(
        self,
        principal: str,
        purpose: str | None,
        *,
        dialect: str = "duckdb",
        limits: Limits | None = None,
        groups: frozenset[str] = frozenset(),
    ) -> Session:
        """Open a session for a principal, with the groups and attributes that `lakeward.toml` gives it.

        Raises:
            NoPurposeError: The purpose is missing or no policy document declares it.
        """
        who = self._principal(principal, groups)
        limits = limits or self._limits_of(who)
        session = Session(principal=who, purpose=purpose, dialect=dialect, limits=limits)
        declared = self.policies.current().purposes
        if purpose not in declared:
            refusal = NoPurposeError(declared)
            record_denial(self.lake.audit, session, "session", "", refusal)
            raise refusal
        return session

    def limits_of(self, principal: str, groups: frozenset[str] = frozenset()) -> Limits:
        """Say what a principal may use, as `[gateway.limits]` and today's roles have it."""
        return self._limits_of(self._principal(principal, groups))

    def _limits_of(self, who: Principal) -> Limits:
        return self.limits.of(who.name, who.groups, self.policies.current().snapshot(who).roles)

    def _principal(self, name: str, groups: frozenset[str]) -> Principal:
        known = self.lake.config.principals.get(name, PrincipalConfig())
        return Principal(
            name=name, groups=groups | frozenset(known.groups), attributes=dict(known.attributes)
        )

    def execute(
        self,
        session: Session,
        text: str,
        *,
        at: str | None = None,
        parameters: Sequence[pa.Scalar] = (),
        cancellation: Cancellation | None = None,
    ) -> Answer:
        """Run one statement: admit, pin, decide, rewrite, verify, audit, execute.

        Args:
            session: Who asks, and for what.
            text: One query.
            at: A snapshot, branch, tag or time at which the query's tables are read; policy is always
            today's.
            parameters: Typed values for `?` or `$1`, in order.
            cancellation: What ends the statement, for a caller that may have to before this returns.

        Raises:
            DeniedError: It is refused.
            OverloadedError: There is no place for it now.
            LakewardError: It is not valid, failed, or something that it needs is out of reach.
        """
        statement_id, ending = uuid.uuid4().hex, cancellation or Cancellation()
        held = ExitStack()  # what the statement holds until its end, its place first
        with ExitStack() as failing:
            failing.callback(held.close)
            with self._refusals_recorded(session, text, statement_id):
                place = self.queue.enter(session.principal.name, session.limits, ending)
                held.callback(self.queue.leave, place)
                policies = self.policies.current()  # those after the wait, during which a grant may end
                session = self.with_glass(session, policies)
            with self._refusals_recorded(session, text, statement_id):
                values = typed_literals(parameters)
                asked = Asked(text=text, at=at, values=values, key=parameters_key(parameters))
                prepared = self._prepare(session, asked, statement_id, policies)
            record_query(
                self.lake.audit, session, prepared.statement, way=prepared.way, policy=policies.fingerprint
            )
            self._watch(held, session, prepared, policies.fingerprint, ending)
            running = Running(self.lake.audit, session, statement_id, ending, self._deadlines, held.close)
            failing.pop_all()
        return self._answer(running, prepared)

    def _answer(self, running: Running, prepared: Prepared) -> Answer:
        """Give the answer that was given before, where it is kept, else run the statement."""
        kept = prepared.answers.get() if prepared.answers else None
        if kept is not None:
            return running.repeat(kept, prepared.way)
        running.keep_in(prepared.answers)
        return self.engine.run(running, prepared)

    def _watch(
        self, held: ExitStack, session: Session, prepared: Prepared, policy: str, ending: Cancellation
    ) -> None:
        """Let a statement be ended by whoever may, and by what it is allowed to read no more."""
        statement_id = prepared.statement.statement_id
        self._running[statement_id] = ending
        held.callback(self._running.pop, statement_id, None)
        if (watch := self._watch_glass(session, prepared, ending)) is not None:
            held.callback(watch.stop)
        held.callback(self._revocations.remove, statement_id)
        self._revocations.add(session, prepared.statement, policy, ending)

    def describe(
        self, session: Session, text: str, *, parameters: Sequence[pa.DataType | None] = ()
    ) -> Description:
        """Say what columns and parameters a statement has, as `execute` would give them; no row is read.

        Args:
            session: Who asks, and for what.
            text: One query.
            parameters: Their types as far as they are known. One that is not known gets that of what it is
            compared with, else text.

        Raises:
            DeniedError: It is refused.
            LakewardError: It is not valid, or took too long.
        """
        statement_id = uuid.uuid4().hex
        session = self.with_glass(session, self.policies.current())
        with self._refusals_recorded(session, text, statement_id):
            return describe(self, session, text, parameters, statement_id)

    @contextmanager
    def in_time(self, session: Session) -> Iterator[Cancellation]:
        """Give what ends an act that takes longer than a statement of the session may."""
        ending = Cancellation()
        over = partial(ending.cancel, LimitExceededError("time"))
        deadline = self._deadlines.add(session.limits.seconds, over)
        try:
            yield ending
        finally:
            self._deadlines.remove(deadline)

    def cancel(self, statement_id: str) -> bool:
        """End a running statement from any thread; whether there was one of that id."""
        ending = self._running.get(statement_id)
        if ending is not None:
            ending.cancel()
        return ending is not None

    @contextmanager
    def _refusals_recorded(self, session: Session, text: str, statement_id: str) -> Iterator[None]:
        try:
            yield
        except LakewardError as refusal:
            record_denial(self.lake.audit, session, statement_id, text, refusal)
            raise
        except Exception as fault:  # noqa: BLE001 - what a statement breaks on the way is not understood: refused
            denial = NotAdmittedError(_TOO_DEEP if isinstance(fault, RecursionError) else _NOT_UNDERSTOOD)
            record_fault(self.lake.audit, session, statement_id, fault)
            record_denial(self.lake.audit, session, statement_id, text, denial)
            raise denial from None

    def _prepare(
        self, session: Session, asked: Asked, statement_id: str, policies: CompiledPolicies
    ) -> Prepared:
        key = plan_key(session, asked.text, asked.at, policies.fingerprint, asked.key)
        pins = Pins(lake=self.lake, at=asked.at)
        if kept := self.plans.get(key, pins, session.context().now, statement_id):
            return kept
        pins = Pins(lake=self.lake, at=asked.at)
        statement = govern(
            session,
            asked.text,
            statement_id,
            policies=policies,
            names=self.names,
            pins=pins,
            parameters=asked.values,
        )
        planned = self.planner.plan(session, statement)
        prepared = self.engine.prepare(session, statement, planned)
        answers = Answers(self.answers, partial(self.engine.is_repeatable, prepared))
        prepared = replace(prepared, answers=answers)
        self.plans.keep(key, prepared, pins)
        return prepared

    def explain(
        self, session: Session, text: str, *, at: str | None = None, parameters: Sequence[pa.Scalar] = ()
    ) -> Explanation:
        """Say what would be decided for a statement and why, without running it; see `execute`."""
        with self._refusals_recorded(session, text, "explain"), self.place(session):
            session = self.with_glass(session, self.policies.current())
            return explain(self, session, text, at, typed_literals(parameters))

    def place(self, session: Session) -> AbstractContextManager[None]:
        """Hold one of the principal's places while the block runs; see `StatementQueue.enter`."""
        return self.queue.place(session.principal.name, session.limits)

    @contextmanager
    def room(self, session: Session) -> Iterator[None]:
        """Hold a place for a listing of what is there; it is recorded, and so is a refusal."""
        with self._refusals_recorded(session, "", "listing"), self.place(session):
            record_listing(self.lake.audit, self.with_glass(session, self.policies.current()))
            yield

    def with_glass(self, session: Session, policies: CompiledPolicies) -> Session:
        """Give the session with the emergency access that counts now, and with no other."""
        if not breakable(policies, session.principal):
            return replace(session, glass=()) if session.glass else session
        now = session.context().now
        return replace(session, glass=self.break_glass.active(session.principal.name, session.purpose, now))

    def _watch_glass(self, session: Session, prepared: Prepared, ending: Cancellation) -> GlassWatch | None:
        acting = glass_acting(session, prepared.statement)
        if not acting:
            return None

        ends = [each.until for each in prepared.statement.restrictions.values() if each.until]

        def still_counts() -> bool:
            asked = self.with_glass(session, self.policies.current())
            return {*acting} <= {*asked.glass} and asked.context().now < min(ends)

        return GlassWatch(still_counts, ending)

    def aggregate(self, table: PinnedTable, query: Any) -> dict[str, int | float | None]:  # noqa: ANN401
        """Run one aggregate over the raw rows of a pinned table, for a contract; only its numbers come out.

        Args:
            table: The table.
            query: A SELECT (a sqlglot tree) of numbers over a table that it calls `t`.
        """
        return self.engine.aggregate(table, query)

    def close(self) -> None:
        """Close the engine.

        Raises:
            AuditUnavailableError: A record of what has run cannot be written.
        """
        self._revocations.close()
        self._deadlines.close()
        self.engine.close()
        self.lake.audit.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_gateway(lake: Lake, *, workers: bool = False) -> Gateway:
    """Open the gateway of a lake, with its policies checked and its engine ready.

    Args:
        lake: The lake.
        workers: Whether statements run in processes of their own, as they must where several principals ask;
            else in this one, which takes less time to start.

    Raises:
        PolicyError: A policy document is not valid.
        EngineUnavailableError: The engine cannot be used as it is installed.
    """
    return Gateway(lake, workers=workers)


def _engine(lake: Lake, names: Names, *, workers: bool) -> Engine:
    if not workers:
        return DuckDBEngine(lake, names)
    from lakeward.gateway.engines.workers.engine import WorkerEngine  # noqa: PLC0415  for those who serve

    return WorkerEngine(lake, names)
