"""Who may see more than before: tags, classification, masks, roles, approvers, k, purposes, new columns."""

from collections.abc import Iterator
from operator import methodcaller
from typing import Any

from lakeward.contracts.clauses.governance import PROTECTED_AXES
from lakeward.contracts.diff.changes import Change, Pair, Privacy, match
from lakeward.contracts.diff.properties import matched_columns
from lakeward.contracts.document import Contract, Node, Property, SchemaObject

_CLASSIFICATIONS = ("public", "internal", "confidential", "restricted")
_NOT_SENSITIVE = "sensitivity.none"
_SHOWS_NOTHING = frozenset({"hidden", "replace-with-null"})


def governance(pair: Pair[Contract]) -> Iterator[Change]:
    """Compare what two contracts say of privacy."""
    yield from _tags(pair.new, "contract", pair.map(lambda each: each.root))
    yield from _roles(pair)
    yield from _custom(pair.new, "contract", pair.map(lambda each: each.root))
    for objects in match(pair.old.objects, pair.new.objects, lambda each: each.physical_name.casefold()):
        if objects.old and objects.new:
            yield from _tags(pair.new, str(objects.new.raw.get("name")), Pair(objects.old, objects.new))
            yield from _custom(pair.new, str(objects.new.raw.get("name")), Pair(objects.old, objects.new))
            yield from _columns(pair.new, objects.old, objects.new)


def _columns(contract: Contract, old: SchemaObject, new: SchemaObject) -> Iterator[Change]:
    protected = _is_protected(contract, new) or _is_protected(contract, old)
    for pair in matched_columns(old, new):
        if pair.old and pair.new:
            both = Pair(pair.old, pair.new)
            yield from _tags(contract, pair.new.label, both)
            yield from _classification(contract, both)
            yield from _custom(contract, pair.new.label, both)
        elif pair.new and protected and not pair.new.tags and not pair.new.text("classification"):
            why = "A new column without tags in a table of protected data."
            yield _change(contract, pair.new, pair.new.label, why, Privacy.BREAKING)


def _is_protected(contract: Contract, described: SchemaObject) -> bool:
    tags = {tag for prop in described.properties for tag in prop.tags} | {
        *described.tags,
        *contract.root.tags,
    }
    return any(tag.partition(".")[0] in PROTECTED_AXES for tag in tags)


def _tags(contract: Contract, label: str, pair: Pair[Any]) -> Iterator[Change]:
    held = pair.map(lambda node: set(node.tags))
    for tag in sorted(held.old ^ held.new):
        weaker = (tag in held.old) is not (tag == _NOT_SENSITIVE)
        why = "The tag is gone." if tag in held.old else "A new tag."
        yield _change(contract, pair.new, f"{label}.tags.{tag}", why, _weaker(weaker=weaker))


def _classification(contract: Contract, pair: Pair[Property]) -> Iterator[Change]:
    held = pair.map(lambda node: node.text("classification"))
    if held.changed:
        rank = held.map(
            lambda word: _CLASSIFICATIONS.index(word.lower()) if str(word).lower() in _CLASSIFICATIONS else -1
        )
        higher = rank.new > rank.old and (rank.old >= 0 or held.old is None)
        why = "Raised." if higher else "Lowered, or not comparable."
        yield _change(contract, pair.new, f"{pair.new.label}.classification", why, _weaker(weaker=not higher))


def _roles(pair: Pair[Contract]) -> Iterator[Change]:
    held = pair.map(lambda each: each.root.children("roles"))
    for roles in match(held.old, held.new, lambda node: node.text("role")):
        node: Node = roles.new or pair.new.root
        label = f"roles.{(roles.new or roles.old or node).text('role')}"
        if roles.old is None:
            yield _change(pair.new, node, label, "A further role.", Privacy.BREAKING)
        elif roles.new is None:
            yield _change(pair.new, node, label, "A role less.", Privacy.TIGHTENING)
        else:
            yield from _role(pair.new, label, Pair(roles.old, roles.new))


def _role(contract: Contract, label: str, pair: Pair[Node]) -> Iterator[Change]:
    if pair.map(lambda node: node.raw.get("access")).changed:
        yield _change(contract, pair.new, f"{label}.access", "Another kind of access.", Privacy.BREAKING)
    for key in ("firstLevelApprovers", "secondLevelApprovers"):
        held = pair.map(methodcaller("text", key))
        if held.changed:
            why = "A new approver." if held.old is None else "An approver is gone or replaced."
            yield _change(contract, pair.new, f"{label}.{key}", why, _weaker(weaker=held.old is not None))


def _custom(contract: Contract, label: str, pair: Pair[Any]) -> Iterator[Change]:
    custom = pair.map(lambda node: {name: value for name, (value, _) in node.custom.items()})
    for name, grade in _GRADES.items():
        held = custom.map(methodcaller("get", name))
        if held.changed:
            weaker = held.new is None or (held.old is not None and grade(held))
            why = "Removed, weaker, or not comparable." if weaker else "Stronger."
            yield _change(contract, pair.new, f"{label}.{name}", why, _weaker(weaker=weaker))


def _mask_is_weaker(held: Pair[Any]) -> bool:
    return str(held.new) not in _SHOWS_NOTHING and held.old != "clear"


def _k_is_lower(held: Pair[Any]) -> bool:
    numbers = all(
        isinstance(each, int | float) and not isinstance(each, bool) for each in (held.old, held.new)
    )
    return not (numbers and held.new > held.old)


def _purpose_is_added(held: Pair[Any]) -> bool:
    lists = held.map(lambda each: {str(one) for one in each} if isinstance(each, list) else {str(each)})
    return not lists.new <= lists.old


_GRADES = {"mask": _mask_is_weaker, "kAnonymity": _k_is_lower, "allowedPurposes": _purpose_is_added}


def _weaker(*, weaker: bool) -> Privacy:
    return Privacy.BREAKING if weaker else Privacy.TIGHTENING


def _change(contract: Contract, node: Node, what: str, why: str, privacy: Privacy) -> Change:
    return Change(what=what, why=why, line=contract.line(node.pointer), privacy=privacy)
