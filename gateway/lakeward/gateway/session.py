"""Who asks, what for, in which dialect, within which limits."""

import datetime as dt
from dataclasses import dataclass, field

from lakeward.policies.principal import BrokenGlass, Principal, RequestContext


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one statement may use, and how many of them there may be.

    Attributes:
        seconds: Time to run, from the first row read to the last row sent.
        rows: Rows of the answer; None for all.
        bytes: Size of the answer's values; None for any.
        memory: Memory of the bench, in DuckDB's spelling.
        threads: Threads of the engine.
        statements: How many of the principal's statements run at once.
        queue: How many more may wait for their turn.
        wait_seconds: How long one may wait.
    """

    seconds: float = 300.0
    rows: int | None = 200_000_000
    bytes: int | None = 64_000_000_000
    memory: str = "2GB"
    threads: int = 2
    statements: int = 8
    queue: int = 32
    wait_seconds: float = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """One principal's connection; it holds no state that a statement could change.

    Attributes:
        principal: Who asks.
        purpose: What for.
        dialect: In which SQL.
        limits: What each statement may use.
        glass: Emergency access that counts; the gateway looks it up anew for every statement, whatever stands
            here.
    """

    principal: Principal
    purpose: str | None
    dialect: str = "duckdb"
    limits: Limits = field(default_factory=Limits)
    glass: tuple[BrokenGlass, ...] = ()

    def context(self) -> RequestContext:
        """Return the request as of now; grants expire between two statements of one session."""
        now = dt.datetime.now(dt.UTC)
        return RequestContext(principal=self.principal, purpose=self.purpose, now=now, glass=self.glass)
