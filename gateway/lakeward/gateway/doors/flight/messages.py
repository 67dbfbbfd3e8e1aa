"""The messages of Flight SQL that this door knows, described here and not generated.

Source of names and numbers: FlightSql.proto of Apache Arrow. They are declared in proto2's way, whose bytes
are the same and which tells a field that is empty from one that is not there.
"""

from typing import Any

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

from lakeward.gateway.doors.flight.errors import FlightRequestError

_PACKAGE = "arrow.flight.protocol.sql"
_PREFIX = f"type.googleapis.com/{_PACKAGE}."
_Field = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "string": _Field.TYPE_STRING,
    "bytes": _Field.TYPE_BYTES,
    "bool": _Field.TYPE_BOOL,
    "uint32": _Field.TYPE_UINT32,
}
_MESSAGES = {
    "CommandStatementQuery": "1 query string, 2 transaction_id bytes",
    "CommandPreparedStatementQuery": "1 prepared_statement_handle bytes",
    "TicketStatementQuery": "1 statement_handle bytes",
    "ActionCreatePreparedStatementRequest": "1 query string, 2 transaction_id bytes",
    "ActionCreatePreparedStatementResult": "1 prepared_statement_handle bytes, 2 dataset_schema bytes, "
    "3 parameter_schema bytes",
    "ActionClosePreparedStatementRequest": "1 prepared_statement_handle bytes",
    "DoPutPreparedStatementResult": "1 prepared_statement_handle bytes",
    "CommandGetSqlInfo": "1 info uint32*",
    "CommandGetCatalogs": "",
    "CommandGetDbSchemas": "1 catalog string, 2 db_schema_filter_pattern string",
    "CommandGetTables": "1 catalog string, 2 db_schema_filter_pattern string, "
    "3 table_name_filter_pattern string, 4 table_types string*, 5 include_schema bool",
    "CommandGetTableTypes": "",
}


def _classes() -> dict[str, type[Message]]:
    """Make a class for each message, in a pool of the door's own."""
    file = descriptor_pb2.FileDescriptorProto(name="lakeward_flight_sql.proto", package=_PACKAGE)
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for each in filter(None, fields.split(", ")):
            number, field, kind = each.split()
            label = _Field.LABEL_REPEATED if kind.endswith("*") else _Field.LABEL_OPTIONAL
            message.field.add(name=field, number=int(number), type=_TYPES[kind.rstrip("*")], label=label)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = {name: pool.FindMessageTypeByName(f"{_PACKAGE}.{name}") for name in _MESSAGES}
    return {name: message_factory.GetMessageClass(each) for name, each in found.items()}


_CLASSES = _classes()


def unpack(body: bytes) -> tuple[str, dict[str, Any]]:
    """Read a message: its name, and those of its fields that are there.

    Raises:
        FlightRequestError: It is none that this door knows.
    """
    try:
        envelope = any_pb2.Any.FromString(body)
        name = envelope.type_url.removeprefix(_PREFIX)
        if name == envelope.type_url or name not in _CLASSES:
            raise FlightRequestError("it holds no message that this door knows")
        message = _CLASSES[name].FromString(envelope.value)
        fields = {field.name: _of_its_type(field, value) for field, value in message.ListFields()}
    except (DecodeError, ValueError):
        raise FlightRequestError("its message cannot be read") from None
    return name, fields


def _of_its_type(field: FieldDescriptor, value: Any) -> Any:  # noqa: ANN401  whatever fields hold
    """Give a field's value; a text that is no text comes from the library as bytes.

    Raises:
        ValueError: It does.
    """
    texts = [value] if isinstance(value, str | bytes) else value
    if field.type == _Field.TYPE_STRING and not all(isinstance(each, str) for each in texts):
        raise ValueError
    return value


def unpack_one(body: bytes, name: str) -> dict[str, Any]:
    """Read a message that must be of one kind.

    Raises:
        FlightRequestError: It is of another.
    """
    found, fields = unpack(body)
    if found != name:
        raise FlightRequestError(f"{name} was expected")
    return fields


def pack(name: str, **fields: Any) -> bytes:  # noqa: ANN401  whatever the message's fields take
    """Write a message inside its envelope."""
    value = bare(name, **fields)
    return bytes(any_pb2.Any(type_url=_PREFIX + name, value=value).SerializeToString())


def bare(name: str, **fields: Any) -> bytes:  # noqa: ANN401  whatever the message's fields take
    """Write a message without an envelope."""
    return bytes(_CLASSES[name](**fields).SerializeToString())
