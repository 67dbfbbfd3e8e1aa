"""The calls of a plan that the engine binds, held to the list of those that fail for no value of their types.

The rules of this folder type a query themselves; here the engine says what it made of each call. Where the
two differ, as where the engine takes another overload than a rule thought, the query is not proven.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lakeward.policies.lists import bound_list
from lakeward.policies.rewrite.fuse.bound_casts import WHOLE
from lakeward.policies.rewrite.fuse.bound_plan import BoundArgument, BoundCall, BoundPlan

_AGAIN, _CONSTANT, _GUARDED = "...", "!", "^"
_FIXED: Final = frozenset({*WHOLE, "DECIMAL"})
_FAMILIES: Final = {"FIXED": _FIXED, "NUMBER": _FIXED | {"FLOAT", "DOUBLE"}}
_Signature = tuple[str, ...]


def doubtful_calls(plan: BoundPlan) -> Iterator[str]:
    """Return, for each call of a plan that is not on the list with its types, words for it."""
    listed = _signatures()
    for call in plan.calls:
        if not any(_fits(call, each) for each in listed.get(call.name, ())):
            yield f"{call.name}({', '.join(given.type for given in call.arguments)})"


def unknown_parts(plan: BoundPlan) -> frozenset[str]:
    """Return what a plan is made of besides calls and is not on the list."""
    return plan.parts - bound_list().parts


@functools.cache
def _signatures() -> Mapping[str, Sequence[_Signature]]:
    return {name: [tuple(each.split()) for each in every] for name, every in bound_list().calls.items()}


def _fits(call: BoundCall, signature: _Signature) -> bool:
    if signature[-1:] == (_AGAIN,):
        first = signature[:-1]
        signature = (*first, *first[-1:] * (len(call.arguments) - len(first)))
    return len(signature) == len(call.arguments) and all(map(_is_of, call.arguments, signature))


def _is_of(argument: BoundArgument, wanted: str) -> bool:
    if wanted.endswith(_CONSTANT) and not argument.is_constant:
        return False
    if wanted.endswith(_GUARDED) and not argument.is_guarded:
        return False
    word = wanted.rstrip(_CONSTANT + _GUARDED)
    if word == "EXACT":
        return argument.type == "DOUBLE" and argument.made_of in _FIXED
    return word == "*" or argument.type in _FAMILIES.get(word, {word})
