"""Which mask one rule puts on one column.

A column shows through a grant only if the grant says something about everything sensitive in it. A grant of
`health` in clear does not show a column that is tagged `health` and `phi.name`, unless it speaks of
`phi.name` too; and where several entries match, the most protective counts. Tags that only sort a column
under a regulation (28 CFR 202, GDPR, consent codes, what it is derived from) need no entry of their own, as
long as another tag says what is sensitive in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.catalog.taxonomy import Taxonomy
from lakeward.policies.documents import ColumnRule
from lakeward.policies.masks import HIDDEN, SAFE_HARBOR, Mask, fits, strictest
from lakeward.policies.patterns import matches

_SORTING_AXES = frozenset({"cfr202", "gdpr9", "duo", "consent_required", "derived", "role", "regulatory"})


@dataclass(frozen=True, slots=True)
class ColumnOutcome:
    """The mask, HIDDEN where the column does not show, and why in words."""

    mask: Mask
    why: str


def granted(
    rules: Sequence[ColumnRule], column: PinnedColumn, taxonomy: Taxonomy, table: PinnedTable
) -> ColumnOutcome:
    """Return how the entries of one grant show a column of a table."""
    if not column.is_classified:
        return ColumnOutcome(HIDDEN, "nobody has classified the column")
    named = [each.mask for each in rules if each.mask and _names(each, column)]
    tagged = [mask for each in rules for mask in _by_tags(each, column)]
    if not named:
        uncovered = sorted(
            tag for tag in _must_cover(column, taxonomy) if not any(_covers(e, tag) for e in rules)
        )
        if not tagged:
            return ColumnOutcome(HIDDEN, "the grant has no entry for the column's tags")
        if uncovered:
            return ColumnOutcome(HIDDEN, f"the grant has no entry for the tag {', '.join(uncovered)}")
    return _shown(strictest([*named, *tagged]), column, table)


def _shown(mask: Mask, column: PinnedColumn, table: PinnedTable) -> ColumnOutcome:
    if mask == HIDDEN:
        return ColumnOutcome(HIDDEN, "an entry of it hides the column")
    if not fits(mask, column.type):
        return ColumnOutcome(HIDDEN, f"the mask {mask.name} does not fit the type {column.type}")
    if not has_subject(mask, table):
        return ColumnOutcome(HIDDEN, f"the mask {mask.name} goes by a column that the table does not have")
    return ColumnOutcome(mask, f"shows it as {mask}")


def floor(rules: Sequence[ColumnRule], column: PinnedColumn, table: PinnedTable) -> Mask | None:
    """Return the least mask that a restriction puts on a column; None where it does not speak of it."""
    masks = [each.mask for each in rules if each.mask and _named(each, column)]
    masks += [mask for each in rules for mask in _by_tags(each, column)]
    if not masks:
        return None
    mask = strictest(masks)
    return mask if fits(mask, column.type) and has_subject(mask, table) else HIDDEN


def has_subject(mask: Mask, table: PinnedTable) -> bool:
    """Whether the table has the column that a mask goes by (`date-shift` by patient), if it goes by one."""
    subject = mask.argument("by")
    if subject is None:
        return True
    found = table.column(str(subject))
    return found is not None and found.current_name.casefold() == found.name.casefold()


def _names(rule: ColumnRule, column: PinnedColumn) -> bool:
    """Whether a rule names a column, by the name that it bears today, whatever its name was in the past."""
    return any(each.casefold() == column.current_name.casefold() for each in rule.names)


def _named(rule: ColumnRule, column: PinnedColumn) -> bool:
    """Whether a restriction names a column, by today's name or by that of the pinned schema."""
    return _names(rule, column) or any(each.casefold() == column.name.casefold() for each in rule.names)


def _by_tags(rule: ColumnRule, column: PinnedColumn) -> list[Mask]:
    if rule.profile:
        return [SAFE_HARBOR[tag] for tag in column.tags if tag in SAFE_HARBOR]
    return (
        [rule.mask]
        if rule.mask and any(matches(tag, each) for tag in column.tags for each in rule.tags)
        else []
    )


def _covers(rule: ColumnRule, tag: str) -> bool:
    if rule.profile:
        return tag in SAFE_HARBOR
    return any(matches(tag, pattern) for pattern in rule.tags)


def _must_cover(column: PinnedColumn, taxonomy: Taxonomy) -> set[str]:
    """Return the tags that a grant must speak of; one that the taxonomy does not know counts as sensitive."""
    sensitive = {tag for tag in column.tags if tag in taxonomy.sensitive or taxonomy.get(tag) is None}
    return {tag for tag in sensitive if tag.partition(".")[0] not in _SORTING_AXES} or sensitive
