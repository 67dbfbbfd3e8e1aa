"""The first half of the way of a query: admit, pin, decide. Nothing has run yet when it ends."""

import functools
from collections.abc import Sequence
from functools import partial

from sqlglot import exp

from lakeward.catalog.errors import DeniedError
from lakeward.catalog.names import TableName
from lakeward.catalog.rows import TableNotFoundError
from lakeward.gateway.session import Session
from lakeward.gateway.statement import GovernedStatement, Pins
from lakeward.policies.admit import admit
from lakeward.policies.decide import CompiledPolicies
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.fingerprint import without_literals
from lakeward.policies.rewrite.resolve import Names, UnknownTableError, resolve_tables
from lakeward.policies.rewrite.settle_types import settle_types


def govern(  # noqa: PLR0913  what a statement is, and what it is held to, each by name
    session: Session,
    text: str,
    statement_id: str,
    *,
    policies: CompiledPolicies,
    names: Names,
    pins: Pins,
    parameters: Sequence[exp.Expr] = (),
) -> GovernedStatement:
    """Admit a statement, pin its tables and decide on each.

    Raises:
        InputError: It has more or fewer parameters than `parameters` has values.
        DeniedError: It is refused; a table without a decision is refused as one that does not exist.
    """
    tree = admit(text, session.dialect, parameters)
    references = resolve_tables(tree, names)
    context = session.context()
    restrictions: dict[TableName, ReadRestrictions] = {}
    for name in {each.name for each in references}:
        try:
            restrictions[name] = pins.restricted(name, partial(policies.decide, context))
        except TableNotFoundError:
            raise UnknownTableError(str(name)) from None
        except DeniedError as denial:
            raise UnknownTableError(str(name)) from denial
    columns = [each for table in restrictions.values() for each in table.visible_columns]
    settle_types(tree, columns, session.dialect)
    return GovernedStatement(
        statement_id=statement_id,
        text=text,
        tree=tree,
        write_bare=functools.cache(partial(without_literals, tree, [each.name for each in columns])),
        references=references,
        restrictions=restrictions,
        pins=pins,
    )
