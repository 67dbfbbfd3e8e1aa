"""`lakeward contract`: write contracts, lint them, hold tables to them, and grade how they change."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lakeward.cli.lakes import open_lake
from lakeward.cli.options import lake_and_output, with_output
from lakeward.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lakeward.contracts.outputs.notices import Notice
    from lakeward.contracts.report import ContractReport

FILE = click.Path(path_type=Path, dir_okay=False)
_RULES = ("rule", "status", "means", "count", "agreed", "severity", "line", "reason")


@click.group("contract")
def contract() -> None:
    """Hold data to its contracts (ODCS)."""


@contract.command("init", epilog="Example: lakeward contract init precision_med.patient")
@click.argument("table")
@click.option(
    "--output", "path", type=FILE, metavar="FILE", help="Where to; by default, into the lake's contracts/."
)
@lake_and_output
def init(table: str, *, path: Path | None, lake: Path, output: Output) -> None:
    """Write a contract that TABLE keeps as it is: columns, types, field-ids and tags, no values."""
    from lakeward.contracts.skeleton import contract_skeleton, write_contract

    opened = open_lake(lake)
    pinned = opened.pin(opened.name(table))
    target = path or opened.contracts_dir / f"{pinned.name}.odcs.yaml"
    write_contract(target, contract_skeleton(pinned))
    output.record({"contract": str(target), "table": str(pinned.name), "columns": len(pinned.columns)})
    output.message("Next: agree on rules, then `lakeward contract check`.")


@contract.command("lint", epilog="Example: lakeward contract lint contracts/patient.odcs.yaml --github")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--sarif", "sarif_file", type=FILE, metavar="FILE", help="Write the faults as SARIF 2.1.0.")
@click.option("--github", is_flag=True, help="Annotate the lines of a pull request on GitHub.")
@with_output
def lint(files: tuple[Path, ...], *, sarif_file: Path | None, github: bool, output: Output) -> None:
    """Judge each of FILES by the official ODCS schema of its own apiVersion."""
    from lakeward.contracts.errors import LintFailedError
    from lakeward.contracts.lint import lint_contract
    from lakeward.contracts.outputs.notices import of_lint

    reports = [lint_contract(each) for each in files]
    found = [(report, fault) for report in reports for fault in report.findings]
    rows = ((report.path, f.line, f.column, f.pointer, f.message, report.judged_by) for report, f in found)
    output.rows("Faults", ("file", "line", "column", "where", "fault", "judged by"), rows)
    _write_notices(
        [notice for report in reports for notice in of_lint(report)], sarif_file, github=github, output=output
    )
    if found:  # the error is all that is said then: under --format json, stderr holds it alone
        raise LintFailedError(len(found), next((report.advice for report in reports if report.advice), None))
    for report in reports:
        output.message(f"{report.path}: valid ODCS {report.judged_by}.")


@contract.command(
    "check", epilog="Example: lakeward contract check contracts/patient.odcs.yaml --junit report.xml"
)
@click.argument("file", type=FILE)
@click.argument("table", required=False)
@click.option("--at", metavar="SNAPSHOT|TAG|TIME", help="Check the table as it was; by default, as it is.")
@click.option("--junit", "junit_file", type=FILE, metavar="FILE", help="Write a JUnit report.")
@click.option("--sarif", "sarif_file", type=FILE, metavar="FILE", help="Write what failed as SARIF 2.1.0.")
@click.option("--github", is_flag=True, help="Annotate the lines of a pull request on GitHub.")
@click.option("--all", "every", is_flag=True, help="Show every clause, also those that hold.")
@click.option(
    "--fast", is_flag=True, help="Spare the import of Great Expectations; the verdicts are the same."
)
@lake_and_output
def check(
    file: Path,
    table: str | None,
    *,
    at: str | None,
    junit_file: Path | None,
    sarif_file: Path | None,
    github: bool,
    every: bool,
    fast: bool,
    lake: Path,
    output: Output,
) -> None:
    """Hold TABLE to the contract in FILE; without TABLE, to the one that the contract names."""
    from lakeward.contracts.outputs.junit import junit
    from lakeward.contracts.outputs.notices import of_report

    report = _checked(file, table, lake, at, fast=fast)
    _show(report, output, every=every)
    if junit_file:
        _write(junit_file, junit(report))
    _write_notices(of_report(report), sarif_file, github=github, output=output)
    report.require()
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report.totals.items())
    output.message(f"{report.table} keeps {report.contract_id} {report.contract_version}: {counts}.")


@contract.command("diff", epilog="Example: lakeward contract diff main/patient.odcs.yaml patient.odcs.yaml")
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@with_output
def diff(old: Path, new: Path, *, output: Output) -> None:
    """Grade the change from OLD to NEW; exit 4 when it breaks readers, 5 when somebody may see more."""
    from lakeward.contracts.diff import diff_contracts
    from lakeward.contracts.document import load_contract

    found = diff_contracts(load_contract(old), load_contract(new))
    rows = [change.as_json() for change in found.changes]
    columns = ("what", "data", "privacy", "why", "line")
    output.rows("Changes", columns, ([row[name] for name in columns] for row in rows))
    found.require()


@contract.command("show", epilog="Example: lakeward contract show precision_med.patient")
@click.argument("table", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many checks.")
@lake_and_output
def show(table: str | None, *, limit: int, lake: Path, output: Output) -> None:
    """Show the last checks, newest first; of TABLE, when one is named."""
    from lakeward.contracts.results import stored_results

    opened = open_lake(lake)
    name = str(opened.name(table)) if table else None
    columns = ("at", "table", "snapshot", "contract", "version", "success", "failed", "not run")
    output.rows("Checks", columns, (_summary(each) for each in stored_results(opened.store, name, limit)))


def _summary(stored: dict[str, Any]) -> list[object]:
    agreed, totals = stored["contract"], stored["totals"]
    return [
        stored["at"], stored["table"], stored["snapshotId"], agreed["id"], agreed["version"],
        stored["success"], totals["failed"], totals["error"] + totals["not_enforced"],
    ]  # fmt: skip


def _checked(file: Path, table: str | None, root: Path, at: str | None, *, fast: bool) -> "ContractReport":
    from lakeward.contracts.checked import check_table
    from lakeward.contracts.document import load_contract
    from lakeward.gateway.service import open_gateway

    agreed, lake = load_contract(file), open_lake(root)
    name = lake.name(table) if table else None
    with open_gateway(lake) as gateway:
        return check_table(lake, agreed, gateway, table=name, at=at, great_expectations=not fast)


def _show(report: "ContractReport", output: Output, *, every: bool) -> None:
    shown = [rule.as_json() for rule in report.rules if every or rule.status != "passed"]
    keys = ("id", "status", "means", "count", "threshold", "severity", "line", "reason")
    output.rows(
        f"{report.contract_id} on {report.table}", _RULES, ([rule[key] for key in keys] for rule in shown)
    )


def _write_notices(notices: "Iterable[Notice]", path: Path | None, *, github: bool, output: Output) -> None:
    from lakeward.contracts.outputs.github import annotations
    from lakeward.contracts.outputs.sarif import sarif

    held = list(notices)
    if path:
        _write(path, json.dumps(sarif(held), indent=2) + "\n")
    for line in annotations(held) if github else ():
        output.message(line)


def _write(path: Path, text: str) -> None:
    from lakeward.cli.errors import OutputFileError

    try:
        path.write_text(text, "utf-8")
    except OSError:
        raise OutputFileError(path) from None
