"""The words of a column's name: split, abbreviations and languages brought to one canonical word each.

`PatientBirthDate`, `pat_birth_dt`, `patbirthdt` and `date_naissance` all speak of the same thing. What is
written together is taken apart with the words of `lists/words.txt` and no others, so a name that is not
understood stays as it is.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

_CHUNK = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+")
_SHORTEST, _LONGEST = 5, 60
_LEAST_WITH_ENDING = 7


@dataclass(frozen=True, slots=True)
class ParsedName:
    """A column's name, understood as far as it goes.

    Attributes:
        raw: The name as it stands.
        words: Its words in order, canonical where known; numbers and small words are left out.
        content: Those that say something of their own.
        known: Those that the list of words holds.
        head: The word that says what the column is: mostly the last one.
    """

    raw: str
    words: tuple[str, ...]
    content: frozenset[str]
    known: frozenset[str]
    head: str

    @property
    def is_opaque(self) -> bool:
        """Whether the name says nothing: `c1`, `col_17`, `value`, `ref`, a name of unknown words only."""
        return not self.known - groups()["opaque"]


@cache
def vocabulary() -> Mapping[str, str]:
    """Give the canonical word of every word."""
    found: dict[str, str] = {}
    for line in read_list("words"):
        word, _, others = line.partition(":")
        for each in (word, *others.split()):
            found.setdefault(each, word)
    return found


@cache
def groups() -> Mapping[str, frozenset[str]]:
    """Give the groups of words that patterns may name."""
    lines = (line.partition(":") for line in read_list("groups"))
    return {name: frozenset(words.split()) for name, _, words in lines}


def read_list(name: str) -> list[str]:
    """Read one of the lists that ship with the classifier; lines that begin with `#` are remarks."""
    text = files(__package__).joinpath("lists", f"{name}.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@lru_cache(maxsize=65_536)
def parse_name(name: str) -> ParsedName:
    """Read a column's name, or a dotted path."""
    words: list[str] = []
    for chunk in _CHUNK.findall(_plain(name)[:400]):
        words += _words(chunk)
    known = frozenset(word for word in words if word in _canonical())
    content = _content(words)
    return ParsedName(name, tuple(words), frozenset(content), known, content[-1] if content else "")


def _content(words: list[str]) -> list[str]:
    """Leave out words that only set apart (`raw_`, `_primary`), and the `_source_value` of OMOP."""
    is_copied = words[-1:] == ["value"] and "source" in words
    left = [word for word in words if word not in groups()["tail"] and not (is_copied and word == "source")]
    return left or words


@cache
def _canonical() -> frozenset[str]:
    return frozenset(vocabulary().values())


def _plain(text: str) -> str:
    """Take accents off, fold compatibility forms; the case stays, it parts words."""
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def _words(chunk: str) -> list[str]:
    whole = vocabulary().get(chunk.casefold())
    if whole:
        return [whole]
    if any(each.isdigit() for each in chunk) and (apart := _taken_apart(chunk.casefold())):
        return list(apart)
    return [word for part in _CAMEL.findall(chunk) for word in _part(part.casefold())]


def _part(part: str) -> list[str]:
    if part.isdigit() or part in groups()["stop"]:
        return []
    known = vocabulary().get(part)
    if known:
        return [known]
    return list(_taken_apart(part) or [_by_ending(part)])


def _by_ending(word: str) -> str:
    """Know drugs, diseases and operations that no list holds by the endings that their names share."""
    if len(word) < _LEAST_WITH_ENDING:
        return word
    return next((known for known, endings in _endings() if word.endswith(endings)), word)


@cache
def _endings() -> tuple[tuple[str, tuple[str, ...]], ...]:
    lines = (line.partition(":") for line in read_list("endings"))
    return tuple((known, tuple(endings.split())) for known, _, endings in lines)


@lru_cache(maxsize=16_384)
def _taken_apart(word: str) -> tuple[str, ...] | None:
    """Split what was written together into the fewest words of the list; None when something is left over."""
    if not _SHORTEST <= len(word) <= _LONGEST:
        return None
    known = vocabulary()
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - 20), end - 1):
            before, piece = best[start], _unlinked(word[start:end], known)
            if before is None or not _may_be_part(piece, known):
                continue
            found = (*before, known[piece])
            shortest = best[end]
            if shortest is None or len(found) < len(shortest):
                best[end] = found
    return best[-1]


def _unlinked(piece: str, known: Mapping[str, str]) -> str:
    """Take off the `s` that links German compounds: `Entlassungsdatum`."""
    is_linked = piece.endswith("s") and piece not in known and len(piece) >= _SHORTEST
    return piece[:-1] if is_linked and piece[:-1] in known else piece


def _may_be_part(piece: str, known: Mapping[str, str]) -> bool:
    return piece in known and (len(piece) > 2 or piece in groups()["short"])  # noqa: PLR2004  two letters
