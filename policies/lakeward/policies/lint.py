"""What valid documents say in vain or by mistake: grants nobody has, patterns and masks that fit nothing.

Documents with such findings load and serve; what a finding means is at worst that less shows than was meant.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from sqlglot import exp

from lakeward.catalog.pin import PinnedTable
from lakeward.catalog.taxonomy import Taxonomy
from lakeward.policies.columns import has_subject
from lakeward.policies.decide import CompiledPolicies, is_about, is_over
from lakeward.policies.documents import ColumnRule, Restriction, Rule
from lakeward.policies.errors import Place
from lakeward.policies.lint_filters import fragile_part
from lakeward.policies.lint_grants import grants_in_vain
from lakeward.policies.load import PolicySet
from lakeward.policies.masks import HIDDEN, Mask, fits
from lakeward.policies.patterns import matches
from lakeward.policies.row_filter import is_plain
from lakeward.policies.snapshot import reachable_roles

REVIEW = "break_glass.review"
"""The right to review emergency access."""

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One finding: how grave, where, about which rule, and what."""

    level: Level
    place: Place | None
    rule: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Subject:
    """What the rules of this file look at; `tables` is None when the lake's tables are not known."""

    policies: PolicySet
    now: dt.datetime
    tables: Sequence[PinnedTable] | None
    taxonomy: Taxonomy


Said = tuple[Level, str, str]


def lint_policies(
    compiled: CompiledPolicies, now: dt.datetime, tables: Sequence[PinnedTable] | None = None
) -> tuple[Finding, ...]:
    """Look for what valid documents say in vain or by mistake, in the order of the documents.

    Args:
        compiled: The documents, with the words that tags are taken from.
        now: The time of the check, for rules that are over.
        tables: Every table of the lake, or None to leave out what needs them.
    """
    policies = compiled.documents
    subject = _Subject(policies=policies, now=now, tables=tables, taxonomy=compiled.taxonomy)
    found = [
        Finding(level=level, place=policies.places.get(rule), rule=rule, text=text)
        for check in CHECKS
        for level, rule, text in check(subject)
    ]
    return tuple(sorted(found, key=lambda each: (str(each.place), each.level, each.text)))


def expired(subject: _Subject) -> Iterator[Said]:
    """Find rules that are over."""
    for rule in _rules(subject.policies):
        if is_over(rule, subject.now):
            yield "warning", rule.id, f"has been over since the end of {rule.until}"


def unreachable(subject: _Subject) -> Iterator[Said]:
    """Find grants for roles that nobody has."""
    reachable = reachable_roles(subject.policies)
    for grant in subject.policies.grants:
        if reachable.isdisjoint(grant.to):
            yield "warning", grant.id, f"reaches nobody: {', '.join(grant.to)} has no members"


def endless_past(subject: _Subject) -> Iterator[Said]:
    """Find grants that show erased rows and never end."""
    for grant in subject.policies.grants:
        if "erased" in grant.past and grant.until is None:
            yield "warning", grant.id, "shows rows that were erased, and has no `until`"


def unreviewable(subject: _Subject) -> Iterator[Said]:
    """Find emergency access that nobody may review."""
    rights = (
        each for each in subject.policies.rights if not reachable_roles(subject.policies).isdisjoint(each.to)
    )
    if any(matches(REVIEW, act) for right in rights for act in right.may):
        return
    for grant in subject.policies.grants:
        if grant.break_glass:
            yield "warning", grant.id, f"has break_glass, and nobody has the right `{REVIEW}`"


def two_masks(subject: _Subject) -> Iterator[Said]:
    """Find rules that give one tag or one column two masks; the more protective would count."""
    for rule in _rules(subject.policies):
        for one, other in combinations(rule.columns, 2):
            both = sorted({*one.tags} & {*other.tags} | {*one.names} & {*other.names})
            if both and one.mask != other.mask:
                yield "error", rule.id, f"gives {', '.join(both)} two masks: {one.mask} and {other.mask}"


def shadowed(subject: _Subject) -> Iterator[Said]:
    """Find restrictions of which another says as much, or more."""
    for one in subject.policies.restrictions:
        for other in subject.policies.restrictions:
            if one is not other and _says_as_much(other, one) and not _is_later_twin(other, one, subject):
                yield "warning", one.id, f"adds nothing to {other.id}"
                break


def idle_patterns(subject: _Subject) -> Iterator[Said]:
    """Find patterns and tags that match nothing in the lake."""
    tables = subject.tables
    if tables is None:
        return
    worn = frozenset(tag for table in tables for column in table.columns for tag in column.tags)
    worn = worn.union(*(table.tags for table in tables))
    for rule in _rules(subject.policies):
        for pattern in rule.tables:
            if not any(matches(str(table.name), pattern) for table in tables):
                yield "warning", rule.id, f"no table matches `{pattern}`"
        for tag in sorted({*rule.tagged, *(tag for each in rule.columns for tag in each.tags)}):
            if not any(matches(each, tag) for each in worn):
                yield "note", rule.id, f"nothing in the lake is tagged `{tag}`"


