"""Parameters: typed values in the tree, nothing of them in a log; descriptions agree with answers."""

import datetime as dt
import uuid
from collections.abc import Iterator
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakeward.catalog.errors import DeniedError, InputError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import init_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.errors import ParameterTypeError, UnknownColumnError
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.gateway.session import Session
from lakeward.policies.admit.errors import NamedParameterError, ParameterCountError

VISIT = TableName("clinic", "visit")
POLICY = """
version: 1
roles:
  researcher: {members: [ada]}
purposes: [research]
grants:
  - id: research
    to: [researcher]
    tables: ["clinic.*"]
    rows: "site = 'H1'"
    columns: [{tags: [health, sensitivity.none], mask: clear}]
"""
TAGS = {
    "site": ["sensitivity.none"], "code": ["health"], "score": ["health"], "day": ["health"],
    "dose": ["health"], "ok": ["health"],
}  # fmt: skip


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Three visible visits and one hidden."""
    lake = init_lake(tmp_path_factory.mktemp("parameters") / "lake")
    rows = pa.table(
        {
            "site": ["H1", "H1", "H1", "H2"],
            "code": ["C50", "I10", "E11", "HID"],
            "score": [1, 2, 3, 99],
            "day": [dt.date(2024, 1, each) for each in (1, 2, 3, 4)],
            "dose": pa.array([Decimal("1.50"), Decimal("2.00"), None, Decimal("9.99")], pa.decimal128(9, 2)),
            "ok": [True, False, None, True],
        }
    )
    write_batches(lake, VISIT, rows.to_reader(), mode="create", tags=TAGS, actor="test")
    (lake.root / "policies" / "clinic.yaml").write_text(POLICY, encoding="utf-8")
    with open_gateway(lake) as opened:
        yield opened


@pytest.fixture
def ada(gateway: Gateway) -> Session:
    """A session that writes PostgreSQL's dialect."""
    return gateway.session("ada", "research", dialect="postgres")


def ask(gateway: Gateway, session: Session, sql: str, *values: object) -> list[dict[str, object]]:
    """Execute with values of whatever type Arrow gives them."""
    scalars = [each if isinstance(each, pa.Scalar) else pa.scalar(each) for each in values]
    return gateway.execute(session, sql, parameters=scalars).table().to_pylist()  # type: ignore[no-any-return]


def test_parameters_stand_for_values(gateway: Gateway, ada: Session) -> None:
    sql = "SELECT code FROM clinic.visit WHERE score >= $2 AND code <> $1 AND score >= $2 ORDER BY code"
    assert ask(gateway, ada, sql, "I10", 2) == [{"code": "E11"}]
    sql = "WITH a AS (FROM clinic.visit WHERE score > ?) SELECT ? AS x, code FROM a ORDER BY 2 LIMIT ?"
    assert ask(gateway, ada, sql, 1, "x", 1) == [{"x": "x", "code": "E11"}]
    assert ask(gateway, ada, "SELECT code FROM clinic.visit WHERE score = ANY($1)", [1, 99]) == [
        {"code": "C50"}
    ]


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark", "trino"])
def test_question_marks_are_counted_in_the_order_of_the_text(gateway: Gateway, dialect: str) -> None:
    session = gateway.session("ada", "research", dialect=dialect)
    sql = "SELECT ? AS a FROM clinic.visit WHERE score = ? AND code <> '?' ORDER BY code LIMIT ?"
    assert ask(gateway, session, sql, "first", 1, 5) == [{"a": "first"}]


@pytest.mark.parametrize(
    "value",
    [
        True, None, -5, 2**63 - 1, -1.5, 1e300, float("inf"), "it's \\ \"x\" -- $1", "", "a\u200bb\u00a0c\n",
        b"\x00\xff'", dt.date(2024, 2, 29), dt.time(1, 2, 3, 4), dt.datetime(2024, 1, 1, 12),  # noqa: DTZ001
        dt.datetime(2024, 1, 1, tzinfo=dt.UTC), Decimal("-12.340"), pa.MonthDayNano([14, -3, 5_000_000]),
        [1, 2], ["a", "b'"], uuid.UUID(int=7),
    ],
)  # fmt: skip
def test_a_value_comes_back_as_it_went(gateway: Gateway, ada: Session, value: object) -> None:
    scalar = pa.scalar(value, pa.uuid()) if isinstance(value, uuid.UUID) else pa.scalar(value)
    [row] = ask(gateway, ada, "SELECT $1 AS v FROM clinic.visit LIMIT 1", scalar)
    assert str(row["v"]) == str(scalar.as_py())


