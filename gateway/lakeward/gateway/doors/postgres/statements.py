"""What one statement asks of the door, by its first words.

What is not known here is a query for the gateway, which admits or refuses it and records that; so nothing is
let through for being unknown.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from lakeward.gateway.doors.postgres.errors import UnsupportedError
from lakeward.gateway.doors.postgres.split import first_words
from lakeward.policies.admit.characters import MAX_LENGTH

_NAME = r'(?:"(?:[^"]|"")+"|[A-Za-z_][A-Za-z0-9_$]*)'
_SPACE = (
    r"(?:\s|/\*(?:[^*]|\*(?!/))*\*/|--[^\n]*(?:\n|\Z))*+"  # possessive: a long run of spaces is read once
)
_LONGEST = 2_000  # of a statement that is no query: what may be tried in several ways stays short
_FLAGS = re.IGNORECASE | re.DOTALL


@dataclass(frozen=True, slots=True)
class Query:
    """A query, for the gateway or the catalog."""

    text: str


@dataclass(frozen=True, slots=True)
class Copy:
    """`COPY (query) TO STDOUT (FORMAT binary)`: a query whose rows go out in another envelope."""

    text: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """A statement about transactions, which change nothing but what the client is told of where it is."""

    act: Literal["begin", "commit", "rollback", "savepoint", "release", "rollback-to", "nothing"]
    tag: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class SetSetting:
    """SET, or RESET where the value is None and all of them where the name is; LOCAL to a transaction."""

    name: str | None
    value: str | None
    tag: str = "SET"
    is_local: bool = False


@dataclass(frozen=True, slots=True)
class Show:
    """SHOW of one setting, or of all where the name is None."""

    name: str | None


@dataclass(frozen=True, slots=True)
class Declare:
    """DECLARE CURSOR."""

    name: str
    text: str
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Fetch:
    """FETCH or MOVE forward; `rows` is None for all."""

    name: str
    rows: int | None
    moves: bool = False


@dataclass(frozen=True, slots=True)
class CloseCursor:
    """CLOSE of one cursor, or of all."""

    name: str | None


@dataclass(frozen=True, slots=True)
class Forget:
    """DEALLOCATE of one prepared statement, or of all; DISCARD where the tag says so."""

    name: str | None
    tag: str = "DEALLOCATE"


Statement = Query | Copy | Transaction | SetSetting | Show | Declare | Fetch | CloseCursor | Forget


def read(text: str) -> Statement:
    """Read one statement.

    Raises:
        UnsupportedError: It is one of PostgreSQL's that this door does not do.
    """
    if len(text) > MAX_LENGTH:
        return Query(text)
    words = first_words(text)
    reader = _READERS.get(words[0]) if words else None
    if reader is None:
        return Query(text)
    if len(text) > _LONGEST and reader not in {_copy, _declare}:
        raise UnsupportedError(f"{words[0]} of more than {_LONGEST} characters")
    return reader(text, words)


def _match(pattern: str, text: str) -> re.Match[str] | None:
    """Match a whole statement; a space of the pattern is any white space or comment, or none."""
    return re.fullmatch(_SPACE + pattern.replace(" ", _SPACE) + _SPACE, text, _FLAGS)


def unquoted(name: str) -> str:
    """Give a name as PostgreSQL reads it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


def _begin(_text: str, words: list[str]) -> Statement:
    if words[0] == "START" and words[1:2] != ["TRANSACTION"]:
        return Query(_text)
    if "WRITE" in words:
        raise UnsupportedError("A transaction that writes", "Leave READ WRITE out: this door reads only.")
    return Transaction("begin", "BEGIN" if words[0] == "BEGIN" else "START TRANSACTION")


def _commit(_text: str, words: list[str]) -> Statement:
    if "PREPARED" in words:
        raise UnsupportedError("A transaction in two phases")
    return Transaction("commit", "COMMIT")


def _rollback(text: str, words: list[str]) -> Statement:
    if "PREPARED" in words:
        raise UnsupportedError("A transaction in two phases")
    found = _match(f"(?:ROLLBACK|ABORT) (?:WORK|TRANSACTION)? TO (?:SAVEPOINT)? ({_NAME})", text)
    if found:
        return Transaction("rollback-to", "ROLLBACK", unquoted(found[1]))
    return Transaction("rollback", "ROLLBACK")


def _savepoint(text: str, words: list[str]) -> Statement:
    found = _match(f"(?:SAVEPOINT|RELEASE SAVEPOINT|RELEASE) ({_NAME})", text)
    if not found:
        return Query(text)
    act: Literal["savepoint", "release"] = "savepoint" if words[0] == "SAVEPOINT" else "release"
    return Transaction(act, words[0], unquoted(found[1]))


def _set(text: str, words: list[str]) -> Statement:
    if words[1:3] == ["SESSION", "CHARACTERISTICS"] or words[1:2] == ["TRANSACTION"]:
        if "WRITE" in words:
            raise UnsupportedError("A transaction that writes", "Leave READ WRITE out: this door reads only.")
        return Transaction("nothing", "SET")
    value = r"('(?:[^']|'')*'|[^';]+?)"
    is_local = words[1:2] == ["LOCAL"]
    if found := _match(f"SET (?:SESSION |LOCAL )?TIME ZONE {value}", text):
        return SetSetting("timezone", _value(found[1]), is_local=is_local)
    if found := _match(f"SET (?:SESSION |LOCAL )?NAMES {value}", text):
        return SetSetting("client_encoding", _value(found[1]), is_local=is_local)
    if found := _match(
        f"SET (?:SESSION\\b |LOCAL\\b )?({_NAME}(?:\\.{_NAME})?)(?: = |\\b TO\\b ){value}", text
    ):
        name = ".".join(unquoted(part) for part in found[1].split("."))
        return SetSetting(name, _value(found[2]), is_local=is_local)
    raise UnsupportedError("This form of SET", "Write SET name = 'value'.")


