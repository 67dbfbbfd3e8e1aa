"""Does a query read its one table once, from the first row to the last, and nothing beside it?

Then its rows need not be laid on the bench before it runs: they may stream through it. When they arrive
tells of the hidden rows between them, so nothing that the query does may hang on that. A query that may have
enough before the last row is none of these: whether it meets a row that it fails on would be a race.
"""

from typing import Final

from sqlglot import exp

from lakeward.policies.rewrite.resolve import TableReference

_READS_OTHERWISE: Final = (exp.Window, exp.Pivot, exp.TableSample, exp.Lateral, exp.With)
"""What may make an engine read a table twice, or not in order: of a window it makes a join with itself."""

_HAS_ENOUGH: Final = (exp.Limit, exp.Fetch, exp.Offset)
"""What may end a query before the last row, or keep it from evaluating a row."""


def reads_once(tree: exp.Query, references: tuple[TableReference, ...]) -> bool:
    """Say whether a query is a single SELECT from a single table; in doubt it is not.

    Whoever trusts this must still refuse a second reading, and not take it for a table without rows.
    """
    if not isinstance(tree, exp.Select) or len(references) != 1:
        return False
    if tree.find(*_READS_OTHERWISE, *_HAS_ENOUGH) is not None:
        return False
    source = tree.args.get("from_")
    is_alone = source is not None and source.this is references[0].node and not tree.args.get("joins")
    return is_alone and all(each is tree for each in tree.find_all(exp.Query))
