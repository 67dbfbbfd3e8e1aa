"""What a serving gateway counts, for Prometheus: by door and outcome, never by table or principal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from lakeward.gateway.limits.queue import StatementQueue
from lakeward.policies.holder import PolicyHolder

Outcome = Literal["complete", "denied", "invalid", "failed", "limited", "refused", "cancelled"]


class Metrics(Collector):
    """The counters of one gateway; safe to use from several threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._connections = self._gauge("connections", "Connections that are open.")
        self._running = self._gauge("statements_running", "Statements that run.")
        self._statements = Counter(
            "lakeward_statements", "Statements that ended.", ["door", "outcome"], registry=self.registry
        )
        self._rows = Counter("lakeward_rows", "Rows that went out.", ["door"], registry=self.registry)
        self._seconds = Histogram(
            "lakeward_statement_seconds", "How long statements took.", ["door"], registry=self.registry
        )
        self._refused = Counter(
            "lakeward_sign_ins_refused", "Sign-ins that were refused.", ["door"], registry=self.registry
        )

        self._queue: StatementQueue | None = None
        self._policies: PolicyHolder | None = None
        self.registry.register(self)

    def watch(self, queue: StatementQueue, policies: PolicyHolder) -> None:
        """Tell of a gateway's queue, too, and whether its policies are those that are written."""
        self._queue, self._policies = queue, policies

    def collect(self) -> Iterator[Metric]:
        """Give what the queue says of itself; see `prometheus_client.registry.Collector`."""
        if self._queue is None or self._policies is None:
            return
        is_refused = self._policies.fault is not None
        yield GaugeMetricFamily("lakeward_policies_refused", "Whether documents do not hold up.", is_refused)
        state = self._queue.state()
        yield GaugeMetricFamily("lakeward_places_taken", "Places in which something runs.", state.running)
        yield GaugeMetricFamily("lakeward_places_waited_for", "Statements that wait.", state.waiting)
        refused = CounterMetricFamily(
            "lakeward_statements_refused", "Statements that found no place.", labels=["why"]
        )
        for why, count in state.refused.items():
            refused.add_metric([why], count)
        yield refused

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"lakeward_{name}", text, ["door"], registry=self.registry)

    @contextmanager
    def connection(self, door: str) -> Iterator[None]:
        """Count a connection while it is open."""
        with self._connections.labels(door).track_inprogress():
            yield

    @contextmanager
    def running(self, door: str) -> Iterator[None]:
        """Count a statement while it runs."""
        with self._running.labels(door).track_inprogress():
            yield

    def statement(self, door: str, outcome: Outcome, *, seconds: float, rows: int) -> None:
        """Count a statement that ended."""
        self._statements.labels(door, outcome).inc()
        self._rows.labels(door).inc(rows)
        self._seconds.labels(door).observe(seconds)

    def sign_in_refused(self, door: str) -> None:
        """Count a sign-in that was refused."""
        self._refused.labels(door).inc()

    def text(self) -> bytes:
        """Give every counter in Prometheus's text form."""
        return generate_latest(self.registry)
