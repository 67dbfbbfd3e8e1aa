"""What shows of one column, and whether one decision shows something that another does not surely show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lakeward.catalog.pin import PinnedColumn
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.explain import Form, forms_of
from lakeward.policies.masks import CLEAR, hides_as_much

Minutes = Mapping[str, int]
"""How long a request for emergency access counts at most, by the id of the grant that it is for."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The forms in which a column shows, each with the minutes for which a request opens it, if it takes one.

    `bounds` are the conditions of restrictions, which hold in every form.
    """

    forms: tuple[tuple[Form, int | None], ...]
    bounds: frozenset[str]

    def words(self) -> tuple[str, ...]:
        """Say each form, with its rows and the grant."""
        bounds = sorted(self.bounds)
        return tuple(_word(form, minutes, bounds) for form, minutes in self.forms)


def shown(decision: ReadRestrictions, column: PinnedColumn, minutes: Minutes) -> Shown:
    """Return what a decision shows of a column."""
    forms = tuple((form, minutes.get(form.grant_id)) for form in forms_of(decision, column))
    return Shown(forms, frozenset(each.sql for each in decision.row_filters))


def beyond(one: Shown, other: Shown) -> Shown:
    """Return what shows in `one` that does not surely show in `other`."""
    if one.forms and other.forms and not other.bounds <= one.bounds:
        return one
    forms = (
        (form, minutes)
        for form, minutes in one.forms
        if not any(
            _gives_as_much(theirs, form) and _lasts_as_long(longest, minutes)
            for theirs, longest in other.forms
        )
    )
    return Shown(tuple(forms), one.bounds)


def beyond_all(one: Shown, others: Iterable[Shown]) -> Shown:
    """Return what shows in `one` that does not surely show in any of others."""
    for other in others:
        one = beyond(one, other)
    return one


def _gives_as_much(one: Form, other: Form) -> bool:
    same_keys = one.study == other.study or one.mask == CLEAR
    return (one.row_filter is None or one.row_filter == other.row_filter) and (
        same_keys and hides_as_much(other.mask, one.mask)
    )


def _lasts_as_long(one: int | None, other: int | None) -> bool:
    return one is None or (other is not None and other <= one)


def _word(form: Form, minutes: int | None, bounds: Sequence[str]) -> str:
    conditions = [f"({each})" for each in [form.row_filter, *bounds] if each]
    study = f" in {form.study}" if form.study else ""
    time = f" for {minutes} minutes" if minutes else ""
    where = f" where {' and '.join(conditions)}" if conditions else ""
    return f"{form.mask}{study}{time} by {form.grant_id}{where}"