def test_a_form_reads_a_parameter_as_it_would_a_literal(gateway: Gateway, ada: Session) -> None:
    sql = (
        "SELECT to_char(day, $1::varchar) AS a, date_trunc($2, day)::date AS b, day + $3::interval AS c, "
        "day - $3 AS d FROM clinic.visit WHERE code LIKE $4::varchar || '%' LIMIT $5::integer"
    )
    month = pa.MonthDayNano([1, 0, 0])
    [row] = ask(gateway, ada, sql, "YYYY/MM", "month", month, "E", 1)
    moments = [dt.datetime(2024, 2, 3), dt.datetime(2023, 12, 3)]  # noqa: DTZ001  what it reads has no zone
    assert list(row.values()) == ["2024/01", dt.date(2024, 1, 1), *moments]
    kept = str(gateway.lake.audit.records(limit=3))
    assert "YYYY/MM" not in kept
    assert "1 months" not in kept


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_a_value_and_nothing_else(gateway: Gateway, ada: Session, text: str) -> None:
    assert ask(gateway, ada, "SELECT $1 AS v FROM clinic.visit LIMIT 1", text) == [{"v": text}]


def test_nothing_of_a_value_is_in_the_audit_log(gateway: Gateway, ada: Session) -> None:
    sql = "SELECT $1, code FROM clinic.visit WHERE ok = $2 OR code = $3 OR score = $4"
    ask(
        gateway,
        ada,
        sql,
        "123-45-6789",
        pa.scalar(True),  # noqa: FBT003
        "s\u200bcret",
        -424242,
    )
    with pytest.raises(InputError):
        ask(gateway, ada, "SELECT CAST($1 AS DATE) FROM clinic.visit", "s3cret-value")
    kept = str(gateway.lake.audit.records(limit=10))
    assert "code" in kept
    for secret in ("123-45", "TRUE", "cret", "424242"):
        assert secret not in kept


def test_a_wrong_number_or_kind_of_parameters_is_said(gateway: Gateway, ada: Session) -> None:
    with pytest.raises(ParameterCountError, match=r"1 parameter\(s\) and was given 0"):
        ask(gateway, ada, "SELECT $1 AS a FROM clinic.visit")
    with pytest.raises(ParameterCountError):
        ask(gateway, ada, "SELECT code FROM clinic.visit", 1)
    for sql in ("SELECT $1, ? FROM clinic.visit", "SELECT :name FROM clinic.visit"):
        with pytest.raises(NamedParameterError):
            ask(gateway, ada, sql, 1)
    for odd in (pa.scalar({"a": 1}), pa.scalar("a\0b"), pa.scalar(dt.timedelta(1))):
        with pytest.raises(ParameterTypeError) as refusal:
            ask(gateway, ada, "SELECT $1 AS v FROM clinic.visit", odd)
        assert "a\0b" not in str(refusal.value)


def test_a_parameter_is_no_name(gateway: Gateway, ada: Session) -> None:
    with pytest.raises(DeniedError):
        ask(gateway, ada, "SELECT code FROM $1", "clinic.visit")
    assert ask(gateway, ada, "SELECT code FROM clinic.visit ORDER BY $1, code LIMIT 1", 1) == [
        {"code": "C50"}
    ]


def test_a_description_agrees_with_the_answer(gateway: Gateway, ada: Session) -> None:
    sql = "SELECT $1, score + $2 AS s, dose, day, ok FROM clinic.visit WHERE day > $3 AND dose < $4 LIMIT $5"
    told = gateway.describe(ada, sql)
    assert [str(each) for each in told.parameters] == [
        "string", "int64", "date32[day]", "decimal128(9, 2)", "int64",
    ]  # fmt: skip
    values = [pa.scalar(None, each) for each in told.parameters]
    assert gateway.execute(ada, sql, parameters=values).table().schema == told.schema
    assert gateway.describe(ada, sql) is told
    given = gateway.describe(ada, "SELECT $1 AS a, $2 AS b FROM clinic.visit", parameters=[pa.int16(), None])
    assert given.parameters == (pa.int16(), pa.string())
    assert [str(each) for each in given.schema.types] == ["int16", "string"]


def test_describing_reads_no_row_and_records_refusals(gateway: Gateway, ada: Session) -> None:
    before = gateway.lake.audit.records(limit=1)[0].seq
    gateway.describe(ada, "SELECT sum(score) AS n FROM clinic.visit WHERE code = $1")
    assert gateway.lake.audit.records(limit=1)[0].seq == before
    for sql in ("SELECT nothing FROM clinic.visit", "SELECT * FROM clinic.other"):
        with pytest.raises(DeniedError):
            gateway.describe(ada, sql)
        assert gateway.lake.audit.records(limit=1)[0].kind == "denial"
    with pytest.raises(UnknownColumnError):
        gateway.describe(ada, "SELECT nothing FROM clinic.visit")
    with pytest.raises(ParameterCountError):
        gateway.describe(ada, "SELECT code FROM clinic.visit", parameters=[pa.int64()])
