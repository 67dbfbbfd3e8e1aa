"""What a principal may read: tables and columns, as the policies decide today."""

from dataclasses import dataclass

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.names import TableName
from lakeward.catalog.rows import catalog_rows, table_locations
from lakeward.gateway.service import Gateway
from lakeward.gateway.session import Session


@dataclass(frozen=True, slots=True)
class VisibleColumn:
    """One column that shows in some form."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class VisibleTable:
    """One table of which something shows."""

    name: str
    columns: tuple[VisibleColumn, ...]


def visible_tables(gateway: Gateway, session: Session) -> list[VisibleTable]:
    """Give every table of which the session's principal may read something, by name, with those columns.

    A table that cannot be read, or that is refused for any reason, is left out as one that is not there.
    """
    lake, policies = gateway.lake, gateway.policies.current()
    context = gateway.with_glass(session, policies).context()
    with catalog_rows(lake.catalog_engine) as connection:
        places = table_locations(connection, lake.config.name)
    found: list[VisibleTable] = []
    for namespace, name, _ in places:
        try:
            restrictions = policies.decide(context, lake.pin(TableName(namespace, name)))
        except LakewardError:
            continue
        columns = tuple(VisibleColumn(each.name, str(each.type)) for each in restrictions.visible_columns)
        found.append(VisibleTable(f"{namespace}.{name}", columns))
    return found
