"""A lake opens whole, or says in one error what is wrong with it."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from lakeward.catalog.config import InvalidConfigError, NotALakeError
from lakeward.catalog.errors import ExitCode, UnavailableError
from lakeward.catalog.keys import DamagedKeyError, MissingKeyError, UnsafeKeyError
from lakeward.catalog.lake import Lake, LakeExistsError, diagnose, init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.rows import CatalogUnavailableError
from lakeward.catalog.store import (
    CorruptStoreError,
    MissingDriverError,
    NewerSchemaError,
    StoreUnavailableError,
)


def test_init_makes_every_part(lake: Lake) -> None:
    for part in (
        "lakeward.toml",
        "catalog.db",
        "governance.db",
        "warehouse",
        "keys",
        "policies",
        "contracts",
    ):
        assert (lake.root / part).exists(), part
    assert not list(lake.policies_dir.iterdir())
    assert stat.S_IMODE((lake.root / "keys" / "master.key").stat().st_mode) == 0o600
    for private in ("keys", "warehouse", "catalog.db", "governance.db"):
        assert not stat.S_IMODE((lake.root / private).stat().st_mode) & 0o077, private


def test_a_new_lake_is_in_order(lake: Lake) -> None:
    assert {each.level for each in diagnose(lake.root)} == {"ok"}


def test_init_into_a_lake_changes_nothing(lake: Lake) -> None:
    before = {p: p.read_bytes() for p in lake.root.rglob("*") if p.is_file()}
    with pytest.raises(LakeExistsError):
        init_lake(lake.root)
    assert before == {p: p.read_bytes() for p in lake.root.rglob("*") if p.is_file()}


def test_init_beside_foreign_files_keeps_them(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("mine")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "own.yaml").write_text("version: 1")
    init_lake(tmp_path).close()
    assert (tmp_path / "README").read_text() == "mine"
    assert (tmp_path / "policies" / "own.yaml").read_text() == "version: 1"


def _loosen_key(root: Path) -> None:
    (root / "keys" / "master.key").chmod(0o640)


def _lose_key(root: Path) -> None:
    (root / "keys" / "master.key").unlink()


def _damage_key(root: Path) -> None:
    (root / "keys" / "master.key").write_text("SECRET-not-a-key")


def _newer_store(root: Path) -> None:
    with sqlite3.connect(root / "governance.db") as store:
        store.execute("INSERT INTO schema_version VALUES (999, 'later')")


def _garbage(name: str) -> Callable[[Path], None]:
    def overwrite(root: Path) -> None:
        for leftover in root.glob(f"{name}-*"):
            leftover.unlink()
        (root / name).write_bytes(b"SECRET" * 4096)

    return overwrite


def _missing(name: str) -> Callable[[Path], None]:
    return lambda root: (root / name).unlink()


def _empty_catalog(root: Path) -> None:
    for part in root.glob("catalog.db*"):
        part.unlink()
    sqlite3.connect(root / "catalog.db").execute("CREATE TABLE other (a)").connection.close()


def _no_driver(root: Path) -> None:
    (root / "lakeward.toml").write_text('store = "madeup+driver://u:SECRET@host/db"')


FAULTS: list[tuple[str, Callable[[Path], None], type[UnavailableError]]] = [
    ("key open to others", _loosen_key, UnsafeKeyError),
    ("key missing", _lose_key, MissingKeyError),
    ("key damaged", _damage_key, DamagedKeyError),
    ("store newer", _newer_store, NewerSchemaError),
    ("store is garbage", _garbage("governance.db"), CorruptStoreError),
    ("store missing", _missing("governance.db"), StoreUnavailableError),
    ("store driver", _no_driver, MissingDriverError),
    ("catalog is garbage", _garbage("catalog.db"), CatalogUnavailableError),
    ("catalog missing", _missing("catalog.db"), CatalogUnavailableError),
    ("catalog is something else", _empty_catalog, CatalogUnavailableError),
]


@pytest.mark.parametrize(("what", "spoil", "expected"), FAULTS, ids=[each[0] for each in FAULTS])
def test_a_spoiled_lake_is_one_clear_error(
    lake: Lake, what: str, spoil: Callable[[Path], None], expected: type[UnavailableError]
) -> None:
    assert what
    lake.close()
    spoil(lake.root)
    with pytest.raises(expected) as caught:
        open_lake(lake.root)
    assert caught.value.exit_code is ExitCode.UNAVAILABLE
    assert caught.value.hint
    assert "SECRET" not in str(caught.value)
    found = [each for each in diagnose(lake.root) if each.level == "error"]
    assert found
    assert all(each.hint for each in found)


def test_no_lake_and_bad_settings(tmp_path: Path, lake: Lake) -> None:
    with pytest.raises(NotALakeError):
        open_lake(tmp_path)
    for text in (
        "name = [",
        "nmae = 'lake'",
        "name = 'Not A Name'",
        "default_namespace = 3",
        "store = 'nonsense'",
    ):
        (lake.root / "lakeward.toml").write_text(text)
        with pytest.raises(InvalidConfigError):
            open_lake(lake.root)
        assert diagnose(lake.root)[0].level == "error"


def test_settings_name_principals(lake: Lake) -> None:
    text = '[principals.ada]\ngroups = ["genomics"]\nattributes = { site = "boston", level = 3 }\n'
    (lake.root / "lakeward.toml").write_text(text)
    ada = open_lake(lake.root).config.principals["ada"]
    assert ada.groups == ["genomics"]
    assert ada.attributes == {"site": "boston", "level": 3}


def test_the_doctor_warns_of_what_others_can_read(lake: Lake) -> None:
    (lake.root / "warehouse").chmod(0o755)
    warned = [each for each in diagnose(lake.root) if each.level == "warn"]
    assert len(warned) == 1
    assert "warehouse" in warned[0].what


def test_the_doctor_misses_the_warehouse(lake: Lake) -> None:
    shutil.rmtree(lake.root / "warehouse")
    assert [each for each in diagnose(lake.root) if each.level == "error" and "warehouse" in each.what]


def test_the_doctor_sees_a_lake_that_was_moved(lake: Lake, patient: TableName, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(lake.root, moved)
    found = [each for each in diagnose(moved) if each.level == "error"]
    assert [str(patient) in each.what and "outside the warehouse" in each.what for each in found] == [True]


def test_keys_differ_by_purpose_and_never_show(lake: Lake) -> None:
    keys = lake.keys
    assert keys.derive("tags") == open_lake(lake.root).keys.derive("tags")
    assert len({keys.derive(each) for each in ("tags", "audit", "pseudonym:a", "pseudonym:b")}) == 4
    master = (lake.root / "keys" / "master.key").read_text().strip()
    assert master not in repr(keys)
    assert bytes.fromhex(master) not in {keys.derive("tags"), keys.derive("")}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_init_where_nothing_may_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UnavailableError):
        init_lake(tmp_path / "lake")


def test_a_bare_name_is_looked_up_in_the_default_namespace(lake: Lake) -> None:
    assert str(lake.name("patient")) == "main.patient"
    assert str(lake.name("clinic.patient")) == "clinic.patient"
