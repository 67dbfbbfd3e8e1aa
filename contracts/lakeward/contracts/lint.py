"""`contract lint`: a file is judged by the official schema of its own apiVersion.

The verdict is the schema's; the words are ours, because a validator's message quotes the value it rejects.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lakeward.contracts.errors import LintFailedError
from lakeward.contracts.source import Source, read_source

if TYPE_CHECKING:
    from jsonschema import ValidationError  # type: ignore[import-untyped]
    from jsonschema.protocols import Validator  # type: ignore[import-untyped]

_SCHEMA_FILE = re.compile(r"odcs-(v\d+\.\d+\.\d+)\.json\Z")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")
_RETIRED = "dataContractSpecification"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One fault of a contract file; `pointer` is the path of the node inside it, `/`-joined."""

    pointer: str
    keyword: str
    message: str
    line: int
    column: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LintReport:
    """What the standard says of one file.

    Attributes:
        declared: The file's apiVersion, when it is one of the standard's.
        judged_by: The version whose schema judged it; the newest when none is declared.
        valid_as: Other versions that accept the file; asked only when the file is not valid.
    """

    path: str
    declared: str | None
    judged_by: str
    findings: tuple[Finding, ...]
    valid_as: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        """True when the schema found no fault."""
        return not self.findings

    def require(self) -> None:
        """Raise when the file is not valid.

        Raises:
            LintFailedError: The schema found a fault.
        """
        if self.findings:
            raise LintFailedError(len(self.findings), self.advice)

    @property
    def advice(self) -> str | None:
        """What would help the whole file, in a sentence."""
        if any(each.keyword == "retired" for each in self.findings):
            return "Convert the file to ODCS: apiVersion v3.1.0, kind DataContract."
        if self.valid_as:
            return f"Invalid as {self.judged_by}, valid as {self.valid_as[-1]}: change apiVersion."
        return None


def lint_contract(path: Path) -> LintReport:
    """Judge a contract file by the official schema of its own apiVersion.

    Raises:
        UnreadableContractError: The file cannot be read as YAML.
    """
    return lint_source(read_source(path))


def lint_source(source: Source) -> LintReport:
    """Judge a contract that has been read."""
    declared = source.value.get("apiVersion") if isinstance(source.value, dict) else None
    known = isinstance(declared, str) and declared in schema_versions()
    judge = str(declared) if known else schema_versions()[-1]
    findings = tuple(_findings(source, judge))
    others = tuple(v for v in schema_versions() if v != judge and _accepts(source, v)) if findings else ()
    return LintReport(
        path=source.path,
        declared=judge if known else None,
        judged_by=judge,
        findings=findings,
        valid_as=others,
    )


@cache
def schema_versions() -> tuple[str, ...]:
    """List the versions of the standard whose schemas ship with lakeward, oldest first."""
    names = (
        _SCHEMA_FILE.match(entry.name) for entry in files("lakeward.contracts").joinpath("odcs").iterdir()
    )
    return tuple(
        sorted((name[1] for name in names if name), key=lambda v: [int(p) for p in v[1:].split(".")])
    )


@cache
def _validator(version: str) -> "Validator":
    from jsonschema import Draft201909Validator  # noqa: PLC0415 - only a lint needs it

    text = files("lakeward.contracts").joinpath("odcs", f"odcs-{version}.json").read_text("utf-8")
    return Draft201909Validator(json.loads(text))


def _accepts(source: Source, version: str) -> bool:
    changed = {**source.value, "apiVersion": version} if isinstance(source.value, dict) else source.value
    return bool(_validator(version).is_valid(changed))


def _findings(source: Source, version: str) -> Iterator[Finding]:
    if isinstance(source.value, dict) and _RETIRED in source.value:
        yield _finding(source, (), "retired", "This is the retired Data Contract Specification, not ODCS.")
    errors = sorted(
        _validator(version).iter_errors(source.value), key=lambda e: [str(p) for p in e.absolute_path]
    )
    for error in errors:
        keyword = str(error.validator)
        yield _finding(source, tuple(error.absolute_path), keyword, _message(keyword, error))


def _finding(source: Source, pointer: tuple[str | int, ...], keyword: str, message: str) -> Finding:
    mark = source.mark(pointer)
    path = "/".join(str(part) for part in pointer)
    return Finding(pointer=path, keyword=keyword, message=message, line=mark.line, column=mark.column)


def _message(keyword: str, error: "ValidationError") -> str:
    words = _MESSAGES.get(keyword)
    return words(error) if words else f"Breaks the standard's rule `{keyword}` of this place."


def _names(error: "ValidationError") -> str:
    """Take the names of keys, which are no values, out of a validator's message."""
    return ", ".join(_QUOTED.findall(error.message))


def _missing(error: "ValidationError") -> str:
    held: Mapping[str, Any] = error.instance
    return f"Missing here: {_names(error) or ', '.join(k for k in error.validator_value if k not in held)}."


_MESSAGES: Mapping[str, Callable[["ValidationError"], str]] = {
    "additionalProperties": lambda e: f"The standard does not know: {_names(e)}.",
    "unevaluatedProperties": lambda e: f"Unknown here, or at fault itself: {_names(e)}.",
    "required": _missing,
    "enum": lambda e: f"Must be one of: {', '.join(map(str, e.validator_value))}.",
    "const": lambda e: f"Must be {e.validator_value}.",
    "type": lambda e: f"Must be of type {e.validator_value}.",
    "pattern": lambda e: f"Must match {e.validator_value}.",
    "minItems": lambda e: f"Must hold at least {e.validator_value} entries.",
    "maxItems": lambda e: f"Must hold at most {e.validator_value} entries.",
    "uniqueItems": lambda _: "No entry may stand here twice.",
    "minimum": lambda e: f"Must be at least {e.validator_value}.",
    "exclusiveMinimum": lambda e: f"Must be more than {e.validator_value}.",
    "oneOf": lambda _: "Must have exactly one of the forms that the standard gives; it has none, or several.",
    "anyOf": lambda _: "Has none of the forms that the standard gives.",
}
