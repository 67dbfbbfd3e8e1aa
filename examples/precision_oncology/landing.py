"""What is ready to be written."""

from dataclasses import dataclass

import pyarrow as pa

from precision_oncology.readers.objects import RawObject
from precision_oncology.tables.spec import TableSpec


@dataclass(frozen=True, slots=True)
class Landing:
    """A table that is ready to be written, and the raw files it came from."""

    spec: TableSpec
    data: pa.Table
    sources: tuple[RawObject, ...]
