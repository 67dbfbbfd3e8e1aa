"""An index of the tags in effect on every column, kept in the governance store and never believed unchecked.

An entry holds while nothing changed that it was made from: the table's metadata file, the ledger's last word
on the table and on its namespace, and the taxonomy. All of that is asked for every search, for all tables at
once, and what changed is read again. So a search is quick and never old.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, case, delete, func, insert, select

from lakeward.catalog.effective import TABLE, is_classified, walk
from lakeward.catalog.errors import LakewardError
from lakeward.catalog.lake import Lake
from lakeward.catalog.ledger import PENDING
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import Reading, namespace_subject, read_table
from lakeward.catalog.rows import catalog_rows, namespace_digests, table_locations
from lakeward.catalog.store.schema import tag_commit, tag_index, tag_indexed

_AT_ONCE = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexedTable:
    """One table of the index: how many columns it has, and how many of them somebody has classified."""

    id: int
    name: TableName
    columns: int
    classified: int


@dataclass(frozen=True, slots=True)
class Index:
    """What the index holds that is right now; `refused` are tables that cannot be read, with the reason."""

    tables: Mapping[int, IndexedTable]
    refused: Mapping[TableName, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A tag in effect on a column; `source` is the path, table or namespace where it is set."""

    table: TableName
    path: str
    tag: str
    source: str


def current_index(lake: Lake) -> Index:
    """Bring the index up to date; gives the tables that it holds."""
    with catalog_rows(lake.catalog_engine) as connection:
        locations = {
            TableName(namespace, table): location
            for namespace, table, location in table_locations(connection, lake.config.name)
        }
        namespaces = namespace_digests(connection, lake.config.name)
    with lake.store.reading() as connection:
        ledger = _ledger_stamps(connection)
        held = {row.name: row for row in connection.execute(select(tag_indexed))}
    stamp = _Stamp(_taxonomy_digest(lake), namespaces, ledger)
    found: dict[int, IndexedTable] = {}
    stale: list[TableName] = []
    for name, location in locations.items():
        row = held.get(str(name))
        if row and row.stamp == stamp.of(name, location, row.table_uuid):
            found[row.id] = IndexedTable(id=row.id, name=name, columns=row.columns, classified=row.classified)
        else:
            stale.append(name)
    refused: dict[TableName, str] = {}
    for start in range(0, len(stale), _AT_ONCE):
        read = [each for name in stale[start : start + _AT_ONCE] if (each := _read(lake, name, refused))]
        found |= _write(lake, read, stamp, locations)
    return Index(found, refused)


def search(lake: Lake, index: Index, tag: str) -> Iterator[Entry]:
    """Give every place where a tag is in effect, in order; `axis.*` is a whole axis."""
    c = tag_index.c
    wanted = c.tag.startswith(tag.removesuffix("*"), autoescape=True) if tag.endswith(".*") else c.tag == tag
    query = select(c.table_id, c.place, c.path, c.tag, c.source).where(wanted)
    with lake.store.reading() as connection:
        rows = [row for row in connection.execute(query) if row.table_id in index.tables]
    rows.sort(key=lambda row: (index.tables[row.table_id].name, row.place))
    for row in rows:
        yield Entry(index.tables[row.table_id].name, row.path, row.tag, row.source)


@dataclass(frozen=True, slots=True)
class _Stamp:
    taxonomy: str
    namespaces: Mapping[str, str]
    ledger: Mapping[str, str]

    def of(self, name: TableName, location: str, uuid: str) -> str:
        facts = (
            self.taxonomy,
            location,
            self.ledger.get(uuid, ""),
            self.namespaces.get(name.namespace, ""),
            self.ledger.get(namespace_subject(name.namespace), ""),
        )
        return hashlib.blake2b("\n".join(facts).encode(), digest_size=16).hexdigest()


def _ledger_stamps(connection: Connection) -> dict[str, str]:
    """Give what changes with every row of a subject's ledger, and with the end of every pending one."""
    c = tag_commit.c
    waiting = func.sum(case((c.state == PENDING, 1), else_=0))
    query = select(c.subject, func.max(c.id), waiting).group_by(c.subject)
    return {row[0]: f"{row[1]}:{row[2]}" for row in connection.execute(query)}


def _taxonomy_digest(lake: Lake) -> str:
    facts = [(each.name, each.classifies, each.sensitive) for each in lake.taxonomy.all()]
    return hashlib.blake2b(json.dumps(facts).encode(), digest_size=16).hexdigest()


def _read(lake: Lake, name: TableName, refused: dict[TableName, str]) -> tuple[TableName, Reading] | None:
    try:
        return name, read_table(lake, name)
    except LakewardError as error:
        refused[name] = error.code
        return None


def _write(
    lake: Lake,
    read: Sequence[tuple[TableName, Reading]],
    stamp: _Stamp,
    locations: Mapping[TableName, str],
) -> dict[int, IndexedTable]:
    """Put some readings into the index; their stamp is older than they, so a change meanwhile is seen."""
    names = [str(name) for name, _ in read]
    found: dict[int, IndexedTable] = {}
    with lake.store.writing() as connection:
        gone = select(tag_indexed.c.id).where(tag_indexed.c.name.in_(names))
        connection.execute(delete(tag_index).where(tag_index.c.table_id.in_(gone)))
        connection.execute(delete(tag_indexed).where(tag_indexed.c.name.in_(names)))
        rows: list[dict[str, object]] = []
        for name, reading in read:
            classified = sum(_is_classified(lake, reading))
            values = {
                "name": str(name),
                "stamp": stamp.of(name, locations[name], reading.metadata.uuid),
                "table_uuid": reading.metadata.uuid,
                "columns": len(reading.metadata.fields),
                "classified": classified,
            }
            made = connection.execute(insert(tag_indexed).values(values)).inserted_primary_key
            assert made is not None  # noqa: S101  an insert of one row gives its key
            table_id = int(made[0])
            found[table_id] = IndexedTable(
                id=table_id, name=name, columns=len(reading.metadata.fields), classified=classified
            )
            rows += [
                {"table_id": table_id, "place": place, "path": path, "tag": tag, "source": source}
                for place, (path, tag, source) in enumerate(sources(name, reading))
            ]
        if rows:
            connection.execute(insert(tag_index), rows)
    return found


def _is_classified(lake: Lake, reading: Reading) -> Iterable[bool]:
    own, scope = reading.own, reading.own.get(TABLE, frozenset()) | reading.namespace.scope
    for each in reading.metadata.fields:
        yield not reading.is_held_back(each) and is_classified(each, own, scope, lake.taxonomy)


def sources(name: TableName, reading: Reading) -> Iterator[tuple[str, str, str]]:
    """Give path, tag and the place where it is set, for everything in effect on a table."""
    own = reading.own
    scope = [(tag, name.namespace) for tag in sorted(reading.namespace.scope)]
    scope += [(tag, str(name)) for tag in sorted(own.get(TABLE, frozenset()))]
    for each in reading.metadata.fields:
        above: dict[str, list[tuple[str, str]]] = {"": scope}
        for path, (field_id, _type) in walk(each).items():
            mine = [(tag, path) for tag in sorted(own.get(str(field_id), frozenset()))]
            above[path] = above[path.rpartition(".")[0]] + mine
            yield from ((path, tag, source) for tag, source in above[path])
