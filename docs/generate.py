"""Write the pages of docs/reference that come from the code: `make docs`."""  # noqa: INP001  a script

import json
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from itertools import groupby
from pathlib import Path

import click
from pydantic import BaseModel

import lakeward
from lakeward.catalog.classify.detectors import DETECTORS
from lakeward.catalog.classify.findings import FINDINGS
from lakeward.catalog.errors import ExitCode, LakewardError
from lakeward.catalog.taxonomy import TagDefinition, load_taxonomy
from lakeward.catalog.types import PrimitiveType
from lakeward.cli.main import cli
from lakeward.gateway.doors.http.openapi import openapi_document
from lakeward.gateway.limits.settings import Allowance, LimitSettings
from lakeward.gateway.session import Limits
from lakeward.policies.bounds import MOST_BYTES_IN_ALL, MOST_DOCUMENTS, MOST_ENTRIES_IN_ALL
from lakeward.policies.documents import ColumnRule, Grant, PolicyDocument, Restriction, Right, Role
from lakeward.policies.lists import allow_lists
from lakeward.policies.masks import MASKS, SAFE_HARBOR, Mask
from lakeward.policies.masks.definition import MaskDefinition
from lakeward.policies.read import MOST_BYTES, MOST_ENTRIES
from lakeward.policies.rewrite.fuse.functions import FUNCTIONS, NAMED

REFERENCE = Path(__file__).parent / "reference"
EXIT_CODES = {
    ExitCode.DONE: "Done.",
    ExitCode.CHECK_FAILED: "A check failed: a contract, a policy test, the audit chain, the lake's health.",
    ExitCode.INVALID: "Wrong usage, or input that is not valid.",
    ExitCode.DENIED: "Denied by policy, or not there.",
    ExitCode.BREAKING: "A change that breaks those who rely on the data.",
    ExitCode.PRIVACY_BREAKING: "A change after which somebody may see more than before.",
    ExitCode.UNAVAILABLE: "Could not run: an engine, a store, a key or a file is out of reach.",
}
PRIMITIVES = (
    "boolean", "int", "long", "float", "double", "decimal", "date", "time", "timestamp", "timestamptz",
    "string", "uuid", "binary", "fixed",
)  # fmt: skip
NOTE = "<!-- Generated from the code by `make docs`. Change the code, not this page. -->"


def cli_page() -> str:
    """Describe every command: its usage, its options and an example."""
    context = click.Context(cli, info_name="lakeward")
    commands = "\n".join(block for block in command_blocks(cli, context))
    head = "Every command also takes `--help`. Exit codes: [errors](errors.md)."
    return page("Command line", head, commands)


def command_blocks(command: click.Command, context: click.Context) -> Iterator[str]:
    """Describe a command, and those below it."""
    if not isinstance(command, click.Group):
        yield command_block(command, context)
        return
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        if child is not None:
            yield from command_blocks(child, click.Context(child, info_name=name, parent=context))


def command_block(command: click.Command, context: click.Context) -> str:
    """Describe one command."""
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    options = [record for each in command.get_params(context) if (record := each.get_help_record(context))]
    rows = [(f"`{names}`", text) for names, text in options if "--help" not in names]
    example = (command.epilog or "").replace("\b\n", "").replace("Example: ", "")
    parts = [f"## {context.command_path}\n", f"{prose(command.help or '')}\n", f"```text\n{usage}\n```\n"]
    parts += [table(("option", "meaning"), rows)] if rows else []
    return "\n".join([*parts, f"Example:\n\n```sh\n{example}\n```\n"])


