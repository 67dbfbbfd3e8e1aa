"""A statement that the engine does not bind is told of in words of ours, with the name that it wrote."""

from collections.abc import Iterator

import pyarrow as pa
import pytest

from lakeward.catalog.errors import DeniedError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.errors import MisusedError, UnknownColumnError
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.policies.rewrite.resolve import UnknownTableError

POLICY = """
version: 1
roles: {researcher: {members: [ada]}}
purposes: [research]
grants:
  - id: research
    to: [researcher]
    tables: ["clinic.visit"]
    rows: "site = 'H1'"
    columns:
      - {tags: [health], mask: clear}
"""
TYPES = {"age": pa.int64(), "code": pa.string(), "on_day": pa.date32(), "doses": pa.list_(pa.float64())}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """One table; its `site` and `memo` are nobody's to see."""
    made = init_lake(tmp_path_factory.mktemp("unbound") / "lake")
    columns: dict[str, pa.Array] = {name: pa.nulls(1, type_) for name, type_ in TYPES.items()}
    visits = pa.table(columns | {"site": ["H1"], "memo": ["SECRET"]})
    tags = {name: ["health"] for name in TYPES}
    for name in ("visit", "bill"):
        write_batches(
            made, TableName("clinic", name), visits.to_reader(), mode="create", tags=tags, actor="test"
        )
    (made.root / "policies" / "clinic.yaml").write_text(POLICY, encoding="utf-8")
    return made


@pytest.fixture(scope="module", params=["process", "workers"])
def gateway(lake: Lake, request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """A gateway with each of the engines."""
    with open_gateway(lake, workers=request.param == "workers") as opened:
        yield opened


def refusal(gateway: Gateway, sql: str, *, dialect: str = "duckdb") -> DeniedError:
    """How a statement of ada's is refused."""
    session = gateway.session("ada", "research", dialect=dialect)
    with pytest.raises(DeniedError) as executed:
        gateway.execute(session, sql).table()
    return executed.value


@pytest.mark.parametrize(
    ("sql", "name", "near"),
    [
        ("SELECT ag FROM clinic.visit", "ag", "`age`"),
        ("SELECT count(*) FROM clinic.visit WHERE Cod = 'x'", "Cod", "`code`"),
        ("SELECT v.nothing FROM clinic.visit AS v", "nothing", None),
        ("SELECT w.age FROM clinic.visit AS v", "w", None),
        ("SELECT memo FROM clinic.visit", "memo", None),
        ("SELECT clinic.visit.memo FROM clinic.visit", None, None),
        ("SELECT age FROM (SELECT code FROM clinic.visit)", None, None),
        ("SELECT * EXCLUDE (memo) FROM clinic.visit", "memo", None),
        ("SELECT age FROM clinic.visit JOIN clinic.visit AS w USING (memo)", "memo", None),
        ("SELECT list_transform(doses, lambda x: y) FROM clinic.visit", "y", None),
        ('SELECT age FROM clinic.visit WHERE code = "O\'Hara (Smith)"', None, None),
        ('SELECT age FROM clinic.visit WHERE code = "Smith"', "Smith", None),
    ],
)
def test_a_name_that_is_not_there_is_given_back(
    gateway: Gateway, sql: str, name: str | None, near: str | None
) -> None:
    found = refusal(gateway, sql)
    assert isinstance(found, UnknownColumnError)
    assert found.code == "denied"
    assert (f": `{name}`." in str(found)) == (name is not None)
    assert f"{found.hint}".startswith(f"Did you mean {near}? See" if near else "See")


def test_a_hidden_column_reads_as_one_that_is_not_there(gateway: Gateway) -> None:
    hidden, missing = (refusal(gateway, f"SELECT {name} FROM clinic.visit") for name in ("memo", "mamo"))
    assert str(hidden).replace("memo", "mamo") == str(missing)
    assert hidden.hint == missing.hint


def test_a_hidden_table_reads_as_one_that_is_not_there(gateway: Gateway) -> None:
    hidden, missing = (refusal(gateway, f"SELECT age FROM clinic.{name}") for name in ("bill", "ball"))
    assert isinstance(hidden, UnknownTableError)
    assert str(hidden) == "The statement reads a table that is not there for you: `clinic.bill`."
    assert str(hidden).replace("bill", "ball") == str(missing)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT age, count(*) FROM clinic.visit", "`age` has to be in GROUP BY"),
        ("SELECT code FROM clinic.visit GROUP BY code HAVING age > 3", "`age` has to be in GROUP BY"),
        ("SELECT sum(code) FROM clinic.visit", "`sum` does not take VARCHAR"),
        ("SELECT code + 1 FROM clinic.visit", "`+` does not take VARCHAR, INTEGER"),
        ("SELECT on_day > 5 FROM clinic.visit", "DATE and INTEGER need a cast"),
        ("SELECT coalesce(doses, age) FROM clinic.visit", "DOUBLE[] and BIGINT need a cast"),
        ("SELECT code || doses FROM clinic.visit", "VARCHAR and DOUBLE[] need a cast"),
        (
            "SELECT age FROM clinic.visit a JOIN clinic.visit b ON a.age = b.age",
            "several relations have a column `age`",
        ),
        ("SELECT code.part FROM clinic.visit", "`part` is asked of what has no fields"),
        ("SELECT rank(age) FROM clinic.visit", "`rank` cannot be called in this way"),
        ("SELECT age FROM clinic.visit WHERE count(*) > 1", "nothing is grouped yet"),
        ("SELECT age FROM clinic.visit WHERE rank() OVER (ORDER BY age) = 1", "no window is known yet"),
        ("SELECT sum(max(age)) FROM clinic.visit", "inside an aggregate"),
        ("SELECT age FROM clinic.visit QUALIFY age > 1", "QUALIFY asks for no window function"),
        (
            "SELECT age FROM clinic.visit UNION SELECT age, code FROM clinic.visit",
            "unlike numbers of columns",
        ),
        ("SELECT age FROM clinic.visit ORDER BY 3", "counts to a column that is not there"),
        ("SELECT (SELECT age, code FROM clinic.visit)", "more columns than there is room for"),
        ("SELECT age FROM (SELECT age FROM clinic.visit) AS w(a, b)", "names more columns than there are"),
        ("SELECT unnest(age) FROM clinic.visit", "UNNEST is given what is no list"),
    ],
)
def test_a_misuse_is_said_in_words_of_ours(gateway: Gateway, sql: str, words: str) -> None:
    found = refusal(gateway, sql)
    assert isinstance(found, MisusedError), str(found)
    assert words in str(found)
    assert "Candidate" not in str(found)


