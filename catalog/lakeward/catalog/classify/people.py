"""Lists of our own, and what whole values made of their words say: names, places, demographics."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from lakeward.catalog.classify.words import groups, read_list

_FULL_NAME = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Mme|M)\.?\s+)?"
    r"[^\W\d_][\w'\u2019-]*\.?(?:,?\s+[^\W\d_][\w'\u2019-]*\.?){1,4}(?:,?\s+(?:Jr|Sr|MD|PhD|RN|DDS|DVM|II|III)\.?)?"
    r"|[^\W\d_]+\^[^\W\d_]+(?:\^\w*)*"
)
_CAPITALISED = re.compile(r"[A-ZÀ-Þ][\w'\u2019-]+\.?(?:,? [A-ZÀ-Þ][\w'\u2019-]*\.?)+|[A-Z]+(?:, |\^)[A-Z]+.*")
_WORD = re.compile(r"[^\W\d_]+")
_LISTED = 0.25


def plain(text: str) -> str:
    """Lower the case, and take accents off."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


@cache
def _listed(name: str) -> frozenset[str]:
    return frozenset(word.replace("_", " ") for line in read_list(name) for word in line.split())


def _is_name(word: str) -> bool:
    return word in _listed("given_names") or word in _listed("surnames")


def share_of_full_names(texts: Sequence[str]) -> float:
    """Give the share of values that look like full names, if enough of them hold a listed name.

    Names that no list holds are names too: a quarter of listed ones vouches for the others of that shape.
    """
    shaped = [each for each in texts if _FULL_NAME.fullmatch(each) and _CAPITALISED.match(each)]
    if not shaped:
        return 0.0
    listed = sum(any(_is_name(word) for word in _WORD.findall(plain(each))) for each in shaped)
    return len(shaped) / len(texts) if listed >= _LISTED * len(shaped) and not _are_places(shaped) else 0.0


def share_of_single_names(texts: Sequence[str]) -> float:
    """Give the share of values that are one listed given or family name."""
    return sum(_is_name(plain(each)) for each in texts) / len(texts)


def _are_places(texts: Sequence[str]) -> bool:
    return sum(is_place(each) for each in texts) > len(texts) / 2


def is_place(text: str) -> bool:
    """Say whether a whole value is a listed city."""
    return plain(text) in _listed("places")


def is_state(text: str) -> bool:
    """Say whether a whole value is a listed state or country."""
    return plain(text) in _listed("states")


def is_sex(text: str) -> bool:
    """Say whether a whole value is a word or letter for sex."""
    return text.casefold() in groups()["sexes"]


def is_race(text: str) -> bool:
    """Say whether a whole value is made of words for race or origin."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return len(text) > 3 and bool(words) and set(words) <= groups()["races"]  # noqa: PLR2004  not a code


def is_marital(text: str) -> bool:
    """Say whether a whole value is made of words for a marital status."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return bool(words) and set(words) <= groups()["marital_words"]


def is_religion(text: str) -> bool:
    """Say whether a whole value names a religion."""
    words = text.casefold().split()
    return bool(words) and set(words) <= groups()["religions"]
