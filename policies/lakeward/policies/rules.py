"""Documents -> Casbin rules, and the enforcer that holds them.

`enforce()` reads every rule for every request, which is right and slow; queries are served from the snapshots
of `decide.py`, and tests hold the two together. What Casbin gets wrong when asked carelessly is avoided here:
names of principals, groups and roles never meet (each has its prefix), no token of a request is ever empty,
every effect is one of two words of ours, the one effect rule needs an allow, a rule that Casbin does not take
is an error, and roles are followed as deep as documents may nest them.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib import resources

import casbin
from casbin.rbac.default_role_manager import RoleManager

from lakeward.catalog.errors import UnavailableError
from lakeward.policies.documents import ColumnRule, Grant, Restriction
from lakeward.policies.load import MAX_ROLE_DEPTH, PolicySet
from lakeward.policies.masks import SAFE_HARBOR
from lakeward.policies.patterns import matches
from lakeward.policies.tokens import group_token, member_token, principal_token, role_token

_ANY = "*"
_BOUND = "bound:"
_GLASS = "break-glass:"
_NEVER = "never"
Rule = tuple[str, str, str, str, str, str, str, str]
Subjects = tuple[str, ...]


class RuleNotTakenError(UnavailableError):
    """Casbin did not take the rules of the policy documents."""

    code = "rules-not-taken"

    def __init__(self) -> None:
        super().__init__(
            "The policy documents could not be given to Casbin whole; nothing is decided by a part of them.",
            hint="Check the documents with `lakeward policy check`.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What `enforce()` is asked: may this principal see the cells of a selector, through a grant?

    Attributes:
        principal: Who.
        groups: The groups that the principal is in.
        purpose: What for.
        table: Of which table, `namespace.table`.
        tags: The tags that the table and its columns bear.
        selector: `tag:NAME` or `name:COLUMN`, folded.
        grant: Through which grant.
        now: When.
        glass: The grants for which the principal has a request for emergency access that counts.
    """

    principal: str
    groups: frozenset[str] = frozenset()
    purpose: str
    table: str
    tags: frozenset[str] = frozenset()
    selector: str
    grant: str
    now: dt.datetime
    glass: frozenset[str] = frozenset()

    def tokens(self) -> tuple[object, ...]:
        """Return the request as Casbin takes it."""
        who = (principal_token(self.principal), *map(group_token, sorted(self.groups)))
        act = f"{_GLASS}{self.grant}" if self.grant in self.glass else self.grant
        return who, self.purpose, self.table, self.tags, self.selector, act, _moment(self.now)


def grouping_rules(policies: PolicySet) -> Iterator[tuple[str, str]]:
    """Return the `g` rules: who is in which role."""
    for name, role in policies.roles.items():
        yield from ((member_token(member), role_token(name)) for member in role.members)
        yield from ((role_token(name), role_token(included)) for included in role.includes)


def policy_rules(policies: PolicySet) -> Iterator[Rule]:
    """Return the `p` rules: an allow for each selector of a grant, a deny for each that is hidden."""
    for grant in policies.grants:
        subjects = tuple(role_token(role) for role in grant.to)
        shown = [each for each in grant.columns if not _hides(each)]
        act = f"{_GLASS}{grant.id}" if grant.break_glass else grant.id  # which no request without one asks
        yield from _rules(grant, subjects, shown, act, "allow")
        yield from _rules(grant, subjects, filter(_hides, grant.columns), act, "deny")
    for restriction in policies.restrictions:
        subjects = (bound_token(restriction),)
        yield from _rules(restriction, subjects, filter(_hides, restriction.columns), _ANY, "deny")


def bound_token(restriction: Restriction) -> str:
    """Return how Casbin knows those whom a restriction binds: `bound:`, roles or none, `;`, roles exempt."""
    return f"{_BOUND}{','.join(restriction.to)};{','.join(restriction.except_)}"


def _hides(columns: ColumnRule) -> bool:
    return columns.mask is not None and columns.mask.name == "hidden"


def _rules(
    rule: Grant | Restriction,
    subjects: Subjects,
    columns: Iterator[ColumnRule] | list[ColumnRule],
    act: str,
    effect: str,
) -> Iterator[Rule]:
    selectors = list(_selectors(columns))
    end = _moment(dt.datetime.combine(rule.until, dt.time.max, dt.UTC)) if rule.until else _NEVER
    tagged = ",".join(rule.tagged) or _ANY
    for subject in subjects:
        for purpose in rule.purposes or (_ANY,):
            for table in rule.tables or (_ANY,):
                for selector in selectors:
                    yield subject, purpose, table, tagged, selector, act, end, effect


def _selectors(columns: Iterator[ColumnRule] | list[ColumnRule]) -> Iterator[str]:
    for each in columns:
        tags = tuple(SAFE_HARBOR) if each.profile else each.tags
        yield from (f"tag:{tag}" for tag in tags)
        yield from (f"name:{name.casefold()}" for name in each.names)


def make_enforcer(policies: PolicySet) -> casbin.Enforcer:
    """Return the enforcer that holds every rule of the documents; ask it `enforce(*Asked(...).tokens())`.

    Raises:
        RuleNotTakenError: Casbin refused a rule.
    """
    text = resources.files(__package__).joinpath("model.conf").read_text("utf-8")
    enforcer = casbin.Enforcer(casbin.Enforcer.new_model(text=text))
    links = RoleManager(MAX_ROLE_DEPTH + 3)
    enforcer.set_role_manager(links)
    enforcer.build_role_links()
    rules = [list(each) for each in dict.fromkeys(policy_rules(policies))]
    members = [list(each) for each in dict.fromkeys(grouping_rules(policies))]
    if (rules and not enforcer.add_policies(rules)) or (
        members and not enforcer.add_grouping_policies(members)
    ):
        raise RuleNotTakenError
    enforcer.add_function("within", matches)
    enforcer.add_function("serves", partial(_serves, policies.purposes))
    enforcer.add_function("counts", _counts)
    enforcer.add_function("bears", _bears)
    enforcer.add_function("acts_as", partial(_acts_as, links))
    return enforcer


def _serves(declared: frozenset[str], asked: str, purpose: str) -> bool:
    """Whether a rule is for a purpose; one that no document declares is no purpose."""
    return asked in declared and purpose in (_ANY, asked)


def _counts(now: str, end: str) -> bool:
    return end == _NEVER or now <= end


def _bears(tags: frozenset[str], tagged: str) -> bool:
    return tagged == _ANY or any(matches(tag, each) for tag in tags for each in tagged.split(","))


def _acts_as(links: RoleManager, who: Subjects, subject: str) -> bool:
    """Whether those who ask have a role, or are bound by a restriction."""
    if not subject.startswith(_BOUND):
        return _has(links, who, subject)
    named, _, exempt = subject.removeprefix(_BOUND).partition(";")
    is_named = not named or any(_has(links, who, role_token(role)) for role in named.split(","))
    return is_named and not any(_has(links, who, role_token(role)) for role in exempt.split(",") if role)


def _has(links: RoleManager, who: Subjects, role: str) -> bool:
    return any(links.has_link(token, role) for token in who)


def _moment(time: dt.datetime) -> str:
    """Return a time as a text that sorts as times do."""
    return time.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