def test_it_is_said_to_who_prepares_a_statement_too(gateway: Gateway) -> None:
    session = gateway.session("ada", "research")
    with pytest.raises(UnknownColumnError, match="`ag`"):
        gateway.describe(session, "SELECT ag FROM clinic.visit")
    with pytest.raises(MisusedError, match="`sum` does not take VARCHAR"):
        gateway.describe(session, "SELECT sum(code) FROM clinic.visit")


def test_other_dialects_are_told_of_it(gateway: Gateway) -> None:
    assert "`ag`" in str(refusal(gateway, "SELECT ag::text FROM clinic.visit", dialect="postgres"))
    assert "`cod`" in str(refusal(gateway, "SELECT upper(cod) FROM clinic.visit", dialect="spark"))


def test_what_only_the_asker_wrote_is_in_no_record(gateway: Gateway) -> None:
    with pytest.raises(UnknownColumnError, match="Smith"):
        gateway.describe(
            gateway.session("ada", "research"), 'SELECT age FROM clinic.visit WHERE code = "Smith"'
        )
    refusal(gateway, 'SELECT age FROM clinic."Smith"')
    records = gateway.lake.audit.records(limit=2)
    assert {each.kind for each in records} == {"denial"}
    assert "smith" not in str(records).casefold()
    assert "is not there for you." in str(records)


def test_no_row_is_read_for_a_name_that_means_nothing(gateway: Gateway) -> None:
    last = gateway.lake.audit.records(limit=1)[0].seq
    refusal(gateway, "SELECT ag FROM clinic.visit")
    refusal(gateway, "SELECT code, max(age) FROM clinic.visit")
    assert {each.kind for each in gateway.lake.audit.records(limit=10) if each.seq > last} == {"denial"}


def test_the_text_of_a_statement_that_ran_has_no_text_in_wrong_quotes(gateway: Gateway) -> None:
    wrong = 'SELECT code, age FROM clinic.visit WHERE code = "Smith"'
    refusal(gateway, f"PIVOT ({wrong}) ON code USING sum(age)")
    records = gateway.lake.audit.records(limit=4)
    assert 'code = "?"' in str(records)
    assert "smith" not in str(records).casefold()


def test_no_name_comes_out_that_the_statement_does_not_have(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in (
        "SELECT planted",
        "SELECT planted(1)",
        "SELECT count(*) FROM (SELECT 1 AS planted) GROUP BY planted.x",
    ):
        monkeypatch.setattr(
            "lakeward.gateway.engines.duckdb.unbound.over_empty_relations", lambda *_, text=text: text
        )
        assert "planted" not in str(refusal(gateway, "SELECT ag FROM clinic.visit"))


@pytest.mark.parametrize("sql", ["SELECT ag FROM clinic.visit", "SELECT sum(code) FROM clinic.visit"])
def test_an_explanation_says_so_and_still_what_was_decided(gateway: Gateway, sql: str) -> None:
    told = gateway.explain(gateway.session("ada", "research"), sql)
    assert told.denied == str(refusal(gateway, sql))
    assert [column.name for table in told.tables for column in table.columns] == list(TYPES)