def unknown_tables(subject: _Subject) -> Iterator[Said]:
    """Find tables that row filters read and the lake does not have."""
    if subject.tables is None:
        return
    known = {str(table.name) for table in subject.tables}
    reading = [each for each in _rules(subject.policies) if each.rows is not None and not is_plain(each.rows)]
    for rule in (each.id for each in reading):
        condition = subject.policies.filters[rule]
        read = {f"{each.db}.{each.name}".lower() for each in condition.find_all(exp.Table)}
        for name in sorted(read - known):
            yield (
                "error",
                rule,
                f"its rows read `{name}`, which is no table of the lake: it would show nothing",
            )


def fragile_filters(subject: _Subject) -> Iterator[Said]:
    """Find row filters that would end a statement for a hidden row, and so tell of it."""
    for rule in _rules(subject.policies):
        if rule.rows is None or is_plain(rule.rows):
            continue
        if part := fragile_part(rule, subject.policies.filters[rule.id], subject.tables or ()):
            said = "its rows may fail on a value beside a subquery, and end a query for a hidden row"
            yield "warning", rule.id, f"{said}: {part}. TRY_CAST gives NULL instead"


def ill_fitting(subject: _Subject) -> Iterator[Said]:
    """Find masks that do not fit the columns they are for: those columns are hidden."""
    for rule in _rules(subject.policies):
        for table in subject.tables or ():
            if is_about(rule, table):
                yield from _misfits(rule, table)


def idle_names(subject: _Subject) -> Iterator[Said]:
    """Find columns that a rule names and none of its tables has."""
    for rule in _rules(subject.policies):
        names = {name.casefold(): name for each in rule.columns for name in each.names}
        about = [table for table in subject.tables or () if names and is_about(rule, table)]
        there = {column.current_name.casefold() for table in about for column in table.columns}
        there |= {column.name.casefold() for table in about for column in table.columns}
        for folded in sorted(names.keys() - there) if about else ():
            yield "warning", rule.id, f"no table of its has a column `{names[folded]}`"


def in_vain(subject: _Subject) -> Iterator[Said]:
    """Find grants that show nothing to anybody."""
    found = grants_in_vain(subject.policies, subject.now, subject.tables or (), subject.taxonomy)
    for rule, text in found:
        yield "warning", rule, text


def _misfits(rule: Rule, table: PinnedTable) -> Iterator[Said]:
    for column in table.columns:
        where = f"{table.name}.{column.name}"
        for mask in _masks_on(rule, column.name, column.tags):
            if not fits(mask, column.type):
                yield "error", rule.id, f"{mask} does not fit {where}, of type {column.type}: it is hidden"
            elif not has_subject(mask, table):
                yield "error", rule.id, f"{mask} on {where} goes by a column that the table does not have"


def _masks_on(rule: Rule, name: str, tags: frozenset[str]) -> Iterator[Mask]:
    for each in rule.columns:
        named = any(name.casefold() == other.casefold() for other in each.names)
        if (
            each.mask
            and each.mask != HIDDEN
            and (named or any(matches(t, p) for t in tags for p in each.tags))
        ):
            yield each.mask


def _rules(policies: PolicySet) -> tuple[Rule, ...]:
    return (*policies.grants, *policies.restrictions)


def _says_as_much(one: Restriction, other: Restriction) -> bool:
    return (
        _binds_as_many(one, other)
        and (not one.purposes or (bool(other.purposes) and {*other.purposes} <= {*one.purposes}))
        and all(
            any(_within(mine, theirs) for theirs in one.tables or ("*",)) for mine in other.tables or ("*",)
        )
        and (not one.tagged or one.tagged == other.tagged)
        and (one.until is None or (other.until is not None and other.until <= one.until))
        and (other.rows is None or one.rows == other.rows)
        and all(any(_covers(theirs, mine) for theirs in one.columns) for mine in other.columns)
    )


def _binds_as_many(one: Restriction, other: Restriction) -> bool:
    everyone = not one.to and not one.except_
    return everyone or (one.to, one.except_) == (other.to, other.except_)


def _within(pattern: str, wider: str) -> bool:
    return pattern == wider or (wider.endswith("*") and pattern.rstrip("*").startswith(wider[:-1]))


def _covers(one: ColumnRule, other: ColumnRule) -> bool:
    if one.mask is None or other.mask is None:
        return one.profile is not None and one.profile == other.profile
    selects = {*other.names} <= {*one.names} and all(
        any(_within(tag, wider) for wider in one.tags) for tag in other.tags
    )
    return selects and (one.mask == other.mask or one.mask.rank > other.mask.rank)


def _is_later_twin(one: Restriction, other: Restriction, subject: _Subject) -> bool:
    """Whether two say the same and `one` is the later: only the later of twins is superfluous."""
    order = [each.id for each in subject.policies.restrictions]
    return _says_as_much(other, one) and order.index(one.id) > order.index(other.id)


CHECKS: tuple[Callable[[_Subject], Iterator[Said]], ...] = (
    expired,
    unreachable,
    unreviewable,
    endless_past,
    two_masks,
    shadowed,
    idle_patterns,
    unknown_tables,
    fragile_filters,
    ill_fitting,
    idle_names,
    in_vain,
)
