"""The first half of the way of a query: admit, pin, decide. Nothing has run yet when it ends."""

from lakeward.catalog.errors import DeniedError
from lakeward.catalog.names import TableName
from lakeward.catalog.rows import TableNotFoundError
from lakeward.gateway.session import Session
from lakeward.gateway.statement import GovernedStatement, Pins
from lakeward.policies.admit import admit
from lakeward.policies.decide import CompiledPolicies
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.rewrite.resolve import Names, UnknownTableError, resolve_tables


def govern(
    session: Session, text: str, statement_id: str, *, policies: CompiledPolicies, names: Names, pins: Pins
) -> GovernedStatement:
    """Admit a statement, pin its tables and decide on each.

    Raises:
        DeniedError: It is refused; a table without a decision is refused as one that does not exist.
    """
    tree = admit(text, session.dialect)
    references = resolve_tables(tree, names)
    context = session.context()
    restrictions: dict[TableName, ReadRestrictions] = {}
    for name in {each.name for each in references}:
        try:
            restrictions[name] = policies.decide(context, pins.of_user(name))
        except TableNotFoundError:
            raise UnknownTableError from None
        except DeniedError as denial:
            raise UnknownTableError from denial
    return GovernedStatement(
        statement_id=statement_id,
        text=text,
        tree=tree,
        references=references,
        restrictions=restrictions,
        pins=pins,
    )