def prose(text: str) -> str:
    """Give the help of a command as Markdown: its blocks that must not be wrapped become code."""
    blocks = text.split("\n\n")
    return "\n\n".join(
        f"```text\n{each[2:]}\n```" if each.startswith("\b\n") else " ".join(each.split()) for each in blocks
    )


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Give a Markdown table."""
    lines = [header, ("---",) * len(header), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def page(title: str, head: str, body: str) -> str:
    """Give a whole page."""
    return f"{NOTE}\n\n# {title}\n\n{head}\n\n{body.rstrip()}\n"


def errors_page() -> str:
    """List the exit codes, and every error by its code."""
    codes = [(str(code.value), EXIT_CODES[code]) for code in ExitCode]
    by_name = sorted(every_error(), key=lambda each: (each.__name__, each.__module__), reverse=True)
    errors = {error.code: error for error in by_name}
    rows = [
        (f"`{code}`", first_line(errors[code]), str(errors[code].exit_code.value)) for code in sorted(errors)
    ]
    head = (
        "An error goes to stderr: what was received, what is valid, what to do next; never a value of the "
        'data. With `--format json` it is one object, `{"error": {"code", "message", "hint"}}`. Two codes '
        "come from the command line itself: `usage`, which exits with 2, and `unexpected`, which exits with "
        "6 and says no more unless `LAKEWARD_DEBUG=1` is set. Ctrl-C exits with 130."
    )
    body = f"## Exit codes\n\n{table(('code', 'meaning'), codes)}\n## Errors\n\n"
    return page("Errors and exit codes", head, body + table(("code", "meaning", "exit code"), rows))


def every_error() -> list[type[LakewardError]]:
    """Import every room, and give every error that lakeward raises."""
    for module in pkgutil.walk_packages(lakeward.__path__, "lakeward."):
        import_module(module.name)
    found: list[type[LakewardError]] = [LakewardError]
    for error in found:  # grows while it is read: the whole tree
        found += error.__subclasses__()
    return [error for error in found[1:] if error.__module__.startswith("lakeward.")]


def first_line(thing: type) -> str:
    """Give the first line of a docstring."""
    return (thing.__doc__ or "").strip().partition("\n")[0]


def tags_page() -> str:
    """List every tag that ships, by axis."""
    tags = load_taxonomy().all()
    blocks = [f"## {axis}\n\n{tag_table(list(group))}" for axis, group in groupby(tags, lambda tag: tag.axis)]
    head = (
        f"The {len(tags)} tags that ship with lakeward. A column is hidden until it bears a tag that "
        "*classifies*. `sensitivity.none` gives way to every tag that is *sensitive*. A lake adds tags of "
        "its own in `taxonomy.yaml`; `lakeward tag taxonomy` lists what a lake knows."
    )
    return page("Tags", head, "\n".join(blocks))


def tag_table(tags: list[TagDefinition]) -> str:
    """Give the tags of one axis as a table."""
    rows = [
        (
            f"`{tag.name}`",
            tag.title,
            "yes" if tag.classifies else "",
            "yes" if tag.sensitive else "",
            tag.citation or "",
        )
        for tag in tags
    ]
    source = "; ".join(dict.fromkeys(tag.source for tag in tags))
    return f"Source: {source}\n\n{table(('tag', 'what', 'classifies', 'sensitive', 'citation'), rows)}"


def detectors_page() -> str:
    """List every detector in its order, and what each finding is tagged with."""
    detectors = [
        (f"`{each.name}`", each.title, f"`{each.finding}`", each.source, example_patterns(each.names))
        for each in DETECTORS
    ]
    findings = [
        (f"`{each.name}`", each.title, each.role, ", ".join(f"`{tag}`" for tag in each.tags))
        for each in FINDINGS.values()
    ]
    head = (
        f"The {len(DETECTORS)} detectors of `lakeward classify`, in the order in which the words of a name "
        "are tried: the first that fits says what the column is. Values are shown to all of them. See "
        "[how it decides](../explanation/classification.md)."
    )
    body = table(("detector", "finds", "speaks for", "source", "words of a name, for example"), detectors)
    return page(
        "Detectors", head, f"{body}\n## Findings\n\n{table(('finding', 'what', 'role', 'tags'), findings)}"
    )


def example_patterns(names: tuple[str, ...]) -> str:
    """Give the first patterns of a detector."""
    shown = ("; ".join(name for name in names[:2])).replace("|", "/")
    return f"`{shown}`" if shown else "by value or table alone"


def masks_page() -> str:
    """List every mask, from the least to the most protective, and the Safe Harbor profile."""
    masks = sorted(MASKS.items(), key=lambda item: (item[1].rank, item[0]))
    rows = [
        (f"`{name}`", str(mask.rank), mask.summary, arguments(mask), types(name, mask), mask.source or "")
        for name, mask in masks
    ]
    head = (
        "A mask keeps a column's type. NULL stays NULL, except where the mask says otherwise. The rank says "
        "how much it hides: of several grants the lowest counts, and a restriction raises it to its own. "
        "Ranks order masks; they do not measure privacy."
    )
    profile = [(f"`{tag}`", f"`{mask.name}`") for tag, mask in SAFE_HARBOR.items()]
    names = ("mask", "rank", "what shows", "arguments", "types", "source")
    return page(
        "Masks",
        head,
        f"{table(names, rows)}\n## The profile `safe-harbor`\n\n`- {{profile: safe-harbor}}` among the "
        f"columns of a grant stands for these (45 CFR 164.514(b)(2)):\n\n{table(('tag', 'mask'), profile)}",
    )


def arguments(mask: MaskDefinition) -> str:
    """Name the arguments of a mask."""
    return ", ".join(
        [f"`{name}`" for name in mask.required] + [f"`{name}` (optional)" for name in mask.optional]
    )


def types(name: str, mask: MaskDefinition) -> str:
    """Name the types that a mask fits."""
    samples = tuple((argument, "0") for argument in mask.required)
    fitting = [each for each in PRIMITIVES if mask.fits(Mask(name, samples), PrimitiveType(each))]
    return "any" if len(fitting) == len(PRIMITIVES) else ", ".join(fitting)


def policies_page() -> str:
    """Describe the fields of a policy document, part by part."""
    parts = (PolicyDocument, Role, Grant, Restriction, ColumnRule, Right)
    blocks = [f"## {part.__name__}\n\n{first_line(part)}\n\n{fields(part)}" for part in parts]
    head = (
        "The documents of a lake are the YAML files in its folder `policies/`; together they are one policy. "
        "`lakeward policy check` finds what is wrong in them, with file, line and column. One document holds "
        f"at most {MOST_BYTES // 2**20} MiB and {MOST_ENTRIES:,} rules and roles; all of a folder hold "
        f"together at most {MOST_BYTES_IN_ALL // 2**20} MiB and {MOST_ENTRIES_IN_ALL:,} rules and roles in "
        f"{MOST_DOCUMENTS:,} documents. See "
        "[how a grant is written](../how-to/give-a-study-access.md) and "
        "[the cell rule](../explanation/cell-rule.md)."
    )
    return page("Policies", head, "\n".join(blocks))


def fields(part: type[BaseModel]) -> str:
    """Give the fields of one part of a document as a table."""
    rows = [
        (f"`{field.alias or name}`", field.description or "", "yes" if field.is_required() else "")
        for name, field in part.model_fields.items()
    ]
    return table(("field", "meaning", "required"), rows)


def sql_page() -> str:
    """List what a query may hold, from the allow-lists."""
    lists = allow_lists()
    parts = (
        ("Functions", lists.functions),
        ("Functions in FROM", lists.table_functions),
        ("Types", lists.types),
        ("Collations", lists.collations),
        ("Units of intervals and parts of dates", lists.units),
        (
            "Functions that may run over the lake itself",
            frozenset(each.__name__ for each in FUNCTIONS) - {"Anonymous"} | frozenset(NAMED),
        ),
    )
    head = (
        "A statement is one query: SELECT, set operations, CTEs, subqueries, joins of every kind, windows, "
        "PIVOT and UNPIVOT. What is on no list is refused, and the refusal names it. Statements of the "
        "functions in the last list alone may run *fused*; every other is *staged*: see "
        "[staged and fused](../explanation/staged-and-fused.md)."
    )
    return page("SQL", head, "\n".join(f"## {title}\n\n{words(names)}\n" for title, names in parts))


def words(names: frozenset[str]) -> str:
    """Give names as one paragraph."""
    return ", ".join(f"`{each}`" for each in sorted(names))


def limits_page() -> str:
    """Describe `[gateway.limits]`, with what holds where nothing is said."""
    shown = {name: getattr(Limits(), name) for name in Allowance.model_fields}
    own = [(f"`{n}`", f.description or "", f"{shown[n]:,}" if n != "memory" else shown[n])
           for n, f in Allowance.model_fields.items()]  # fmt: skip
    of_all = {n: f for n, f in LimitSettings.model_fields.items() if n not in Allowance.model_fields}
    totals = [(f"`{n}`", f.description or "", f"{f.default:,}") for n, f in of_all.items() if f.default != {}]
    tables = [(f"`{n}`", f.description or "") for n, f in of_all.items() if f.default == {}]
    head = (
        "In `[gateway.limits]` of `lakeward.toml`, read when a gateway starts: how many statements there may "
        "be at once, and what one may use. See [how to set limits](../how-to/limit-what-clients-use.md)."
    )
    header = ("setting", "meaning", "by default")
    return page(
        "Limits",
        head,
        f"## Of one principal\n\n{table(header, own)}\n## Of everybody together\n\n{table(header, totals)}\n"
        f"## Other limits for some\n\nTables of the same settings as one principal's.\n\n"
        f"{table(('table', 'meaning'), tables)}",
    )


def openapi_page() -> str:
    """Describe the HTTP door in OpenAPI."""
    return json.dumps(openapi_document(), indent=2) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "detectors.md": detectors_page,
    "errors.md": errors_page,
    "limits.md": limits_page,
    "masks.md": masks_page,
    "openapi.json": openapi_page,
    "policies.md": policies_page,
    "sql.md": sql_page,
    "tags.md": tags_page,
}


def main() -> None:
    """Write every page."""
    for name, build in PAGES.items():
        (REFERENCE / name).write_text(build(), "utf-8")
        sys.stdout.write(f"docs/reference/{name}\n")


if __name__ == "__main__":
    main()
