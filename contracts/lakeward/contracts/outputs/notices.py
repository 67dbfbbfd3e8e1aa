"""One finding at one line of a contract file, as SARIF and GitHub annotations show it."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from lakeward.contracts.lint import LintReport
from lakeward.contracts.report import ContractReport, RuleResult
from lakeward.contracts.rules import Severity, Status


class Level(enum.StrEnum):
    """How loud a notice is, in SARIF's words."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """Something to see at a line. `rule` names the kind of fault, `pointer` the node."""

    rule: str
    level: Level
    title: str
    text: str
    path: str
    line: int
    column: int | None = None
    pointer: str = ""


def printable(text: str) -> str:
    """Put a mark in place of what a terminal or an XML reader would obey or refuse."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def of_lint(report: LintReport) -> Iterator[Notice]:
    """Give a notice for each fault that a lint found."""
    for each in report.findings:
        yield Notice(
            rule=f"odcs/{each.keyword}", level=Level.ERROR, title=f"Not valid ODCS {report.judged_by}",
            text=each.message, path=report.path, line=each.line, column=each.column, pointer=each.pointer,
        )  # fmt: skip


def of_report(report: ContractReport) -> Iterator[Notice]:
    """Give a notice for each rule that failed or could not run; a clause not enforced is a note."""
    for each in report.rules:
        if each.status is not Status.PASSED:
            yield Notice(
                rule=f"contract/{each.kind}", level=_level(each), title=f"{each.id}: {each.status}",
                text=sentence(each), path=report.path, line=each.line, pointer=each.pointer,
            )  # fmt: skip


def sentence(result: RuleResult) -> str:
    """Say what became of a rule: its id, its status, its count and bound, the reason."""
    parts = [f"{result.id} {result.status.replace('_', ' ')}"]
    if result.withheld:
        parts.append("the count is below k and withheld")
    elif result.count is not None:
        parts.append(f"counted {result.count:g}")
    if result.threshold is not None:
        parts.append(f"agreed {result.threshold}")
    text = f"{'; '.join(parts)}."
    return f"{text} {result.reason}" if result.reason else text


def _level(result: RuleResult) -> Level:
    if result.status is Status.NOT_ENFORCED:
        return Level.NOTE
    return Level.WARNING if result.severity is Severity.WARNING else Level.ERROR
