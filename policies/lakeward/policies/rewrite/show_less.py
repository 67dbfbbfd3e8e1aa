"""`masked LIKE '%special%'` is false whatever the cell holds, when no text that the mask shows could match.

Then a mask that costs much need not be computed to find that out. A column of texts that a query only
compares with texts which none of its masks can show is shown by less: an empty text for a text, NULL for
NULL. No comparison tells the two apart, and nobody sees more than before.

As in `columns_used.py`, no name is resolved: every word of the query that could name the column must stand in
such a comparison, in whatever scope it is. One that does not, and the column shows as it would.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sqlglot import exp

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn
from lakeward.catalog.types import PrimitiveType
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.masks import MASKS, Mask
from lakeward.policies.masks.spelling import Pattern, Spelling, none_holds, of_like, of_text
from lakeward.policies.rewrite.columns_used import UsedColumns

NO_CHARACTER: Final = Mask("prefix", (("length", 0),))
"""Shows of a text only that there is one."""

Restrictions = Mapping[TableName, ReadRestrictions]
_Spelled = tuple[PinnedColumn, list[Spelling]]
_Tests = dict[str, list[Pattern] | None]
"""By folded name, what a column is compared with; None where it is used otherwise too."""


def show_less(tree: exp.Query, used: UsedColumns, restrictions: Restrictions) -> Restrictions:
    """Return `restrictions` with less to show of columns by whose texts a query learns nothing."""
    spelled = {
        name: _spelled(each, used.words) for name, each in restrictions.items() if not used.takes_all(name)
    }
    names = {each.name.casefold() for columns in spelled.values() for each, _ in columns}
    if not names:
        return restrictions
    tests = _tests(tree, names)
    shown = dict(restrictions)
    for name, columns in spelled.items():
        if less := [each.field_id for each, forms in columns if _is_never(tests, each, forms)]:
            shown[name] = _without_text(shown[name], less)
    return shown


def _spelled(restrictions: ReadRestrictions, words: frozenset[str]) -> list[_Spelled]:
    """Return the columns of texts, of those that words name, whose every mask says how it spells."""
    found: list[_Spelled] = []
    for column in restrictions.table.columns:
        if column.name.casefold() not in words or column.type != PrimitiveType("string"):
            continue
        masks = {each.masks[column.field_id] for each in restrictions.grants if column.field_id in each.masks}
        spellings = [spelling for mask in masks if (spelling := _spelling(mask)) is not None]
        if masks and len(spellings) == len(masks):
            found.append((column, spellings))
    return found


def _spelling(mask: Mask) -> Spelling | None:
    definition = MASKS.get(mask.name)
    return definition.spelling(mask) if definition and definition.spelling else None


def _is_never(tests: _Tests, column: PinnedColumn, spellings: list[Spelling]) -> bool:
    patterns = tests.get(column.name.casefold())
    return patterns is not None and none_holds(spellings, patterns)


def _tests(tree: exp.Query, names: set[str]) -> _Tests:
    tests: _Tests = {}
    for node in tree.walk():
        word = node.args.get("this")
        if (
            not isinstance(word, str)
            or isinstance(node, exp.Literal)
            or (name := word.casefold()) not in names
        ):
            continue
        known, more = tests.get(name, []), _patterns(node)
        tests[name] = None if known is None or more is None else known + more
    return tests


def _patterns(word: exp.Expr) -> list[Pattern] | None:
    """Return what the column that a word names is compared with, where that is texts and nothing else."""
    column = word.parent
    if type(column) is not exp.Column or word.arg_key != "this":
        return None
    test = column.parent
    texts = _texts_beside(column, test)
    if not texts or not all(type(each) is exp.Literal and each.is_string for each in texts):
        return None
    read = of_like if isinstance(test, exp.Like) else of_text
    return [read(each.name) for each in texts]


def _texts_beside(column: exp.Column, test: exp.Expr | None) -> list[exp.Expr]:
    if type(test) is exp.Like and column.arg_key == "this":
        is_plain = not isinstance(test.parent, exp.Escape) and "\\" not in test.expression.name
        return [test.expression] if is_plain else []
    if type(test) in {exp.EQ, exp.NEQ} and test is not None:
        return [test.expression if column.arg_key == "this" else test.this]
    if type(test) is exp.In and column.arg_key == "this":
        others = {key for key, value in test.args.items() if value} - {"this", "expressions"}
        return [] if others else list(test.expressions)
    return []


def _without_text(restrictions: ReadRestrictions, field_ids: list[int]) -> ReadRestrictions:
    grants = [
        replace(each, masks={**each.masks, **{id_: NO_CHARACTER for id_ in field_ids if id_ in each.masks}})
        for each in restrictions.grants
    ]
    return replace(restrictions, grants=tuple(grants))
