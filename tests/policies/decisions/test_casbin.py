"""Casbin as the reference: what it gets wrong when asked carelessly, and that the snapshots agree with it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path

import casbin
import pytest
from tests.policies.decisions.building import NOW, TAXONOMY, compiled, context, table_of, write

from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.policies.decide import CompiledPolicies
from lakeward.policies.errors import PolicyError
from lakeward.policies.load import MAX_ROLE_DEPTH, load_policies
from lakeward.policies.rules import Asked, policy_rules

DENY_ONLY = "restrictions: [{id: r, tables: ['*'], columns: [{tags: ['*'], mask: hidden}]}]\n"
GRANT = """
grants:
  - {id: g, to: [researcher], purposes: [research], tables: [TABLES], columns: [{tags: [TAGS], mask: clear}]}
"""


@dataclass(frozen=True, slots=True)
class Enforcer:
    """Casbin's answer for a principal, who may be in groups; the same question is asked once."""

    policies: CompiledPolicies
    tags: frozenset[str] = frozenset()
    glass: frozenset[str] = frozenset()
    answers: dict[Asked, bool] = field(default_factory=dict)

    def __call__(
        self, who: str, purpose: str, table: str, selector: str, grant: str = "g", groups: Sequence[str] = ()
    ) -> bool:
        asked = Asked(
            principal=who,
            groups=frozenset(groups),
            purpose=purpose,
            table=table,
            tags=self.tags,
            selector=selector,
            grant=grant,
            now=NOW,
            glass=self.glass,
        )
        if asked not in self.answers:
            self.answers[asked] = self.policies.enforcer.enforce(*asked.tokens())
        return self.answers[asked]


def ask(policies: CompiledPolicies, *words: str) -> bool:
    return Enforcer(policies)(*words)


@pytest.mark.parametrize("text", ["", DENY_ONLY])
def test_no_rule_for_somebody_is_no_allow(tmp_path: Path, text: str) -> None:
    policies = compiled(tmp_path, text)
    assert not ask(policies, "ada", "research", "main.patient", "tag:health")
    assert not policies.enforcer.enforce((), "", "", frozenset(), "", "", "")


def test_empty_words_match_nothing(tmp_path: Path) -> None:
    policies = compiled(tmp_path, GRANT.replace("TABLES", "main.patient").replace("TAGS", "health"))
    assert ask(policies, "ada", "research", "main.patient", "tag:health")
    full = ["ada", "research", "main.patient", "tag:health", "g"]
    for place in range(len(full)):
        assert not ask(policies, *full[:place], "", *full[place + 1 :])


def test_every_effect_is_one_of_two_words(tmp_path: Path) -> None:
    documents = compiled(
        tmp_path, GRANT.replace("TABLES", "main.*").replace("TAGS", "health") + DENY_ONLY
    ).documents
    rules = list(policy_rules(documents))
    assert {each[-1] for each in rules} == {"allow", "deny"}
    assert all(all(word for word in rule) for rule in rules)


def test_a_denial_wins_whatever_the_order(tmp_path: Path) -> None:
    allow = GRANT.replace("TABLES", "main.*").replace("TAGS", "health")
    for number, text in enumerate((allow + DENY_ONLY, DENY_ONLY + allow)):
        assert not ask(
            compiled(tmp_path / str(number), text), "ada", "research", "main.patient", "tag:health"
        )


def test_a_star_matches_only_at_the_end(tmp_path: Path) -> None:
    policies = compiled(tmp_path, GRANT.replace("TABLES", "main.pat*").replace("TAGS", "phi.*"))
    assert ask(policies, "ada", "research", "main.patient", "tag:phi.name")
    assert not ask(policies, "ada", "research", "other.patient", "tag:phi.name")
    assert not ask(policies, "ada", "research", "main.visit", "tag:phi.name")
    assert not ask(policies, "ada", "research", "main.patient", "tag:pii.staff")


def test_names_are_compared_as_they_are_written(tmp_path: Path) -> None:
    policies = compiled(tmp_path, GRANT.replace("TABLES", "main.patient").replace("TAGS", "health"))
    for words in (("Ada", "research"), ("ada", "Research")):
        assert not ask(policies, *words, "main.patient", "tag:health")


def chain(depth: int) -> str:
    links = [f"  r{n}: {{includes: [r{n + 1}]}}" for n in range(depth)]
    members = "  top: {members: [ada], includes: [r0]}"
    return "\n".join(
        ["version: 1", "roles:", members, *links, f"  r{depth}: {{}}", "purposes: [research]", ""]
    )


def test_a_denial_is_inherited_as_deep_as_documents_may_nest(tmp_path: Path) -> None:
    depth = MAX_ROLE_DEPTH - 1
    text = f"""
grants: [{{id: g, to: [top], tables: ['*'], columns: [{{tags: [health], mask: clear}}]}}]
restrictions: [{{id: r, to: [r{depth}], tables: ['*'], columns: [{{tags: [health], mask: hidden}}]}}]
"""
    policies = compiled(tmp_path, text, head=chain(depth))
    assert depth > 10  # what Casbin follows by itself
    assert not ask(policies, "ada", "research", "main.patient", "tag:health")
    assert not policies.weigh(context(), table_of({"a": ["health"]})).grants


def test_deeper_roles_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="deep"):
        load_policies(write(tmp_path / "p", "", head=chain(MAX_ROLE_DEPTH + 1)), TAXONOMY)


def test_the_enforcer_is_the_plain_one(tmp_path: Path) -> None:
    assert type(compiled(tmp_path, "").enforcer) is casbin.Enforcer


