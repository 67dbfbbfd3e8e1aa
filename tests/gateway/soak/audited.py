"""Whether the audit chain holds what clients were told."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from tests.gateway.soak.said import Said

from lakeward.catalog.audit import AuditRecord

_UNRECORDED = frozenset({"unauthenticated", "42704", "22023", "0A000"})
"""Codes of what is said to somebody who is nobody yet, and to what is no statement."""


def lost(said: Iterable[Said], records: Iterable[AuditRecord]) -> list[str]:
    """Say what of that which clients were told no record tells.

    A statement that its client can name is looked for by name; the others are counted, by principal.
    """
    chain, everything = _Chain(records), list(said)
    found = [fault for each in everything if (fault := chain.fault(each))]
    answered = Counter(each.principal for each in everything if each.rows is not None)
    refused = Counter(each.principal for each in everything if _is_refused(each))
    for principal, count in answered.items():
        if (have := chain.counts["query", principal]) < count:
            found.append(f"{principal} had {count} answers, and {have} are recorded")
    for principal, count in refused.items():
        if (have := chain.refused[principal]) < count:
            found.append(f"{principal} had {count} refusals, and {have} are recorded")
    return found


def _is_refused(said: Said) -> bool:
    of_policy = said.outcome == "refused" and said.code not in _UNRECORDED
    return of_policy or said.code == "overloaded"


class _Chain:
    """The records, as they are looked for."""

    def __init__(self, records: Iterable[AuditRecord]) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.refused: Counter[str] = (
            Counter()
        )  # before they ran, or by the engine that looked for their names
        self._begun: dict[str, AuditRecord] = {}
        self._ended: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._tags: defaultdict[str, list[str]] = defaultdict(list)
        for each in records:
            self.counts[each.kind, each.principal] += 1
            name = str(each.details.get("statement_id"))
            self.refused[each.principal] += each.kind in {"denial", "query.failed"}
            if each.kind == "query":
                self._begun[name] = each
                for word in str(each.details["statement"]).replace('"', " ").split():
                    if word.startswith("n_"):
                        self._tags[word].append(name)
            elif each.kind == "query.finished":
                self._ended[name].append(dict(each.details))

    def fault(self, said: Said) -> str | None:
        """Say what is wrong with the records of one statement that can be named; None if nothing is."""
        names = [said.statement_id] if said.statement_id else self._tags.get(said.tag, []) if said.tag else []
        if said.rows is None:
            return None
        if said.tag and not names:
            return f"no record of {said}"
        for name in names:
            if (fault := self._fault_of(str(name), said)) is not None:
                return f"{fault}: {said}"
        return None

    def _fault_of(self, name: str, said: Said) -> str | None:
        begun, ended = self._begun.get(name), self._ended[name]
        if begun is None or begun.principal != said.principal:
            return "no record of its beginning"
        if len(ended) != 1 or ended[0]["outcome"] != "complete":
            return f"{ended} recorded of its end"
        return None if ended[0]["rows"] == said.rows else f"{ended[0]['rows']} rows recorded"
