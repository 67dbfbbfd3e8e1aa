"""Documents -> Casbin rules, and the enforcer that holds them.

`enforce()` reads every rule for every request, which is right and slow; queries are served from the snapshots
of `decide.py`, and tests hold the two together. What Casbin gets wrong when asked carelessly is avoided here:
names of principals, groups and roles never meet (each has its prefix), every effect is one of two words of
ours, the one effect rule needs an allow, and roles are followed as deep as documents may nest them.
"""

from collections.abc import Iterator
from importlib import resources

import casbin
from casbin.rbac.default_role_manager import RoleManager

from lakeward.policies.documents import ColumnRule, Grant, Restriction
from lakeward.policies.load import MAX_ROLE_DEPTH, PolicySet
from lakeward.policies.masks import SAFE_HARBOR
from lakeward.policies.patterns import matches

EVERYONE = "everyone"
_EXCEPT = "except:"
_ANY = "*"


def principal_token(name: str) -> str:
    """Return how Casbin knows a principal."""
    return f"principal:{name}"


def member_token(member: str) -> str:
    """Return how Casbin knows a member of a role: `group:NAME` stays, any other is a principal."""
    return member if member.startswith("group:") else principal_token(member)


def role_token(name: str) -> str:
    """Return how Casbin knows a role."""
    return f"role:{name}"


def grouping_rules(policies: PolicySet) -> Iterator[tuple[str, str]]:
    """Return the `g` rules: who is in which role."""
    for name, role in policies.roles.items():
        yield from ((member_token(member), role_token(name)) for member in role.members)
        yield from ((role_token(name), role_token(included)) for included in role.includes)


def policy_rules(policies: PolicySet) -> Iterator[tuple[str, str, str, str, str, str]]:
    """Return the `p` rules: an allow for each selector of a grant, a deny for each that is hidden."""
    for grant in policies.grants:
        subjects = [role_token(role) for role in grant.to]
        yield from _rules(grant, subjects, grant.columns, grant.id, "allow")
    for restriction in policies.restrictions:
        hidden = tuple(
            each for each in restriction.columns if each.mask is not None and each.mask.name == "hidden"
        )
        yield from _rules(restriction, bound_subjects(restriction), hidden, _ANY, "deny")


def bound_subjects(restriction: Restriction) -> list[str]:
    """Return how Casbin knows those whom a restriction binds."""
    if restriction.except_:
        return [_EXCEPT + ",".join(restriction.except_)]
    return [role_token(role) for role in restriction.to] or [EVERYONE]


def _rules(
    rule: Grant | Restriction, subjects: list[str], columns: tuple[ColumnRule, ...], act: str, effect: str
) -> Iterator[tuple[str, str, str, str, str, str]]:
    for subject in subjects:
        for purpose in rule.purposes or (_ANY,):
            for table in rule.tables or (_ANY,):
                for selector in _selectors(columns):
                    yield subject, purpose, table, selector, act, effect


def _selectors(columns: tuple[ColumnRule, ...]) -> Iterator[str]:
    for each in columns:
        tags = tuple(SAFE_HARBOR) if each.profile else each.tags
        yield from (f"tag:{tag}" for tag in tags)
        yield from (f"name:{name.casefold()}" for name in each.names)


def make_enforcer(policies: PolicySet) -> casbin.Enforcer:
    """Return the enforcer that holds every rule of the documents."""
    model = casbin.Enforcer.new_model(
        text=resources.files(__package__).joinpath("model.conf").read_text("utf-8")
    )
    enforcer = casbin.Enforcer(model)
    enforcer.set_role_manager(RoleManager(MAX_ROLE_DEPTH + 3))
    enforcer.build_role_links()
    enforcer.add_policies([list(each) for each in dict.fromkeys(policy_rules(policies))])
    enforcer.add_grouping_policies([list(each) for each in dict.fromkeys(grouping_rules(policies))])
    links = enforcer.get_role_manager()

    def binds(subject: str, bound: str) -> bool:
        if bound == EVERYONE:
            return True
        if not bound.startswith(_EXCEPT):
            return False
        exempt = bound.removeprefix(_EXCEPT).split(",")
        return not any(links.has_link(subject, role_token(role)) for role in exempt)

    enforcer.add_function("within", matches)
    enforcer.add_function("binds", binds)
    return enforcer
