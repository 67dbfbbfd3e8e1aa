"""How much all documents of a folder may hold: counted before any of them is parsed.

One document has bounds of its own (`read`). A folder of many would still keep a process busy for minutes, and
with it everybody who waits for the new policies; so what is too much together is refused within a second, and
whoever serves stays with the policies that it has.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from lakeward.policies.errors import Place, PolicyError

MOST_DOCUMENTS = 1_000
"""Documents of a folder."""
MOST_BYTES_IN_ALL = 64 * 1024 * 1024
"""Of all documents of a folder."""
MOST_ENTRIES_IN_ALL = 200_000
"""Rules and roles of all documents of a folder."""
MOST_AS_A_WHOLE_IN_ALL = 16 * 1024 * 1024
"""Characters of all documents that cannot be read entry by entry."""
_HINT = "Take out what is no longer used, or say with patterns and tags what many rules say one by one."


def refuse_many_files(directory: Path, files: Sequence[Path]) -> None:
    """Refuse more documents, or more bytes, than a folder may hold.

    Raises:
        PolicyError: There are.
    """
    if len(files) > MOST_DOCUMENTS:
        raise _too_much(directory, f"more than {MOST_DOCUMENTS:,} documents; at most so many are read")
    size = sum(_size(each) for each in files)
    if size > MOST_BYTES_IN_ALL:
        raise _too_much(
            directory, f"{size:,} bytes in {len(files):,} documents; at most {MOST_BYTES_IN_ALL:,} are read"
        )


def refuse_many_entries(directory: Path, weights: Iterable[tuple[int, int]]) -> None:
    """Refuse more rules and roles than a folder may hold.

    Args:
        directory: The folder.
        weights: Of each document, how many entries it is cut into, and how many characters are not cut.

    Raises:
        PolicyError: There are more.
    """
    entries = uncut = 0
    for some, characters in weights:
        entries, uncut = entries + some, uncut + characters
    if entries > MOST_ENTRIES_IN_ALL:
        raise _too_much(
            directory, f"{entries:,} rules and roles; at most {MOST_ENTRIES_IN_ALL:,} are read together"
        )
    if uncut > MOST_AS_A_WHOLE_IN_ALL:
        text = f"{uncut:,} characters of which no rule starts on a line of its own, `- id:`"
        raise _too_much(directory, f"{text}; at most {MOST_AS_A_WHOLE_IN_ALL:,} are read so together")


def _size(file: Path) -> int:
    """Return how many bytes a file holds; one that is not there any more is told of when it is read."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _too_much(directory: Path, text: str) -> PolicyError:
    place = Place(file=directory, line=1, column=1)
    return PolicyError([(place, f"the folder holds {text}")], hint=_HINT)
