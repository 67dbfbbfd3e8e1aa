"""Small answers that need not be computed twice.

An answer belongs to one kept plan, and a plan is used again only for the same principal, purpose, text and
parameters while policies, keys and every pinned table are what they were (`plan_cache`). So whoever loses a
grant loses the answer with the plan. An answer is kept only if its statement gives the same again: none that
asks the clock or draws at random. It is forgotten after a while, so that what was erased from the lake does
not live on in memory.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from lakeward.catalog.config import CONFIG_FILE, InvalidConfigError
from lakeward.catalog.lake import Lake
from lakeward.gateway.deadlines import Deadlines
from lakeward.policies.lists import allow_lists
from lakeward.policies.verify import EngineReading

_MOST_BYTES: Final = 64 * 1024
_MOST_ANSWERS: Final = 1_000
_SECONDS: Final = 60.0
_MOST_SECONDS: Final = 3_600


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptAnswer:
    """All rows of an answer."""

    schema: pa.Schema
    batches: tuple[pa.RecordBatch, ...]
    ends: float


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """The place of one plan's answer; `is_repeatable` is asked when there is one."""

    cache: "AnswerCache"
    is_repeatable: Callable[[], bool]

    def get(self) -> KeptAnswer | None:
        """Return the answer, if it was given before and is not forgotten."""
        return self.cache.get(self)

    def watched(self, schema: pa.Schema, rows: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Hand rows on as they come; keep them when that was all, and little."""
        found: list[pa.RecordBatch] | None = []
        size = 0
        for batch in rows:
            size += batch.get_total_buffer_size()
            found = [*found, batch] if found is not None and size <= _MOST_BYTES else None
            yield batch
        if found is not None and self.cache.seconds and self.is_repeatable():
            self.cache.keep(self, schema, found)


class AnswerCache:
    """Keeps the answers given last, for some seconds; safe to use from several threads."""

    def __init__(self, deadlines: Deadlines, seconds: float) -> None:
        self.seconds = seconds
        self._deadlines = deadlines
        self._kept: OrderedDict[Answers, KeptAnswer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, of: Answers) -> KeptAnswer | None:
        """Return the answer of a plan, if it is kept."""
        with self._lock:
            found = self._kept.get(of)
        return found if found is not None and found.ends > time.monotonic() else None

    def keep(self, of: Answers, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        """Keep an answer, in place of the oldest where there are many."""
        kept = KeptAnswer(schema=schema, batches=tuple(batches), ends=time.monotonic() + self.seconds)
        with self._lock:
            if not self._kept:
                self._deadlines.add(self.seconds, self.forget)
            self._kept.pop(of, None)
            self._kept[of] = kept
            while len(self._kept) > _MOST_ANSWERS:
                self._kept.popitem(last=False)

    def forget(self) -> None:
        """Let go of what was kept long enough, and look again when the next one is."""
        now = time.monotonic()
        with self._lock:
            while self._kept and (oldest := next(iter(self._kept.values()))).ends <= now:
                self._kept.popitem(last=False)
            if self._kept:
                self._deadlines.add(oldest.ends - now, self.forget)


def gives_the_same_again(reading: EngineReading) -> bool:
    """Whether a text, as the engine reads it, neither asks the clock nor draws at random."""
    return not allow_lists().changing & (reading.functions | reading.bare_names)


def keep_seconds(lake: Lake) -> float:
    """Return `[gateway] keep_answers_seconds` of `lakeward.toml`; 0 keeps none.

    Raises:
        InvalidConfigError: It is no number of seconds.
    """
    found = lake.config.gateway.get("keep_answers_seconds", _SECONDS)
    if isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found <= _MOST_SECONDS:
        return float(found)
    fault = f"`gateway.keep_answers_seconds`: must be a number of seconds from 0 to {_MOST_SECONDS}"
    raise InvalidConfigError(lake.root / CONFIG_FILE, [fault])
