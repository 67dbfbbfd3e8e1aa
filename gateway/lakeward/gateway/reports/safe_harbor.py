"""Which of HIPAA's identifiers each role can still see, in which form, under today's policies.

The method asks for two things, 45 CFR 164.514(b)(2): that the identifiers A to R are removed, (i), and that
nobody knows how what is left could identify somebody, (ii). Only the first can be read off a policy.
"""

import datetime as dt
from collections.abc import Iterator

from lakeward.catalog.config import PrincipalConfig
from lakeward.catalog.errors import LakewardError
from lakeward.catalog.lake import Lake
from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.catalog.taxonomy import TagDefinition
from lakeward.gateway.reports.report import Cell, Report, table_names
from lakeward.policies.decide import CompiledPolicies
from lakeward.policies.explain import forms_of
from lakeward.policies.holder import PolicyHolder
from lakeward.policies.masks import Mask
from lakeward.policies.principal import Principal, RequestContext

_GROUP = "group:"
_REMOVED_RANK = 80
"""From this rank on a mask shows one constant, NULL or nothing."""

_ANY_CODE = {"study_id": "R", "link": "R"}
_BY_RULE = {
    ("C", "age-90-plus"): ("removed", "year only, 90 and over in one class"),
    ("C", "truncate-to-year"): ("review", "a year of birth can tell an age over 89; use age-90-plus"),
    ("B", "zip3"): ("removed", "first three digits, 000 where 20,000 people or fewer live"),
}
_DERIVED = "a code derived from the identifier: R; 164.514(c) allows only one that is not derived"
_WHY = {
    "clear": "in clear",
    "sha-256-global": "a hash without a key can be guessed: any other unique code, R",
    "pseudonym": _DERIVED,
    "sha-256-query-local": _DERIVED,
    "date-shift": "a shifted date is a date",
}

NOTES = (
    "Identifiers: 45 CFR 164.514(b)(2)(i). That nobody knows a way to identify who is left, (b)(2)(ii), is "
    "for a person to say.",
    "A role's form is the least masked that any of its members gets, with whatever other roles they have.",
    "Columns that nobody has classified are hidden, so they are not listed.",
)


def safe_harbor(lake: Lake) -> Report:
    """Report the identifiers that every role can see of every table, for every purpose.

    Raises:
        PolicyError: A policy document is not valid.
    """
    policies = PolicyHolder(lake.policies_dir, lake.taxonomy).current()
    rows: list[tuple[Cell, ...]] = []
    for name in table_names(lake):
        try:
            table = lake.pin(name)
        except LakewardError as error:
            rows.append((str(name), "", "", "refused", "", "", error.code, "", ""))
            continue
        for role in sorted(policies.documents.roles):
            for purpose in sorted(policies.purposes):
                rows += _of_role(lake, policies, table, (role, purpose))
    columns = ("table", "role", "purpose", "status", "letter", "column", "form", "why", "citation")
    return Report(title="HIPAA Safe Harbor", columns=columns, rows=tuple(rows), notes=NOTES)


def _of_role(
    lake: Lake, policies: CompiledPolicies, table: PinnedTable, whom: tuple[str, str]
) -> Iterator[tuple[Cell, ...]]:
    """Give a row to each identifier that shows in some form, or one row when none does."""
    role, purpose = whom
    now = dt.datetime.now(dt.UTC)
    decisions = [
        policies.weigh(RequestContext(principal=each, purpose=purpose, now=now), table)
        for each in members(lake, policies, role)
    ]
    seen = [each for each in decisions if each.grants]
    if not seen:
        return
    found = []
    for column in table.columns:
        forms = [form.mask for each in seen for form in forms_of(each, column)]
        if forms:
            least = min(forms, key=lambda mask: (mask.rank, str(mask)))
            found += [
                (*judge(letter, least), letter, column, least, tag) for letter, tag in letters(lake, column)
            ]
    for status, why, letter, column, mask, tag in sorted(found, key=lambda each: (each[2], each[3].name)):
        yield (
            str(table.name), role, purpose, status, letter, column.name, str(mask), why, tag.citation or "",
        )  # fmt: skip
    if not found:
        yield (
            str(table.name),
            role,
            purpose,
            "no identifier",
            "",
            "",
            "",
            "no visible column is tagged as one",
            "",
        )


def judge(letter: str, mask: Mask) -> tuple[str, str]:
    """Say whether an identifier shown through a mask is removed, remains, or is for a person to judge."""
    if mask.rank >= _REMOVED_RANK:
        return "removed", "one constant, or nothing"
    if rule := _BY_RULE.get((letter, mask.name)):
        return rule
    return "remains", _WHY.get(mask.name, "a part of it shows")


def letters(lake: Lake, column: PinnedColumn) -> Iterator[tuple[str, TagDefinition]]:
    """Give the Safe Harbor letters of a column's tags; `text` for what may hold any of them."""
    for tag in sorted(column.tags):
        definition = lake.taxonomy.get(tag)
        letter = _ANY_CODE.get(tag) or (definition.letter if definition else None)
        if tag == "phi.free_text":
            letter = "text"
        if definition and letter:
            yield letter, definition


def members(lake: Lake, policies: CompiledPolicies, role: str) -> list[Principal]:
    """Give the members of a role, those of roles that include it too; a group stands for one in it."""
    named = {
        member
        for name, each in policies.documents.roles.items()
        if role in _included(policies, name)
        for member in each.members
    }
    found = []
    for member in sorted(named):
        known = lake.config.principals.get(member, PrincipalConfig())
        groups = {member.removeprefix(_GROUP)} if member.startswith(_GROUP) else set(known.groups)
        found.append(Principal(name=member, groups=frozenset(groups), attributes=dict(known.attributes)))
    return found


def _included(policies: CompiledPolicies, role: str) -> set[str]:
    seen, waiting = set(), [role]
    while waiting:
        each = waiting.pop()
        if each not in seen and each in policies.documents.roles:
            seen.add(each)
            waiting += policies.documents.roles[each].includes
    return seen
