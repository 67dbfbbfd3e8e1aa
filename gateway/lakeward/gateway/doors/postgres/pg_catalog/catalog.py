"""Answers one connection's questions about the catalog."""

import logging
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
from sqlglot import ErrorLevel, exp
from sqlglot.errors import SqlglotError

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.errors import LakewardError
from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.doors.postgres import types as pg
from lakeward.gateway.doors.postgres.pg_catalog.bench import SCHEMAS, CatalogBench
from lakeward.gateway.doors.postgres.pg_catalog.macros import NAMES, PREFIX, READ_TABLES
from lakeward.gateway.doors.postgres.pg_catalog.relations import (
    BY_PRINCIPAL,
    Asker,
    columns,
    principal_rows,
    static_rows,
)
from lakeward.gateway.doors.postgres.pg_catalog.steady import is_steady
from lakeward.gateway.doors.postgres.pg_catalog.translate import (
    Relation,
    functions_of,
    readable,
    relation_of,
    translate,
)
from lakeward.gateway.doors.postgres.rows import RowStream
from lakeward.gateway.doors.postgres.settings import PURPOSE
from lakeward.gateway.engines.apart import in_time
from lakeward.gateway.engines.duckdb.faults import bench_fault
from lakeward.gateway.visible import visible_tables
from lakeward.policies.admit.bounded_parse import parse_bounded
from lakeward.policies.admit.characters import refuse_odd_characters
from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.fingerprint import fingerprint, without_literals
from lakeward.policies.rewrite.resolve import cte_references
from lakeward.policies.verify import EngineReading, read_duckdb_document, verify_reading

if TYPE_CHECKING:
    from lakeward.gateway.doors.postgres.conversation import Conversation

_KEPT = 100


class PgCatalog:
    """Answers catalog queries of one conversation; what may be seen is asked of policies each time."""

    def __init__(self, talk: "Conversation") -> None:
        self._talk = talk
        self._bench: CatalogBench | None = None
        self._read: OrderedDict[str, exp.Query | None] = OrderedDict()

    def is_asked(self, text: str) -> bool:
        """Whether a statement is about the catalog: its relations, or its functions alone."""
        if text not in self._read:
            self._read[text] = _about_catalog(text)
            while len(self._read) > _KEPT:
                self._read.popitem(last=False)
        return self._read[text] is not None

    def answer(
        self,
        text: str,
        parameters: Sequence[pa.Scalar],
        *,
        close: Callable[[], object],
        check: Callable[[], object],
    ) -> RowStream:
        """Answer a catalog query; `close` and `check` are the stream's.

        Raises:
            LakewardError: It is refused or has failed.
        """
        table = self._run(text, parameters)
        cancel = self._bench.cancel if self._bench else lambda: None
        return RowStream(table.schema, iter(table.to_batches()), close=close, cancel=cancel, check=check)

    def describe(self, text: str, oids: Sequence[int]) -> tuple[Sequence[int], pa.Schema]:
        """Say which parameters a catalog query takes and which columns it gives.

        Raises:
            LakewardError: It is refused.
        """
        tree = self._tree(text)
        numbers = [int(each.this.name) for each in tree.find_all(exp.Parameter) if each.this.name.isdigit()]
        found = list(oids) + [0] * (max(numbers, default=0) - len(oids))
        for node in tree.find_all(exp.Parameter):
            at = int(node.this.name) - 1
            found[at] = found[at] or _cast_oid(node)
        nothing = [pa.scalar(None, pg.parameter_type(oid) or pa.string()) for oid in found]
        return found, self._run(text, nothing).schema

    def _tree(self, text: str) -> exp.Query:
        tree = self._read.get(text) or _about_catalog(text)
        if tree is None:
            raise NotAdmittedError("something else than a question about the catalog")
        return tree

    def _run(self, text: str, parameters: Sequence[pa.Scalar]) -> pa.Table:
        tree = self._tree(text)
        statement_id = uuid.uuid4().hex
        try:
            with self._talk.gateway.queue.place(self._talk.identity.principal, self._talk.allowed()):
                return self._answered(text, tree, parameters, statement_id)
        except LakewardError as refusal:
            details = {"statement_id": statement_id, "code": refusal.code, "reason": refusal.recorded}
            self._record("denial", details | {"characters": len(text)})
            raise
        except duckdb.Error as error:
            raise bench_fault(error, statement_id) from None
        except SqlglotError:
            raise NotAdmittedError("something that the catalog does not answer") from None

    def _answered(
        self, text: str, tree: exp.Query, parameters: Sequence[pa.Scalar], statement_id: str
    ) -> pa.Table:
        refuse_odd_characters(text)
        relations = _relations(tree)
        ours = translate(tree, parameters)
        final = ours.sql("duckdb", identify=True, comments=False, unsupported_level=ErrorLevel.RAISE)
        glass = self._fill(reads_tables=_reads_tables(relations, ours))
        bench = self._open()
        _verify(bench, final)
        details: dict[str, object] = {
            "statement_id": statement_id, "fingerprint": fingerprint(without_literals(tree)),
        }  # fmt: skip
        details |= {"relations": sorted(".".join(each) for each in relations)}
        self._record("catalog", details | ({"break_glass": glass} if glass else {}))
        ending = Cancellation()
        with in_time(ending):
            if is_steady(ours, final):
                return bench.run(final, ending)
            return self._talk.gateway.engine.run_apart(bench.apart(final), ending)

    def _open(self) -> CatalogBench:
        if self._bench is None:
            self._bench = CatalogBench(self._asker())
        return self._bench

    def _asker(self) -> Asker:
        gateway = self._talk.gateway
        return Asker(self._talk.identity.principal, gateway.names.lake, gateway.names.default_namespace)

    def _fill(self, *, reads_tables: bool) -> list[str]:
        """Fill what does not depend on policies, and, where the query reads it, what does, as decided now.

        Gives the requests for emergency access that counted for it.
        """
        self._open().fill(static_rows(self._asker(), dict(self._talk.settings.all())))
        if not reads_tables:
            return []
        gateway = self._talk.gateway
        session = gateway.with_glass(self._talk.session(), gateway.policies.current())
        self._open().fill(principal_rows(self._asker(), visible_tables(gateway, session)))
        return [each.request_id for each in session.glass]

    def _record(self, kind: str, details: Mapping[str, object]) -> None:
        event = AuditEvent(
            kind=kind,
            principal=self._talk.identity.principal,
            purpose=self._talk.settings.get(PURPOSE) or None,
            details=details,
        )
        self._talk.gateway.lake.audit.append(event)

    def close(self) -> None:
        """Throw the bench away."""
        if self._bench is not None:
            self._bench.close()


