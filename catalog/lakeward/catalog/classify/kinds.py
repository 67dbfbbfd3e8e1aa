"""What kind of values a column's type can hold: the ground of every type veto."""

import enum
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class Kind(enum.Enum):
    """The kinds of types that detectors tell apart; `UNKNOWN` vetoes nothing."""

    TEXT = "text"
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    BINARY = "binary"
    NESTED = "nested"
    UNKNOWN = "unknown"


TEXTUAL = frozenset({Kind.TEXT, Kind.UNKNOWN})
CODED = frozenset({Kind.TEXT, Kind.INTEGER, Kind.UNKNOWN})
NUMERIC = frozenset({Kind.INTEGER, Kind.FLOAT, Kind.UNKNOWN})
TEMPORAL = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIME})
MEASURED = frozenset({Kind.TEXT, Kind.INTEGER, Kind.FLOAT, Kind.BOOLEAN, Kind.UNKNOWN})
ANY = frozenset(Kind)

_TYPE_WORDS = (
    (r"^(array|list|map|struct|row|record|json|variant|object|nested|set)\b|\[\]$", Kind.NESTED),
    (r"^(timestamp|datetime|smalldatetime|instant)", Kind.TIMESTAMP),
    (r"^date", Kind.DATE),
    (r"^(time|interval|duration)", Kind.TIME),
    (r"^bool|^bit$|^logical", Kind.BOOLEAN),
    (r"^(binary|varbinary|large_binary|blob|bytea|bytes|image|raw|fixed)", Kind.BINARY),
    (r"^(tiny|small|medium|big|u)?int|^(long|short|byte|serial|bigserial)", Kind.INTEGER),
    (r"^(float|double|real|half|decimal|numeric|number|money)", Kind.FLOAT),
    (
        r"^(string|varchar|n?varchar|char|nchar|character|n?text|clob|uuid|large_string|utf8|enum|str)",
        Kind.TEXT,
    ),
)


def kind_of(type_: "pa.DataType | str | None") -> Kind:
    """Give the kind of a type, named as pyarrow, Iceberg or SQL name it.

    A decimal without places is a whole number: databases keep keys and phone numbers in `decimal(10, 0)`.
    """
    text = str(type_ or "").strip().casefold()
    if text.startswith("dictionary<values="):
        text = text.removeprefix("dictionary<values=")
    if re.match(r"(decimal\d*|numeric|number)\(\d+(,\s*0)?\)", text):
        return Kind.INTEGER
    return next((kind for pattern, kind in _TYPE_WORDS if re.search(pattern, text)), Kind.UNKNOWN)
