"""Masks that show a hash."""

from sqlglot import exp

from lakeward.catalog.types import PrimitiveType
from lakeward.policies.masks.definition import MaskDefinition, call, cast, concat, number, of_types, text
from lakeward.policies.masks.environment import MaskEnvironment
from lakeward.policies.masks.mask import Mask

_HEX_OF_UUID = 32
_HEX_OF_LONG = 15
_HASHABLE = ("string", "long", "uuid", "binary")


def keyed_hash(value: exp.Expr, key: exp.Expr) -> exp.Expr:
    """Return 64 hex digits that only the holder of the key can make; NULL for NULL.

    The engine has no HMAC; hashing twice with the key in front each time keeps its point, that a longer
    message cannot be made from a hash.
    """
    inner = call("sha256", concat(key, cast(value, "TEXT")))
    return call("sha256", concat(key.copy(), inner))


def keyed_number(value: exp.Expr, key: exp.Expr, digits: int) -> exp.Expr:
    """Return a keyed hash as a whole number of so many hex digits."""
    return _as_number(keyed_hash(value, key), digits)


def _as_number(hexadecimal: exp.Expr, digits: int) -> exp.Expr:
    return cast(concat(text("0x"), call("left", hexadecimal, number(digits))), "BIGINT")


def _in_type(hexadecimal: exp.Expr, type_: PrimitiveType) -> exp.Expr:
    match type_.name:
        case "long":
            return _as_number(hexadecimal, _HEX_OF_LONG)
        case "uuid":
            return cast(call("left", hexadecimal, number(_HEX_OF_UUID)), "UUID")
        case "binary":
            return call("unhex", hexadecimal)
        case _:
            return hexadecimal


def _as_text(column: exp.Expr, type_: PrimitiveType) -> exp.Expr:
    return call("hex", column) if type_.name == "binary" else column


def _global(_mask: Mask, column: exp.Expr, type_: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
    return _in_type(call("sha256", cast(_as_text(column, type_), "TEXT")), type_)


def _query_local(_mask: Mask, column: exp.Expr, type_: PrimitiveType, env: MaskEnvironment) -> exp.Expr:
    return _in_type(keyed_hash(_as_text(column, type_), env.key("query-local")), type_)


def _pseudonym(_mask: Mask, column: exp.Expr, type_: PrimitiveType, env: MaskEnvironment) -> exp.Expr:
    hashed = keyed_hash(_as_text(column, type_), env.study_key("pseudonym"))
    return _in_type(call("left", hashed, number(_HEX_OF_UUID)) if type_.name == "string" else hashed, type_)


HASHES = {
    "sha-256-global": MaskDefinition(
        rank=60,
        summary="SHA-256 without a key: equal everywhere; short identifiers are found by trying them all.",
        fits=of_types(*_HASHABLE),
        build=_global,
        source="Iceberg REST catalog, read restrictions",
    ),
    "pseudonym": MaskDefinition(
        rank=70,
        summary="A keyed hash: equal inside a study, so that joins work; two studies cannot be linked.",
        fits=of_types(*_HASHABLE),
        build=_pseudonym,
        source="45 CFR 164.514(c)",
    ),
    "sha-256-query-local": MaskDefinition(
        rank=75,
        summary="A hash with a key made for one statement: equal inside one answer only.",
        fits=of_types(*_HASHABLE),
        build=_query_local,
        source="Iceberg REST catalog, read restrictions",
    ),
}