def _about_catalog(text: str) -> exp.Query | None:
    """Read a question about the catalog; what cannot be read as one is for the gateway to refuse."""
    folded = text.lower()
    if not any(word in folded for word in _HINTS):
        return None
    try:
        refuse_odd_characters(text)
    except NotAdmittedError:
        return None
    logger = logging.getLogger("sqlglot")
    disabled, logger.disabled = logger.disabled, True
    try:
        statements = parse_bounded(readable(text), "postgres")
    except Exception:  # noqa: BLE001 - a text that breaks the parser goes on to the gateway, which refuses it
        return None
    finally:
        logger.disabled = disabled
    tree = statements[0] if len(statements) == 1 else None
    if not isinstance(tree, exp.Query):
        return None
    tables = [each for each in tree.find_all(exp.Table) if isinstance(each.this, exp.Identifier)]
    is_about = bool(_relations(tree)) or (not tables and bool(functions_of(tree)))
    return tree if is_about else None


_HINTS: tuple[str, ...] = (
    "pg_",
    "information_schema",
    "current_",
    "session_user",
    "version",
    "set_config",
    "privilege",
    "user",
)
_HINTS += ("_description", "to_reg", "format_type", "array_", "generate_subscripts", "quote_ident", "inet_")


def _relations(tree: exp.Query) -> frozenset[Relation]:
    ctes = cte_references(tree)
    found = (relation_of(each, ctes) for each in tree.find_all(exp.Table))
    return frozenset(each for each in found if each)


def _reads_tables(relations: frozenset[Relation], ours: exp.Query) -> bool:
    """Whether a query reads what depends on policies, by its relations or by a function that does."""
    called = {str(each.this).lower() for each in ours.find_all(exp.Anonymous)}
    return bool(called & READ_TABLES) or any(name in BY_PRINCIPAL[schema] for schema, name in relations)


def _cast_oid(node: exp.Expr) -> int:
    """Give the type that a query casts a parameter to; texts after ANY, else text."""
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    if isinstance(parent, exp.Any):
        return pg.TEXT.array_oid
    if isinstance(parent, exp.Cast):
        written = parent.args["to"].sql("duckdb").lower()
        is_list, name = written.endswith("[]"), written.removesuffix("[]")
        for each in pg.TYPES:
            if name in {each.name, each.sql} and each.array_oid:
                return each.array_oid if is_list else each.oid
        if name == "uinteger":
            return pg.OID.array_oid if is_list else pg.OID.oid
    return pg.TEXT.oid


def _verify(bench: CatalogBench, text: str) -> None:
    """Have the engine's parser see only our relations, and functions of the lists or ours.

    Raises:
        DisagreementError: It sees something else.
    """
    reading = read_duckdb_document(bench.document(text))
    ours = {f"{PREFIX}{name}" for name in NAMES}
    functions = frozenset(each for each in reading.functions if each not in ours)
    expected = [
        ("memory", SCHEMAS[schema], name) for schema, relations in columns().items() for name in relations
    ]
    checked = EngineReading(
        tables=reading.tables,
        cte_names=reading.cte_names,
        functions=functions,
        table_functions=reading.table_functions,
    )
    verify_reading(checked, expected)
