"""The Flight SQL door as the ADBC driver sees it."""

from typing import Any

import adbc_driver_manager as manager
import pyarrow as pa
import pytest
from tests.gateway.clinic import PASSWORD
from tests.gateway.flight.served import SECRETS, Served, rows

from lakeward.gateway.doors.door import AddressUnavailableError, PlaintextRefusedError
from lakeward.gateway.doors.flight import FlightDoor

SQL = "SELECT site, code, score FROM clinic.visit ORDER BY score"


def refusal(served: Served, sql: str, **how: Any) -> str:  # noqa: ANN401
    with pytest.raises(manager.Error) as caught, served.connect(**how) as connection:
        rows(connection, sql)
    said = str(caught.value)
    assert "Traceback" not in said
    assert not [each for each in SECRETS if each in said]
    return said


def test_each_principal_gets_what_is_theirs(served: Served) -> None:
    with served.connect() as connection:
        assert rows(connection, SQL) == [("H1", "C50", 1), ("H1", "I10", 2)]
    with served.connect("bob") as connection:
        assert rows(connection, "SELECT site FROM clinic.visit ORDER BY site") == [("H1",), ("H1",), ("H2",)]
    assert "denied" in refusal(served, SQL, user="bob")


def test_inside_tls_with_the_lakes_own_certificate(with_tls: Served) -> None:
    with with_tls.connect() as connection:
        assert rows(connection, SQL) == [("H1", "C50", 1), ("H1", "I10", 2)]
    with pytest.raises(manager.Error):
        Served(**{**vars_of(with_tls), "tls": None}).connect().cursor().execute(SQL)


def vars_of(served: Served) -> dict[str, Any]:
    return {name: getattr(served, name) for name in ("door", "context", "host", "port", "lines", "tls")}


def test_pandas_reads_an_answer(served: Served) -> None:
    with served.connect() as connection, connection.cursor() as cursor:
        cursor.execute(SQL)
        frame = cursor.fetch_df()
    assert list(frame["code"]) == ["C50", "I10"]


def test_parameters_are_values_and_one_row_of_them(served: Served) -> None:
    sql = "SELECT code FROM clinic.visit WHERE score >= ? AND site = ?"
    with served.connect() as connection:
        assert rows(connection, sql, [2, "H1"]) == [("I10",)]
        assert rows(connection, sql, [2, "H1' OR '1'='1"]) == []
        with connection.cursor() as cursor, pytest.raises(manager.Error, match="one row"):
            cursor.execute(sql, pa.record_batch({"1": [1, 2], "2": ["H1", "H1"]}))


@pytest.mark.parametrize(
    "how", [{"password": "wrong"}, {"user": "nobody"}, {"user": "nobody", "password": "wrong"}]
)
def test_a_wrong_password_and_an_unknown_name_are_told_alike(served: Served, how: dict[str, str]) -> None:
    assert "Sign-in failed." in refusal(served, SQL, **how)


@pytest.mark.parametrize("purpose", [None, "marketing"])
def test_nobody_reads_without_a_declared_purpose(served: Served, purpose: str | None) -> None:
    assert "no-purpose" in refusal(served, SQL, purpose=purpose)


def test_a_table_without_a_grant_is_as_one_that_is_not_there(served: Served) -> None:
    hidden = refusal(served, "SELECT code FROM clinic.hidden")
    absent = refusal(served, "SELECT code FROM clinic.absent")
    assert hidden.replace("hidden", "absent") == absent


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ('SELECT "{}" FROM clinic.visit', "größe"),
        ('SELECT "{}" FROM clinic.visit', "n" * 200_000),
        ('SELECT * FROM "{}"', "länge"),
        ('SELECT * FROM "{}"', "n" * 200_000),
        ("SELECT {}(1)", "n" * 200_000),
    ],
)
def test_a_name_of_any_kind_and_length_comes_back_as_far_as_there_is_room(
    served: Served, sql: str, name: str
) -> None:
    said = refusal(served, sql.format(name))
    assert name[:100] in said
    assert len(said) < 1_000


def test_a_failure_names_no_value(served: Served) -> None:
    said = refusal(served, "SELECT CAST(code AS INTEGER) FROM clinic.visit")
    assert "statement-failed" in said
    assert "C50" not in said
    assert "statement-failed" in refusal(served, "SELECT CAST(site AS DATE) FROM clinic.visit", user="bob")
    assert not [line for line in served.lines if "C50" in line or "SELECT" in line or PASSWORD in line]


def test_listings_show_what_the_principal_may_read(served: Served) -> None:
    with served.connect() as connection:
        found = connection.adbc_get_objects(depth="all").read_all().to_pylist()
        tables = [
            (
                schema["db_schema_name"],
                table["table_name"],
                [each["column_name"] for each in table["table_columns"]],
            )
            for catalog in found
            for schema in catalog["catalog_db_schemas"]
            for table in schema["db_schema_tables"]
        ]
        assert tables == [("clinic", "visit", ["site", "code", "score"])]
        assert connection.adbc_get_table_types() == ["TABLE"]
        assert connection.adbc_get_info()["vendor_name"] == "lakeward"
    with served.connect("bob", purpose="quality") as connection:
        found = connection.adbc_get_objects(depth="tables").read_all().to_pylist()
        assert not [schema for catalog in found for schema in catalog["catalog_db_schemas"]]


def test_a_door_is_open_once_and_never_in_plaintext_to_others(served: Served) -> None:
    with pytest.raises(AddressUnavailableError):
        FlightDoor(served.context, served.host, served.port).start()
    with pytest.raises(PlaintextRefusedError):
        FlightDoor(served.context, "0.0.0.0", 0)  # noqa: S104  it is refused
