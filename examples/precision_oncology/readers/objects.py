"""Raw files as objects: where they lie, what they hold, and their fingerprint."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from precision_oncology.errors import BadFileError

Origin = Literal["real", "simulated", "synthetic"]
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class RawObject:
    """One file as it was found."""

    path: Path
    modality: str
    source_system: str
    origin: Origin
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was left out of an otherwise good delivery, and why."""

    raw: RawObject
    reason: str
    line: int | None = None


def raw_object(path: Path, modality: str, source_system: str, origin: Origin) -> RawObject:
    """Fingerprint a file.

    Raises:
        BadFileError: It cannot be read.
    """
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return RawObject(path, modality, source_system, origin, digest, path.stat().st_size)
    except OSError as error:
        raise BadFileError(path, f"cannot be read ({type(error).__name__})") from None


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Read the numbered lines of a UTF-8 text, gzip or plain, without a leading BOM; line ends are kept.

    Raises:
        BadFileError: It is cut short, not gzip, or not UTF-8.
    """
    number = 0
    try:
        opener = gzip.open if _is_gzip(path) else open
        with opener(path, "rt", encoding="utf-8-sig", newline="") as stream:
            for number, line in enumerate(stream, 1):  # the error below names the line
                yield number, line
    except UnicodeDecodeError:
        raise BadFileError(path, "not UTF-8 text", line=number + 1) from None
    except EOFError:
        raise BadFileError(path, "the compressed file is cut short", line=number + 1) from None
    except (OSError, zlib.error) as error:
        raise BadFileError(path, f"cannot be read ({type(error).__name__})", line=number + 1) from None


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == _GZIP
