"""The demo's lake: made anew in a folder that is empty, missing, or was made by the demo before."""

import shutil
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from lakeward.catalog.lake import Lake, init_lake, open_lake
from precision_oncology.errors import NotADemoLakeError

MARKER: Final = ".lakeward-demo"
_OWN: Final = (
    "lakeward.toml", "audit.head", "taxonomy.yaml", "catalog.db", "catalog.db-wal", "catalog.db-shm",
    "governance.db", "governance.db-wal", "governance.db-shm",
    "keys", "warehouse", "policies", "contracts", "raw", "incoming",
)  # fmt: skip


def check_place(root: Path) -> None:
    """Look whether the demo may make its lake here; changes nothing.

    Raises:
        NotADemoLakeError: Something stands there that the demo did not make.
    """
    is_free = not root.exists() or (root.is_dir() and not any(root.iterdir()))
    if not is_free and not _is_demo_lake(root):
        raise NotADemoLakeError(root)


def make_demo_lake(root: Path) -> Lake:
    """Make the lake with the example's taxonomy, policies and contracts; an earlier demo lake is replaced.

    Only what a demo makes is removed: anything else in the folder stays.

    Raises:
        NotADemoLakeError: Something stands there that the demo did not make.
    """
    check_place(root)
    for name in _OWN:
        _remove(root / name)
    root.mkdir(parents=True, exist_ok=True)
    (root / MARKER).write_text("Made by `lakeward demo`, which may replace it.\n", encoding="utf-8")
    init_lake(root).close()
    package = files("precision_oncology")
    (root / "taxonomy.yaml").write_bytes((package / "taxonomy.yaml").read_bytes())
    for folder in ("policies", "contracts"):
        _copy(package / folder, root / folder)
    return open_lake(root)


def _is_demo_lake(root: Path) -> bool:
    return root.is_dir() and not root.is_symlink() and (root / MARKER).is_file()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _copy(source: Traversable, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for each in source.iterdir():
        if each.name.endswith(".yaml"):
            (target / each.name).write_bytes(each.read_bytes())
