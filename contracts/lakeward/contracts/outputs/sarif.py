"""SARIF 2.1.0 (OASIS): what code hosts show at the line of a file."""

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from lakeward.contracts.outputs.notices import Notice, printable

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(notices: Iterable[Notice]) -> dict[str, Any]:
    """Give notices as one SARIF run."""
    held = list(notices)
    rules = sorted({each.rule for each in held})
    driver = {"name": "lakeward", "version": version("lakeward"), "rules": [{"id": rule} for rule in rules]}
    results = [_result(each, rules.index(each.rule)) for each in held]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _result(notice: Notice, index: int) -> dict[str, Any]:
    region = {"startLine": notice.line} | ({"startColumn": notice.column} if notice.column else {})
    location = {"artifactLocation": {"uri": _uri(notice.path)}, "region": region}
    identity = hashlib.sha256(f"{notice.rule}\0{notice.title}\0{notice.pointer}".encode()).hexdigest()
    return {
        "ruleId": notice.rule,
        "ruleIndex": index,
        "level": str(notice.level),
        "message": {"text": printable(notice.text)},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"lakeward/v1": identity},
    }


def _uri(path: str) -> str:
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())
