"""Looking whether a lake is in order: every part is checked, whatever is wrong with the others."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import make_url, select

from lakeward.catalog.config import CONFIG_FILE, LakeConfig, load_config
from lakeward.catalog.errors import LakewardError
from lakeward.catalog.keys import open_keys
from lakeward.catalog.lake import Lake, check_catalog, open_lake
from lakeward.catalog.ledger import PENDING
from lakeward.catalog.metadata import local_path
from lakeward.catalog.pin import read_table
from lakeward.catalog.store import CorruptStoreError, open_store
from lakeward.catalog.store.schema import tag_commit
from lakeward.catalog.store.soundness import store_faults
from lakeward.catalog.store.store import mapped_errors, sqlite_file
from lakeward.catalog.tables import list_tables
from lakeward.catalog.taxonomy import load_taxonomy

Level = Literal["ok", "warn", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `hint` says what to do when it is not in order."""

    level: Level
    what: str
    hint: str = ""


def diagnose(root: Path) -> list[Finding]:
    """Check settings, keys, store, catalog, warehouse, audit chain and every table; raises nothing."""
    root = root.absolute()
    findings = list(_looked(_config, root))
    if findings[0].level == "error":
        return findings
    for look in (_keys, _taxonomy, _databases, _store, _folders, _modes):
        findings += _looked(look, root)
    if any(each.level == "error" for each in findings):
        return findings
    lake_findings = list(_looked(_opening, root))
    if lake_findings[0].level == "error":
        return findings + lake_findings
    lake = open_lake(root)
    for check in (_audit, _pending, _tables, _places, _strange, _leaks):
        lake_findings += _looked_at(check, lake)
    lake.close()
    return findings + lake_findings


def _looked(look: Callable[[Path], Iterator[Finding]], root: Path) -> Iterator[Finding]:
    try:
        yield from look(root)
    except LakewardError as error:
        yield Finding("error", error.message, error.hint or "")


def _looked_at(check: Callable[[Lake], Iterator[Finding]], lake: Lake) -> Iterator[Finding]:
    try:
        yield from check(lake)
    except LakewardError as error:
        yield Finding("error", error.message, error.hint or "")


def _config(root: Path) -> Iterator[Finding]:
    config = load_config(root)
    yield Finding("ok", f"lakeward.toml is valid; the lake is called {config.name}.")


def _keys(root: Path) -> Iterator[Finding]:
    open_keys(root / "keys")
    yield Finding("ok", "The key is there, and only its owner can read it.")


def _taxonomy(root: Path) -> Iterator[Finding]:
    yield Finding("ok", f"The taxonomy holds {len(load_taxonomy(root).all())} tags.")


def _store(root: Path) -> Iterator[Finding]:
    config = load_config(root)
    store = open_store(config.store)
    if sqlite_file(config.store) is not None:
        with mapped_errors(), store.engine.connect() as connection:
            verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if verdict != "ok":
            raise CorruptStoreError
    faults = list(store_faults(store))
    yield from (Finding(*each) for each in faults)
    if not faults:
        yield Finding("ok", f"The governance store is sound; its schema is {store.version()}.")
    store.close()


def _databases(root: Path) -> Iterator[Finding]:
    """Look whether gateways that share one database share the other too, and who can read its password."""
    config, path = load_config(root), root / CONFIG_FILE
    places = [make_url(each) for each in (config.catalog, config.store)]
    if len({each.get_backend_name() for each in places}) > 1:
        yield Finding(
            "warn",
            "Catalog and governance store are in databases of two kinds.",
            "For several gateways at once name one PostgreSQL database as both.",
        )
    mode = stat.S_IMODE(path.stat().st_mode)
    if any(each.password for each in places) and mode & 0o077:
        what = f"{path} holds a database's password and has mode {mode:04o}: other users can read it."
        yield Finding("warn", what, f"Run `chmod 600 {path}`, or keep the password in ~/.pgpass.")


def _folders(root: Path) -> Iterator[Finding]:
    for name in ("policies", "contracts"):
        if not (root / name).is_dir():
            yield Finding("warn", f"There is no folder {name}/.", f"Make it: `mkdir {root / name}`.")
    warehouse = load_config(root).warehouse
    if "://" in warehouse and not warehouse.startswith("file:"):
        yield Finding("ok", "The warehouse is in an object store; its rights are not checked here.")
        return
    path = local_path(warehouse)
    if not path.is_dir():
        yield Finding(
            "error", f"The warehouse {path} is not there.", "Mount it, or restore it from a backup."
        )
    elif not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(
            "error", f"The warehouse {path} cannot be read and written.", "Check its rights and owner."
        )
    else:
        yield Finding("ok", "The warehouse can be read and written.")


