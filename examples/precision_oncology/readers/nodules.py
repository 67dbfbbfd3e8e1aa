"""Features of annotated lung nodules, as a Parquet file."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from precision_oncology.errors import BadFileError
from precision_oncology.tables.cohorts import NODULES


def read_nodules(path: Path) -> pa.Table:
    """Read the columns that the table keeps, under its types.

    Raises:
        BadFileError: It is no Parquet file, lacks a column, or holds another type.
    """
    try:
        return pq.read_table(path, columns=NODULES.schema.names).cast(NODULES.schema)
    except (pa.ArrowException, KeyError, ValueError):
        fault = "not a Parquet file with the columns of annotated nodules"
        raise BadFileError(path, fault) from None
