"""The lattice that the walk computes in: to each source the ways in which it flows, as bits of an int.

A direct way is a pair (how the value arrives, what masking is worth), an indirect way a pair (how it decides,
whether masked). Union joins two paths; `through` and `deciding` extend every path of a set by one step. Sets
only grow, and there are finitely many, so a recursive query comes to rest.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from lakeward.lineage.edges import Direct, Edge, Indirect, Kind, Source, Strength

Flow = int
Flows = Mapping[Source, Flow]
NOTHING: Flows = {}

_STRENGTHS = len(Strength)
_DIRECT_BITS = len(Direct) * _STRENGTHS
_DIRECT_MASK = (1 << _DIRECT_BITS) - 1


def direct(how: Direct = Direct.IDENTITY, strength: Strength = Strength.NONE) -> Flow:
    """Give the flow of one direct way."""
    return 1 << (how * _STRENGTHS + strength)


def indirect(how: Indirect, *, masked: bool = False) -> Flow:
    """Give the flow of one indirect way."""
    return 1 << (_DIRECT_BITS + how * 2 + masked)


IDENTITY = direct()


def join(*parts: Flows) -> Flows:
    """Join paths: what flows by either."""
    filled = [part for part in parts if part]
    if len(filled) < 2:  # noqa: PLR2004  nothing to join
        return filled[0] if filled else NOTHING
    whole = dict(filled[0])
    for part in filled[1:]:
        for source, flow in part.items():
            whole[source] = whole.get(source, 0) | flow
    return whole


def through(flows: Flows, how: Direct, strength: Strength = Strength.NONE) -> Flows:
    """Extend every direct path by one step; what only decides, decides as before."""
    return {source: _through(flow, how, strength) for source, flow in flows.items()}


def deciding(flows: Flows, how: Indirect) -> Flows:
    """Turn every path into one that only decides."""
    return {source: _deciding(flow, how) for source, flow in flows.items()}


def only_deciding(flows: Flows) -> Flows:
    """Keep what decides, leave out what arrives."""
    kept = {source: flow & ~_DIRECT_MASK for source, flow in flows.items()}
    return {source: flow for source, flow in kept.items() if flow}


@cache
def _through(flow: Flow, how: Direct, strength: Strength) -> Flow:
    extended = flow & ~_DIRECT_MASK
    for old_how, old_strength in _direct_ways(flow):
        extended |= direct(Direct(max(old_how, how)), Strength(max(old_strength, strength)))
    return extended


@cache
def _deciding(flow: Flow, how: Indirect) -> Flow:
    turned = 0
    for _, strength in _direct_ways(flow):
        turned |= indirect(how, masked=strength is not Strength.NONE)
    for _, masked in _indirect_ways(flow):
        turned |= indirect(Indirect.FILTER if how is Indirect.SINGLE else how, masked=masked)
    return turned


def _direct_ways(flow: Flow) -> Iterator[tuple[Direct, Strength]]:
    for how in Direct:
        for strength in Strength:
            if flow & direct(how, strength):
                yield how, strength


def _indirect_ways(flow: Flow) -> Iterator[tuple[Indirect, bool]]:
    for how in Indirect:
        for masked in (False, True):
            if flow & indirect(how, masked=masked):
                yield how, masked


@cache
def _ways(flow: Flow) -> tuple[tuple[Kind, str, Strength, bool, bool], ...]:
    """Spell a flow out: kind, subtype, strength, masking, and whether it holds the source to one value."""
    spelled = [(Kind.DIRECT, how.name, s, s is not Strength.NONE, False) for how, s in _direct_ways(flow)]
    for how, masked in _indirect_ways(flow):
        is_single = how is Indirect.SINGLE
        name = Indirect.FILTER.name if is_single else how.name
        spelled.append((Kind.INDIRECT, name, Strength.NONE, masked, is_single))
    return tuple(spelled)


def edges(output: str, flows: Flows, *, is_proven: bool = True) -> Iterable[Edge]:
    """Spell the flows into one output column out as edges."""
    return (Edge(output, source, *way, is_proven) for source, flow in flows.items() for way in _ways(flow))
