"""Who asks."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

AttributeValue = str | int | float | bool | list[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """A user or service, with its groups and attributes."""

    name: str
    groups: frozenset[str] = frozenset()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenGlass:
    """A request for emergency access: through which grant, for which purpose, from when to when."""

    request_id: str
    grant_id: str
    purpose: str
    since: dt.datetime
    until: dt.datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestContext:
    """One request: who, what for, when (aware, UTC), and under which emergency access."""

    principal: Principal
    purpose: str | None
    now: dt.datetime
    glass: tuple[BrokenGlass, ...] = ()