def _modes(root: Path) -> Iterator[Finding]:
    """Look for parts that other users of this machine can read: they would pass every policy by."""
    for path in _private(root, load_config(root)):
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0
        if mode & 0o077:
            hint = f"Run `chmod go= {path}`, unless a group of yours must read it."
            yield Finding("warn", f"{path} has mode {mode:04o}: other users can read it.", hint)


def _private(root: Path, config: LakeConfig) -> list[Path]:
    files = [sqlite_file(config.catalog), sqlite_file(config.store)]
    warehouse = (
        [local_path(config.warehouse)] if "://" not in config.warehouse.removeprefix("file://") else []
    )
    return [root / "keys", *(each for each in files if each), *warehouse]


def _opening(root: Path) -> Iterator[Finding]:
    lake = open_lake(root)
    check_catalog(lake)
    lake.close()
    yield Finding("ok", "The Iceberg catalog can be reached.")


def _audit(lake: Lake) -> Iterator[Finding]:
    found = lake.audit.verify()
    for fault in found.faults:
        hint = "Keep the store as it is, and compare it with a backup."
        yield Finding("error", f"Audit record {fault.seq}: {fault.what}.", hint)
    if found.is_intact:
        yield Finding("ok", f"The audit chain verifies; it holds {found.records} records.")


def _pending(lake: Lake) -> Iterator[Finding]:
    """Look for changes of tags that were interrupted; only the last set of a subject can still matter."""
    c = tag_commit.c
    with lake.store.reading() as connection:
        rows = connection.execute(select(c.subject, c.state).order_by(c.subject, c.generation)).all()
    last = {row.subject: row.state for row in rows}
    for subject in (each for each, state in last.items() if state == PENDING):
        what = f"A change of tags on {subject} was interrupted or is under way; its columns are hidden."
        yield Finding(
            "warn", what, "If nothing is running, give the command again, or use `lakeward tag accept`."
        )


def _tables(lake: Lake) -> Iterator[Finding]:
    tables = list_tables(lake)
    for table in tables:
        if table.problem:
            hint = f"See `lakeward table show {table.name}`."
            yield Finding("error", f"{table.name} is refused: {table.problem}.", hint)
        elif table.unclassified:
            what = (
                f"{table.name}: {table.unclassified} of {table.columns} columns are unclassified, so hidden."
            )
            yield Finding("warn", what, f"See `lakeward tag list {table.name}`, then `lakeward tag set`.")
    good = sum(table.problem is None for table in tables)
    yield Finding("ok", f"{good} of {len(tables)} tables can be read.")


def _places(lake: Lake) -> Iterator[Finding]:
    """Look for tables whose files lie where the engine does not look, as after a lake's folder was moved."""
    warehouse = local_path(lake.config.warehouse)
    for table in list_tables(lake):
        if table.problem:
            continue
        metadata_file = local_path(read_table(lake, table.name).metadata.location)
        if not metadata_file.is_relative_to(warehouse):
            what = f"{table.name} lies outside the warehouse, {warehouse}; queries cannot read it."
            hint = (
                "Put the lake back where it was made, or name the old folder as `warehouse` in lakeward.toml."
            )
            yield Finding("error", what, hint)


def _strange(lake: Lake) -> Iterator[Finding]:
    """Look for columns that were added, or renamed by another tool, and that nobody has looked at since."""
    for table in list_tables(lake):
        if table.problem:
            continue
        reading = read_table(lake, table.name)
        if strange := sorted(reading.metadata.paths[key] for key in reading.table.strange):
            listed = ", ".join(strange)
            what = f"{table.name}: nobody has looked at {listed} since it was added or renamed; hidden."
            hint = f"Tag what is new with `lakeward tag set`, or use `lakeward tag accept {table.name}`."
            yield Finding("warn", what, hint)


def _leaks(lake: Lake) -> Iterator[Finding]:
    """Look for values in what describes the tables, and for files that were to be deleted."""
    from lakeward.catalog.leaks import find_leaks  # noqa: PLC0415  reads manifests and footers with pyiceberg
    from lakeward.catalog.purge import unfinished  # noqa: PLC0415

    for name in unfinished(lake):
        what = f"{name}: old files were being deleted when it was interrupted."
        yield Finding("error", what, "Finish it with `lakeward table erase --resume`.")
    found = [leak for each in list_tables(lake) for leak in find_leaks(lake, each.name)]
    for leak in found:
        hint = f"Write it again: `lakeward table rewrite {leak.table} --expire`."
        yield Finding("warn", f"{leak}; they stand outside every mask.", hint)
    if not found:
        yield Finding("ok", "No metadata of a table holds values of a protected column.")
