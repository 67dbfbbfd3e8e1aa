"""An instance loads signed extensions alone, and cannot be told otherwise."""

from importlib import import_module, resources
from pathlib import Path

import duckdb
import pytest

from lakeward.gateway.engines.duckdb import reader
from lakeward.gateway.engines.duckdb.connect import connect


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """An extension with one byte of its code changed after it was signed."""
    folder = resources.files(import_module("duckdb_extension_avro"))
    signed = bytearray(
        (folder / "extensions" / f"v{duckdb.__version__}" / "avro.duckdb_extension").read_bytes()
    )
    signed[len(signed) // 2] ^= 1
    path = tmp_path / "avro.duckdb_extension"
    path.write_bytes(signed)
    return path


def test_what_was_changed_after_it_was_signed_is_not_loaded(changed: Path) -> None:
    with connect() as connection:
        with pytest.raises(duckdb.IOException, match="signature"):
            connection.load_extension(str(changed))
        with pytest.raises(duckdb.InvalidInputException):
            connection.execute("SET allow_unsigned_extensions = true")
        assert connection.execute("SELECT current_setting('allow_unsigned_extensions')").fetchone() == (
            False,
        )


def test_the_suite_checks_signatures_once_a_process_and_the_product_always() -> None:
    readers = vars(reader)["connect"]
    readers().close()
    with readers() as later, connect() as product:
        setting = "SELECT current_setting('allow_unsigned_extensions')"
        assert later.execute(setting).fetchone() == (True,)
        assert product.execute(setting).fetchone() == (False,)
