"""The demo's lake is made where nothing is lost by it, and nowhere else."""

from pathlib import Path

import pytest

import precision_oncology
from lakeward.catalog.taxonomy import load_taxonomy
from lakeward.contracts.lint import lint_contract
from precision_oncology.demo_lake import MARKER, check_place, make_demo_lake
from precision_oncology.errors import NotADemoLakeError
from precision_oncology.tables import bronze, gold, silver
from precision_oncology.tables.spec import TableSpec

PACKAGE = Path(str(precision_oncology.__file__)).parent
SPECS = [
    each for module in (bronze, silver, gold) for each in vars(module).values() if isinstance(each, TableSpec)
]


def keys(root: Path) -> set[bytes]:
    found = {path.read_bytes() for path in (root / "keys").iterdir()}
    assert found
    return found


def test_lake_is_made_again_where_a_demo_made_it(tmp_path: Path) -> None:
    root = tmp_path / "demo"
    make_demo_lake(root).close()
    (root / "mine.txt").write_text("kept")
    first = keys(root)
    make_demo_lake(root).close()
    assert (root / "mine.txt").read_text() == "kept"
    assert keys(root).isdisjoint(first)


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lakeward.toml").write_text("name = 'mine'\n")
    with pytest.raises(NotADemoLakeError):
        make_demo_lake(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["lakeward.toml"]


def test_a_file_or_a_link_is_no_demo_lake(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / MARKER).write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").write_text("")
    for name in ("link", "file"):
        with pytest.raises(NotADemoLakeError):
            check_place(tmp_path / name)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_column_bears_a_tag_of_the_taxonomy(spec: TableSpec) -> None:
    taxonomy = load_taxonomy(PACKAGE)
    untagged = [column.name for column in spec.columns if not column.tags]
    assert untagged == (["sensor_id"] if spec is bronze.WEARABLE_CGM else [])
    for column in spec.columns:
        definitions = [taxonomy.require(tag) for tag in column.tags]
        assert not definitions or any(each.classifies for each in definitions), column.name


@pytest.mark.parametrize("path", sorted((PACKAGE / "contracts").glob("*.yaml")), ids=lambda path: path.name)
def test_contracts_are_valid_odcs(path: Path) -> None:
    assert lint_contract(path).valid