TAGS = ("health", "phi.name", "phi.geo", "pii.staff", "genomic", "sensitivity.none")
PATTERNS = ("*", "health", "phi.name", "phi.*", "pii.staff", "genomic", "sensitivity.none")
TABLES = tuple(f"ns{n}.t{m}" for n in range(3) for m in range(3))
PURPOSES = ("research", "treatment")
WHO = tuple((f"p{n}", ("x",) if n < 3 else ()) for n in range(8))
MEMBERS = (*(who for who, _ in WHO), '"group:x"')
PROBE = ("bound:;", "*", "*", "*", "*", "probe", "never", "allow")
Request = tuple[str, tuple[str, ...], str]
ROLES = tuple(f"r{n}" for n in range(12))


def some_documents(draw: random.Random) -> str:
    lines = ["version: 1", f"purposes: [{', '.join(PURPOSES)}]", "roles:"]
    for number, role in enumerate(ROLES):
        members = draw.sample(MEMBERS, draw.choice((0, 1, 2, 3)))
        included = [ROLES[number + 1]] if number + 1 < len(ROLES) and draw.random() < 0.8 else []
        lines.append(f"  {role}: {{members: [{', '.join(members)}], includes: [{', '.join(included)}]}}")
    lines.append("grants:")
    lines += [f"  - {{id: g{n}, to: [{draw.choice(ROLES)}], {_about(draw, 'clear')}}}" for n in range(16)]
    lines.append("restrictions:")
    for number in range(1):
        whom = draw.choice((f"to: [{draw.choice(ROLES)}], ", f"except: [{draw.choice(ROLES[:4])}], "))
        lines.append(f"  - {{id: x{number}, {whom}{_about(draw, 'hidden')}}}")
    return "\n".join(lines) + "\n"


def _about(draw: random.Random, mask: str) -> str:
    narrow = mask == "hidden"
    tables = draw.choice(
        (*TABLES, "ns0.*", "ns1.*", "ns2.t*") if narrow else ("*", "ns0.*", "ns1.*", *TABLES)
    )
    more = draw.choice(("", f"purposes: [{draw.choice(PURPOSES)}], "))
    more += draw.choice(("", "", "tagged: [genomic], ", "tagged: [phi.*], "))
    more += draw.choice(("", "", "until: 2026-11-24, ", "until: 2026-11-23, "))
    tags = [draw.choice(PATTERNS[1:])] if narrow else draw.sample(PATTERNS, 2)
    quoted = ", ".join(f'"{each}"' for each in tags)
    return f'{more}tables: ["{tables}"], columns: [{{tags: [{quoted}], mask: {mask}}}]'


def reference(
    policies: CompiledPolicies,
    request: Request,
    table: PinnedTable,
    column: PinnedColumn,
    answers: dict[Asked, bool],
    glass: frozenset[str] = frozenset(),
) -> bool:
    """Put a cell together from `enforce()`: a grant speaks of all that is sensitive; no denial."""
    who, groups, purpose = request
    enforce = Enforcer(policies, table.tags.union(*(each.tags for each in table.columns)), glass, answers)

    def allowed(tag: str, grant: str) -> bool:
        return enforce(who, purpose, str(table.name), f"tag:{tag}", grant, groups)

    def shows(grant: str) -> bool:
        spoken = {tag for tag in column.tags if allowed(tag, grant)}
        return bool(spoken) and not (column.tags & TAXONOMY.sensitive) - spoken

    # PROBE allows everybody everything, so that only a denial can refuse it.
    if not all(allowed(tag, PROBE[5]) for tag in column.tags):
        return False
    return any(shows(grant.id) for grant in policies.documents.grants)


def _tables(draw: random.Random) -> list[PinnedTable]:
    return [
        table_of({f"c{n}": draw.sample(TAGS, draw.choice((1, 1, 2))) for n in range(4)}, name=name)
        for name in TABLES
    ]


@pytest.mark.parametrize(
    "seed", [*range(5), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(5, 40))]
)
def test_snapshots_agree_with_enforce(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311  a sample, no secret
    policies = compiled(tmp_path, "", head=some_documents(draw))
    assert policies.enforcer.add_policy(*PROBE)
    sample = _half_shown(policies, _tables(draw), draw)
    answers: dict[Asked, bool] = {}
    for request, table, column in sample:
        expected = reference(policies, request, table, column, answers)
        assert _shows(policies, request, table, column) == expected
    assert len(answers) > 1_000
    assert len(sample) == 250


def test_half_of_the_sample_shows(tmp_path: Path) -> None:
    shown = 0
    for seed in range(40):
        draw = random.Random(seed)  # noqa: S311  as above
        policies = compiled(tmp_path / str(seed), "", head=some_documents(draw))
        shown += sum(_shows(policies, *each) for each in _half_shown(policies, _tables(draw), draw))
    assert 4_000 < shown < 6_000


def _shows(policies: CompiledPolicies, request: Request, table: PinnedTable, column: PinnedColumn) -> bool:
    who, groups, purpose = request
    return column in policies.weigh(context(who, purpose, groups=groups), table).visible_columns


def _half_shown(
    policies: CompiledPolicies, tables: list[PinnedTable], draw: random.Random
) -> list[tuple[Request, PinnedTable, PinnedColumn]]:
    """Take 250 questions, half of them about cells that show, as far as there are so many."""
    requests: list[Request] = [(who, groups, purpose) for who, groups in WHO for purpose in PURPOSES]
    asked = [(request, table, column) for request in requests for table in tables for column in table.columns]
    draw.shuffle(asked)
    shows = [_shows(policies, *each) for each in asked]
    shown = list(compress(asked, shows))[:125]
    return (
        shown
        + [each for each, is_shown in zip(asked, shows, strict=True) if not is_shown][: 250 - len(shown)]
    )
