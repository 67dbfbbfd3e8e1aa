"""Values in the place of dictionaries: Flight wants every dictionary first, and an answer comes in parts."""

import pyarrow as pa


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """Give the schema with the values' types in the place of dictionaries of them."""
    return pa.schema([field.with_type(_plain(field.type)) for field in schema])


def plain_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Give the batch with its columns' values written out where they were dictionaries."""
    columns = [
        column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, schema=plain_schema(batch.schema))


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
