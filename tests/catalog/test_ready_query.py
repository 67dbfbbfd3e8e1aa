"""What a statement that is given to the driver as text gives back, and how it fails."""

import pytest
from sqlalchemy import bindparam, select, text

from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.store import StoreUnavailableError
from lakeward.catalog.store.ready_query import ReadyQuery
from lakeward.catalog.store.schema import tag_commit


def test_rows_are_those_that_sqlalchemy_gives(lake: Lake, patient: TableName) -> None:
    uuid = lake.pin(patient).uuid
    c = tag_commit.c
    statement = (
        select(c.id, c.digest, c.state)
        .where(c.subject == bindparam("subject"), c.state != "abandoned")
        .order_by(c.id)
        .limit(5)
    )
    with lake.store.reading() as connection:
        expected = connection.execute(statement, {"subject": uuid}).all()
        found = ReadyQuery(statement).rows(connection, {"subject": uuid})
        assert [tuple(each) for each in expected] == found != []
        assert found[0].digest == expected[0].digest
        assert ReadyQuery(statement).rows(connection, {"subject": "nothing"}) == []


def test_a_database_that_refuses_is_told_in_our_words(lake: Lake) -> None:
    query = ReadyQuery(select(text("secret AS secret")).where(text("nothing_of_that_name = 1")))
    with pytest.raises(StoreUnavailableError) as refused, lake.store.reading() as connection:
        query.rows(connection, {})
    assert "nothing_of_that_name" not in str(refused.value)
    with lake.store.reading() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
