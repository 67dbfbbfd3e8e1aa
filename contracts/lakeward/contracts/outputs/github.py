"""GitHub annotations: workflow commands on stdout, one to a line."""

from collections.abc import Iterable, Iterator

from lakeward.contracts.outputs.notices import Level, Notice, printable

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
_TEXT = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def annotations(notices: Iterable[Notice]) -> Iterator[str]:
    """Give each notice as a workflow command, escaped as GitHub asks."""
    for each in notices:
        place = {"file": each.path, "line": str(each.line)}
        place |= {"col": str(each.column)} if each.column else {}
        place["title"] = printable(each.title)
        properties = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in place.items())
        yield f"::{_COMMANDS[each.level]} {properties}::{printable(each.text).translate(_TEXT)}"
