"""`lakeward policy`: check documents, and ask them who sees what and why."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakeward.cli.lakes import open_lake
from lakeward.cli.options import lake_and_output
from lakeward.cli.output import JsonOutput, Output

if TYPE_CHECKING:
    from lakeward.catalog.lake import Lake
    from lakeward.catalog.pin import PinnedTable
    from lakeward.policies.decide import CompiledPolicies
    from lakeward.policies.diff_rights import RightChange
    from lakeward.policies.explain import ColumnAccess, TableAccess
    from lakeward.policies.principal import Principal

DIRECTORY = click.Path(path_type=Path, file_okay=False, exists=True)
FILE = click.Path(path_type=Path, dir_okay=False)
THERE = click.Path(path_type=Path, dir_okay=False, exists=True)
_STRANGER = "No role and no entry of lakeward.toml names {}: is it spelt so?"
purpose_option = click.option("--purpose", required=True, metavar="PURPOSE", help="For what.")


@click.group("policy")
def policy() -> None:
    """Check and explain who may see what."""


@policy.command("check", epilog="Example: lakeward policy check")
@click.argument("directory", required=False, type=DIRECTORY)
@lake_and_output
def check(directory: Path | None, *, lake: Path, output: Output) -> None:
    """Check the policy documents of the lake, or of DIRECTORY, against its tables.

    A fault stops the command (exit 2); what valid documents say by mistake fails it (exit 1).
    """
    from lakeward.policies.errors import PolicyCheckFailedError
    from lakeward.policies.explain import now_utc
    from lakeward.policies.lint import lint_policies

    opened = open_lake(lake)
    _tell_of_none(directory or opened.policies_dir, output)
    compiled = _compiled(opened, directory)
    documents = compiled.documents
    found = lint_policies(compiled, now_utc(), _tables(opened, output))
    rows = [(each.level, str(each.place or ""), each.rule, each.text) for each in found]
    output.rows("Findings", ("level", "place", "rule", "finding"), rows)
    if errors := sum(1 for each in found if each.level == "error"):
        raise PolicyCheckFailedError(errors)
    counts = (len(documents.grants), len(documents.restrictions), len(documents.roles))
    output.message("Valid: {} grants, {} restrictions, {} roles.".format(*counts))


@policy.command("list", epilog="Example: lakeward policy list")
@lake_and_output
def list_rules(*, lake: Path, output: Output) -> None:
    """List every grant and restriction, with what it is about and where it stands."""
    documents = _compiled(open_lake(lake), None).documents
    grants = [("grant", each, each.to) for each in documents.grants]
    bound = [
        ("restriction", each, [*each.to, *(f"except {role}" for role in each.except_)] or ["everyone"])
        for each in documents.restrictions
    ]
    rows = (
        (kind, each.id, to, each.purposes or ["any"], [*each.tables, *each.tagged], each.rows, each.until)
        for kind, each, to in [*grants, *bound]
    )
    output.rows("Rules", ("kind", "id", "to", "purposes", "tables", "rows", "until"), rows)


@policy.command("explain", epilog="Example: lakeward policy explain ada main.visit.name --purpose research")
@click.argument("principal")
@click.argument("target", metavar="TABLE[.COLUMN]")
@purpose_option
@lake_and_output
def explain(principal: str, target: str, *, purpose: str, lake: Path, output: Output) -> None:
    """Say what PRINCIPAL may read of a table or column, why, and what would lift what is hidden."""
    from lakeward.policies.explain import explain_table, now_utc
    from lakeward.policies.principal import RequestContext

    opened = open_lake(lake)
    table, column = _target(opened, target)
    context = RequestContext(principal=_principal(opened, principal), purpose=purpose, now=now_utc())
    policies = _compiled(opened, None)
    access = explain_table(policies, context, table)
    output.rows("Columns", ("column", "tags", "shows", "why", "to lift it"), _told(access, column))
    if not isinstance(output, JsonOutput):
        named = access.roles or not _is_stranger(policies, opened, principal)
        output.message(
            f"Roles: {', '.join(access.roles) or 'none'}." if named else _STRANGER.format(principal)
        )
        for condition in access.row_filters:
            output.message(f"Rows only where {condition}")


@policy.command("who-can", epilog="Example: lakeward policy who-can precision_med.patient.ssn")
@click.argument("target", metavar="TABLE.COLUMN")
@lake_and_output
def who_can(target: str, *, lake: Path, output: Output) -> None:
    """Say who may see cells of a column, for which purpose, in which form and rows.

    Everybody whom a role or lakeward.toml names, every group that a role names, and members of several where
    together they may see what none of the groups may.
    """
    from lakeward.policies import who_can as asked
    from lakeward.policies.explain import now_utc

    opened = open_lake(lake)
    table, name = _target(opened, target)
    column = table.column(name or "")
    if column is None:
        raise click.UsageError("Name a column: namespace.table.column.")
    found = asked.who_can(_compiled(opened, None), table, column, now_utc(), _known(opened))
    rows = (
        (
            each.who,
            each.purpose,
            str(each.form.mask),
            _rows_of(each.form.row_filter, each.row_filters),
            each.form.grant_id,
        )
        for each in found
    )
    output.rows("Who can", ("who", "purpose", "shows", "rows", "by"), rows)


@policy.command("diff", epilog="Example: lakeward policy diff policies new-policies")
@click.argument("old", type=DIRECTORY)
@click.argument("new", type=DIRECTORY)
@lake_and_output
def diff(old: Path, new: Path, *, lake: Path, output: Output) -> None:
    """Say who would see or may do more or less under the documents in NEW than under those in OLD.

    Every principal and group that is named and members of several groups, every purpose, every table of the
    lake, now and after each end of a rule; and every right. Exit 5 when somebody gains.
    """
    from lakeward.policies.diff import diff_policies
    from lakeward.policies.diff_rights import diff_rights
    from lakeward.policies.errors import AccessGainedError
    from lakeward.policies.explain import now_utc

    opened = open_lake(lake)
    _tell_of_none(old, output)
    _tell_of_none(new, output)
    one, other = _compiled(opened, old), _compiled(opened, new)
    known = _known(opened)
    rights = list(diff_rights(one, other, known))
    changes = list(diff_policies(one, other, _tables(opened, output), now_utc(), known))
    rows: list[tuple[object, ...]] = [
        (
            _kind(c.gains, c.loses),
            c.who,
            c.purpose,
            c.table,
            c.column,
            c.when(),
            c.before or ["hidden"],
            c.after or ["hidden"],
        )
        for c in changes
    ]
    rows += [
        (_kind(each.gains, not each.gains), each.who, None, each.tables, None, "from now", *_may(each))
        for each in rights
    ]
    output.rows("Changes", ("change", "who", "purpose", "table", "column", "when", "before", "after"), rows)
    gains = [sum(1 for each in some if each.gains) for some in (changes, rights)]
    if any(gains):
        raise AccessGainedError(*gains)


@policy.command("test", epilog="Example: lakeward policy test policy-tests/*.yaml --junit report.xml")
@click.argument("files", nargs=-1, required=True, type=THERE)
@click.option("--junit", "junit_file", type=FILE, metavar="FILE", help="Write a JUnit report.")
@lake_and_output
def test(files: tuple[Path, ...], *, junit_file: Path | None, lake: Path, output: Output) -> None:
    """Run the cases in FILES through the gateway, and judge what comes of each."""
    from lakeward.cli.errors import OutputFileError
    from lakeward.cli.policy_runner import GatewayRunner
    from lakeward.gateway.service import open_gateway
    from lakeward.policies.errors import PolicyTestFailedError
    from lakeward.policies.policy_test import junit, run_cases

    with open_gateway(open_lake(lake)) as gateway:
        results = run_cases(files, GatewayRunner(gateway))
    if junit_file:
        try:
            junit_file.write_text(junit(results), "utf-8")
        except OSError:
            raise OutputFileError(junit_file) from None
    rows = (("failed" if r.failures else "passed", r.file.name, r.case.name, r.failures) for r in results)
    output.rows("Cases", ("result", "file", "case", "because it"), rows)
    if failed := sum(1 for each in results if each.failures):
        raise PolicyTestFailedError(failed, len(results))


def _tell_of_none(directory: Path, output: Output) -> None:
    """Say that a folder holds no documents: that is valid, and may be the wrong folder."""
    from lakeward.policies.load import policy_files

    try:
        if policy_files(directory):
            return
    except OSError:
        return  # what reads the documents next says why
    output.message(
        f"{directory} holds no policy documents (*.yaml, *.yml): they would show nothing to anybody."
    )


def _compiled(lake: "Lake", directory: Path | None) -> "CompiledPolicies":
    from lakeward.policies.decide import compile_policies
    from lakeward.policies.load import load_policies

    return compile_policies(load_policies(directory or lake.policies_dir, lake.taxonomy), lake.taxonomy)


def _tables(lake: "Lake", output: Output) -> "list[PinnedTable]":
    """Pin every table; one whose tags do not verify is told and left out."""
    from lakeward.catalog.errors import UnavailableError
    from lakeward.catalog.tables import list_tables

    pinned = []
    for each in list_tables(lake):
        try:
            pinned.append(lake.pin(lake.name(str(each.name))))
        except UnavailableError as error:
            output.message(f"Left out {each.name}: {error.message}")
    return pinned


def _principal(lake: "Lake", name: str) -> "Principal":
    from lakeward.policies.principal import Principal

    known = lake.config.principals.get(name)
    return Principal(name=name, groups=frozenset(known.groups) if known else frozenset())


def _is_stranger(policies: "CompiledPolicies", lake: "Lake", name: str) -> bool:
    """Whether neither a role nor lakeward.toml names a principal."""
    members = (each.members for each in policies.documents.roles.values())
    return name not in lake.config.principals and not any(name in each for each in members)


def _known(lake: "Lake") -> "list[Principal]":
    return [_principal(lake, name) for name in lake.config.principals]


def _target(lake: "Lake", text: str) -> "tuple[PinnedTable, str | None]":
    """Read `table`, `namespace.table` or `namespace.table.column`; a column that is not there is an error."""
    from difflib import get_close_matches

    from lakeward.policies.errors import UnknownColumnError

    namespace, _, rest = text.partition(".")
    name, dot, column = rest.partition(".")
    table = lake.pin(lake.name(f"{namespace}.{name}" if dot else text))
    if not dot:
        return table, None
    if table.column(column) is None:
        names = [each.name for each in table.columns]
        raise UnknownColumnError(str(table.name), get_close_matches(column, names))
    return table, column


def _told(access: "TableAccess", only: str | None) -> Iterator[tuple[object, ...]]:
    for column in access.columns:
        if only is None or column.name.casefold() == only.casefold():
            reasons = [f"{each.id} {each.text}" for each in column.reasons] or ["no grant is about it"]
            yield column.name, column.tags, _shows(column), reasons, column.lift


def _shows(column: "ColumnAccess") -> list[str]:
    forms = [
        f"{form.mask} where {form.row_filter}" if form.row_filter else str(form.mask) for form in column.forms
    ]
    return forms or ["hidden"]


def _rows_of(condition: str | None, bounds: Sequence[str]) -> str:
    return " and ".join(f"({each})" for each in [condition, *bounds] if each) or "all"


def _may(change: "RightChange") -> tuple[list[str], list[str]]:
    may = f"may {change.act} by {', '.join(change.by)} as {', '.join(change.roles)}"
    return (["may not"], [may]) if change.gains else ([may], ["may not"])


def _kind(gains: bool, loses: bool) -> str:
    return "gains and loses" if gains and loses else "gains" if gains else "loses"