def _value(text: str) -> str | None:
    text = text.strip()
    if text.upper() == "DEFAULT":
        return None
    return text[1:-1].replace("''", "'") if text.startswith("'") else text.strip('"')


def _reset(text: str, words: list[str]) -> Statement:
    if words == ["RESET", "ALL"]:
        return SetSetting(None, None, "RESET")
    found = _match(f"RESET ({_NAME}(?:\\.{_NAME})?)", text)
    return SetSetting(found[1].lower(), None, "RESET") if found else Query(text)


def _show(text: str, words: list[str]) -> Statement:
    if words == ["SHOW", "ALL"]:
        return Show(None)
    if words == ["SHOW", "TRANSACTION", "ISOLATION", "LEVEL"]:
        return Show("transaction_isolation")
    if words == ["SHOW", "TIME", "ZONE"]:
        return Show("timezone")
    found = _match(f"SHOW ({_NAME}(?:\\.{_NAME})?)", text)
    return Show(found[1].replace('"', "").lower()) if found else Query(text)


def _discard(text: str, words: list[str]) -> Statement:
    if words[1:2] not in (["ALL"], ["PLANS"], ["SEQUENCES"], ["TEMP"], ["TEMPORARY"]):
        return Query(text)
    return Forget(None, f"DISCARD {words[1]}")


def _deallocate(text: str, _words: list[str]) -> Statement:
    found = _match(f"DEALLOCATE (?:PREPARE\\b )?({_NAME})", text)
    if not found:
        return Query(text)
    return Forget(None if found[1].upper() == "ALL" else unquoted(found[1]))


def _close(text: str, _words: list[str]) -> Statement:
    found = _match(f"CLOSE ({_NAME})", text)
    if not found:
        return Query(text)
    return CloseCursor(None if found[1].upper() == "ALL" else unquoted(found[1]))


def _declare(text: str, words: list[str]) -> Statement:
    options = r"(?:(?:BINARY|ASENSITIVE|INSENSITIVE|NO\s+SCROLL)\b )*"
    found = _match(f"DECLARE ({_NAME}) {options}CURSOR\\b (?:(WITH|WITHOUT) HOLD\\b )?FOR\\b (.+)", text)
    if not found:
        raise UnsupportedError("This form of DECLARE", "Write DECLARE name NO SCROLL CURSOR FOR query.")
    del words
    return Declare(unquoted(found[1]), found[3], (found[2] or "").upper() == "WITH")


def _fetch(text: str, words: list[str]) -> Statement:
    count = r"(?:(NEXT|FORWARD ALL|ALL|FORWARD \d{1,9}|FORWARD|\d{1,9})\b )?"
    found = _match(f"(?:FETCH|MOVE)\\b {count}(?:(?:FROM|IN)\\b )?({_NAME})", text)
    if not found:
        raise UnsupportedError("This form of FETCH", "Cursors go forward only: FETCH FORWARD 100 FROM name.")
    amount = (found[1] or "1").upper()
    digits = re.findall(r"\d+", amount)
    rows = None if "ALL" in amount else int(digits[0]) if digits else 1
    return Fetch(unquoted(found[2]), rows, words[0] == "MOVE")


def _copy(text: str, _words: list[str]) -> Statement:
    head, tail = _COPY_HEAD.match(text), _COPY_TAIL.search(text, max(0, len(text) - _LONGEST))
    if not (head and tail and head.end() < tail.start()):
        raise UnsupportedError(
            "COPY", "COPY (query) TO STDOUT (FORMAT binary) is there; everything else by SELECT."
        )
    return Copy(text[head.end() : tail.start()])


def _spaced(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(" ", _SPACE), _FLAGS)


_COPY_HEAD = _spaced(r" COPY \(")
_COPY_TAIL = _spaced(r"\) TO STDOUT (?:WITH\b )?(?:\( FORMAT \"?binary\"? \)|BINARY) \Z")


def _listen(text: str, words: list[str]) -> Statement:
    if words[0] != "UNLISTEN":
        raise UnsupportedError(f"{words[0]}")
    return Transaction("nothing", "UNLISTEN") if words else Query(text)


_READERS: dict[str, Callable[[str, list[str]], Statement]] = {
    "BEGIN": _begin, "START": _begin, "COMMIT": _commit, "END": _commit, "ROLLBACK": _rollback,
    "ABORT": _rollback, "SAVEPOINT": _savepoint, "RELEASE": _savepoint, "SET": _set, "RESET": _reset,
    "SHOW": _show, "DISCARD": _discard, "DEALLOCATE": _deallocate, "CLOSE": _close, "DECLARE": _declare,
    "FETCH": _fetch, "MOVE": _fetch, "COPY": _copy, "LISTEN": _listen, "NOTIFY": _listen, "UNLISTEN": _listen,
}  # fmt: skip
