"""Columns: there or not, the same column or another, its type, and what is promised of its values."""

from collections.abc import Iterator, Mapping
from operator import attrgetter, methodcaller
from typing import Any

from lakeward.contracts.diff.changes import Change, Data, Pair, Privacy, match
from lakeward.contracts.document import Contract, Property, SchemaObject
from lakeward.contracts.scope import field_id_of
from lakeward.contracts.types import physical_fits, physical_type

_LOW = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_HIGH = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_PROMISES = ("required", "unique", "primaryKey")


def properties(pair: Pair[Contract]) -> Iterator[Change]:
    """Compare the tables of two contracts, column by column."""
    contract = pair.new
    for objects in match(pair.old.objects, contract.objects, lambda each: each.physical_name.casefold()):
        if objects.old is None and objects.new is not None:
            yield _change(
                contract, objects.new, str(objects.new.raw.get("name")), "A new table.", Data.COMPATIBLE
            )
        elif objects.new is None and objects.old is not None:
            yield Change(
                what=str(objects.old.raw.get("name")), why="The table is gone.", line=1, data=Data.BREAKING
            )
        elif objects.old is not None and objects.new is not None:
            yield from _columns(contract, objects.old, objects.new)


def matched_columns(old: SchemaObject, new: SchemaObject) -> Iterator[Pair[Property | None]]:
    """Put the same columns side by side: the same field-id, or the same name where an id is missing."""
    ids = {field_id_of(each) for each in old.properties} & {field_id_of(each) for each in new.properties} - {
        None
    }

    def key(prop: Property) -> object:
        held = field_id_of(prop)
        return (held, "id") if held in ids else (prop.label, held if held is not None else "name")

    pairs = list(match(old.properties, new.properties, key))
    yield from (each for each in pairs if each.old and each.new)
    gone = [each.old for each in pairs if each.old and not each.new]
    come = [each.new for each in pairs if each.new and not each.old]
    for each in match(gone, come, lambda prop: prop.label):
        ids_of = each.map(lambda prop: prop and field_id_of(prop))
        if each.old and each.new and None not in {ids_of.old, ids_of.new}:  # dropped, and another one added
            yield from (Pair(each.old, None), Pair(None, each.new))
        else:
            yield each


def _columns(contract: Contract, old: SchemaObject, new: SchemaObject) -> Iterator[Change]:
    for pair in matched_columns(old, new):
        if pair.old is None and pair.new is not None:
            yield _change(contract, pair.new, pair.new.label, "A new column.", Data.COMPATIBLE)
        elif pair.new is None and pair.old is not None:
            yield _change(contract, new, pair.old.label, "The column is gone.", Data.BREAKING)
        elif pair.old is not None and pair.new is not None:
            yield from _column(contract, Pair(pair.old, pair.new))


def _column(contract: Contract, pair: Pair[Property]) -> Iterator[Change]:
    label = pair.new.label
    if pair.map(lambda each: each.physical_name).changed:
        yield _change(contract, pair.new, label, "The column has another name.", Data.BREAKING)
    yield from _types(contract, pair)
    for key in _PROMISES:
        held = pair.map(attrgetter("raw")).map(methodcaller("get", key)).map(bool)
        if held.changed:
            why = "No longer promised." if held.old else "Newly promised."
            yield _change(contract, pair.new, f"{label}.{key}", why, _looser(looser=held.old))
    yield from _options(contract, pair)
    yield from _enum(contract, pair)


def _types(contract: Contract, pair: Pair[Property]) -> Iterator[Change]:
    for key in ("logicalType", "physicalType"):
        held = pair.map(methodcaller("text", key))
        if held.changed:
            why, grade = "Another type.", Data.BREAKING
            if held.old is None:
                why, grade = "The type is now told.", Data.COMPATIBLE
            elif key == "physicalType" and _is_promotion(held):
                why, grade = "A type that Iceberg promotes the old one to.", Data.COMPATIBLE
            yield _change(contract, pair.new, f"{pair.new.label}.{key}", why, grade)


def _is_promotion(held: Pair[str]) -> bool:
    old, new = physical_type(held.old or ""), physical_type(held.new or "")
    return old is not None and new is not None and physical_fits(old, new)


def _options(contract: Contract, pair: Pair[Property]) -> Iterator[Change]:
    held: Pair[Mapping[str, Any]] = pair.map(lambda each: each.raw.get("logicalTypeOptions") or {})
    for name in sorted({*held.old, *held.new}):
        option = held.map(methodcaller("get", name))
        if option.changed:
            looser = _is_looser(name, option)
            why = "Looser, or not comparable." if looser else "Tighter."
            yield _change(contract, pair.new, f"{pair.new.label}.{name}", why, _looser(looser=looser))


def _is_looser(name: str, option: Pair[Any]) -> bool:
    if option.old is None:
        return False
    try:
        if name in _LOW:
            return bool(option.new is None or option.new < option.old)
        return bool(option.new is None or name not in _HIGH or option.new > option.old)
    except TypeError:
        return True


def _enum(contract: Contract, pair: Pair[Property]) -> Iterator[Change]:
    held: Pair[set[str]] = pair.map(
        lambda each: {
            repr(entry.get("value")) for entry in each.raw.get("enum") or () if isinstance(entry, dict)
        }
    )
    if held.changed:
        looser = bool(held.old) and (not held.new or not held.new <= held.old)
        why = "Values that were not allowed are allowed." if looser else "Fewer values are allowed."
        yield _change(contract, pair.new, f"{pair.new.label}.enum", why, _looser(looser=looser))


def _looser(*, looser: bool) -> Data:
    return Data.BREAKING if looser else Data.COMPATIBLE


def _change(contract: Contract, node: Property | SchemaObject, what: str, why: str, data: Data) -> Change:
    return Change(what=what, why=why, line=contract.line(node.pointer), data=data, privacy=Privacy.NONE)
