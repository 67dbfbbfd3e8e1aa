"""The settings of a connection: an allow-list, each with the values that it takes.

Most are there because clients set them when they connect; those take only what is true here.
"""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lakeward.gateway.doors.postgres.errors import UnknownSettingError, WireError
from lakeward.policies.admit.parse import DIALECTS

PURPOSE, DIALECT, TIMEOUT = "lakeward.purpose", "lakeward.dialect", "statement_timeout"
SERVER_VERSION = "15.0"
_MOST = 1_000
_DURATION = re.compile(r"\s*(\d{1,12})\s*(us|ms|s|min|h|d)?\s*\Z")
_MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000, None: 1}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its first value, which it takes (None: it cannot be set), whether clients are told."""

    value: str
    takes: Callable[[str], bool] | None = None
    is_reported: bool = False


def _one_of(*values: str) -> Callable[[str], bool]:
    folded = {each.casefold() for each in values}
    return lambda value: value.strip().casefold() in folded


def _any(value: str) -> bool:
    return len(value) <= _MOST and value.isprintable()


def _whole(value: str) -> bool:
    return re.fullmatch(r"\s*-?\d{1,9}\s*", value) is not None


def _duration(value: str) -> bool:
    return _DURATION.match(value) is not None


_ON, _OFF = _one_of("on", "true", "1", "yes"), _one_of("off", "false", "0", "no")
_LEVELS = _one_of("serializable", "repeatable read", "read committed", "read uncommitted")
_MESSAGES = _one_of("debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error")


def _either(value: str) -> bool:
    return _ON(value) or _OFF(value)


SETTINGS: Mapping[str, Setting] = {
    "application_name": Setting("", _any, is_reported=True),
    "bytea_output": Setting("hex", _one_of("hex")),
    "client_encoding": Setting("UTF8", _one_of("utf8", "utf-8", "unicode"), is_reported=True),
    "client_min_messages": Setting("notice", _MESSAGES),
    "datestyle": Setting(
        "ISO, MDY", lambda value: value.strip().casefold().startswith("iso"), is_reported=True
    ),
    "default_transaction_deferrable": Setting("off", _either),
    "default_transaction_isolation": Setting("read committed", _LEVELS),
    "default_transaction_read_only": Setting("on", _ON),
    "extra_float_digits": Setting("1", _whole),
    "idle_in_transaction_session_timeout": Setting("0", _duration),
    "in_hot_standby": Setting("off", is_reported=True),
    "integer_datetimes": Setting("on", is_reported=True),
    "intervalstyle": Setting("postgres", _one_of("postgres"), is_reported=True),
    "is_superuser": Setting("off", is_reported=True),
    "jit": Setting("off", _OFF),
    DIALECT: Setting("postgres", _one_of(*DIALECTS)),
    PURPOSE: Setting("", _any),
    "lock_timeout": Setting("0", _duration),
    "max_identifier_length": Setting("63"),
    "max_index_keys": Setting("32"),
    "row_security": Setting("on", _ON),
    "search_path": Setting("", _any),
    "server_encoding": Setting("UTF8", is_reported=True),
    "server_version": Setting(SERVER_VERSION, is_reported=True),
    "server_version_num": Setting("150000"),
    "session_authorization": Setting("", is_reported=True),
    "standard_conforming_strings": Setting("on", _ON, is_reported=True),
    TIMEOUT: Setting("0", _duration),
    "timezone": Setting("UTC", _one_of("utc", "gmt", "etc/utc", "z", "zulu", "default"), is_reported=True),
    "transaction_deferrable": Setting("off", _either),
    "transaction_isolation": Setting("read committed", _LEVELS),
    "transaction_read_only": Setting("on", _ON),
}
_SPELLED = {"datestyle": "DateStyle", "timezone": "TimeZone", "intervalstyle": "IntervalStyle"}
_AT_STARTUP = frozenset({"timezone", "datestyle"})  # drivers send their own; what counts is what we report


Marks = tuple[Mapping[str, str], Mapping[str, str]]
"""Settings as they were: those that counted, and those that would have outlasted the transaction."""


class Settings:
    """The settings of one connection as they are now, and as they are after a COMMIT."""

    def __init__(self, principal: str, search_path: str) -> None:
        first = {name: each.value for name, each in SETTINGS.items()}
        first |= {"session_authorization": principal, "search_path": search_path}
        self._first, self._now, self._lasting = first, dict(first), dict(first)

    def get(self, name: str) -> str:
        """Give the value of a setting.

        Raises:
            UnknownSettingError: There is none of that name.
        """
        found = self._now.get(name.casefold())
        if found is None:
            raise UnknownSettingError(", ".join(SETTINGS))
        return found

    def set(self, name: str, value: str, *, is_local: bool = False) -> bool:
        """Set a setting, a local one until the transaction ends; says whether clients are told of it.

        Raises:
            UnknownSettingError: There is none of that name, or it does not take the value.
        """
        name, value = name.casefold(), value.strip("'") if name.casefold() == "client_encoding" else value
        setting = SETTINGS.get(name)
        if setting is None or setting.takes is None:
            raise UnknownSettingError(", ".join(each for each, found in SETTINGS.items() if found.takes))
        if not setting.takes(value) or (name == "search_path" and not self._is_path(value)):
            raise UnknownSettingError(
                f"{name} = {self._now[name]}" if name != PURPOSE else f"{name}, a purpose"
            )
        self._put(name, self._first[name] if name in {"timezone", "datestyle"} else value, is_local=is_local)
        return setting.is_reported

    def _put(self, name: str, value: str, *, is_local: bool) -> None:
        self._now[name] = value
        if not is_local:
            self._lasting[name] = value

    def _is_path(self, value: str) -> bool:
        """A path may name the default namespace only: where a bare name is looked up does not change."""
        names = {each.strip().strip("\"'").casefold() for each in value.split(",")}
        return names <= {self._first["search_path"].casefold(), "public", "pg_catalog", "$user", ""}

    def reset(self, name: str | None = None, *, is_local: bool = False) -> None:
        """Take back one setting, or all, to what came with the connection: no pool hands on a purpose."""
        for each in [name.casefold()] if name else list(self._first):
            self._put(each, self._first.get(each, ""), is_local=is_local)

    def marks(self) -> Marks:
        """Give what `back_to` goes back to."""
        return dict(self._now), dict(self._lasting)

    def back_to(self, marks: Marks) -> None:
        """Take back what was set since, as a ROLLBACK does."""
        self._now, self._lasting = map(dict, marks)

    def commit(self) -> None:
        """Take back what was set for the transaction alone."""
        self._now = dict(self._lasting)

    def start(self, name: str, value: str) -> None:
        """Take a setting that came with the connection, which RESET then goes back to.

        Raises:
            UnknownSettingError: There is none of that name, or it does not take the value.
        """
        if name.casefold() in _AT_STARTUP:
            return
        self.set(name, value)
        self._first[name.casefold()] = self._now[name.casefold()]

    @property
    def timeout(self) -> float | None:
        """Seconds that a statement may take; None where the client set none."""
        match = _DURATION.match(self._now[TIMEOUT])
        milliseconds = int(match[1]) * _MILLISECONDS[match[2]] if match else 0
        return milliseconds / 1000 or None

    def all(self) -> Iterator[tuple[str, str]]:
        """Give every setting with its value, as SHOW spells it."""
        return ((_SPELLED.get(name, name), value) for name, value in sorted(self._now.items()))

    def reported(self) -> Iterator[tuple[str, str]]:
        """Give what a client is told when it connects."""
        return ((spelled(name), self._now[name]) for name, each in SETTINGS.items() if each.is_reported)


def spelled(name: str) -> str:
    """Give the name as PostgreSQL spells it."""
    return _SPELLED.get(name.casefold(), name.casefold())


def from_options(options: str) -> Iterator[tuple[str, str]]:
    """Read the startup parameter `options`: `-c name=value`, `-cname=value` or `--name=value`.

    Raises:
        WireError: It holds anything else.
    """
    try:
        words = iter(shlex.split(options))
    except ValueError:
        raise WireError("options that are not well formed") from None
    for word in words:
        text = next(words, "") if word == "-c" else word.removeprefix("-c" if word.startswith("-c") else "--")
        name, equals, value = text.partition("=")
        if not equals or not word.startswith("-"):
            raise WireError("options that are not of the form `-c name=value`")
        yield (name if "." in name else name.replace("-", "_")), value
