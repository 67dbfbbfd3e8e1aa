"""The clauses of a contract, kind by kind: each module turns the ones it knows into rules.

`CLAUSES` is the order in which a report lists them. `unlisted` comes last and takes whatever no other
knows, so that every clause of a file is in the report: executed, proved, or not enforced with the reason.
"""

from collections.abc import Callable, Iterator

from lakeward.contracts.clauses.governance import governance
from lakeward.contracts.clauses.presence import presence
from lakeward.contracts.clauses.quality import quality
from lakeward.contracts.clauses.service_levels import service_levels
from lakeward.contracts.clauses.unlisted import unlisted
from lakeward.contracts.clauses.values import values
from lakeward.contracts.rules import Rule
from lakeward.contracts.scope import Scope

CLAUSES: tuple[Callable[[Scope], Iterator[Rule]], ...] = (
    presence,
    governance,
    values,
    quality,
    service_levels,
    unlisted,
)
