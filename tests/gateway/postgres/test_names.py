"""Columns without a name are called as PostgreSQL calls them, by describe and by the answer."""

from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import pyarrow as pa
import pytest
from tests.gateway.postgres.served import Served

from lakeward.gateway.doors.postgres.names import as_postgres_names

EXPRESSIONS = """
substr(t,1); char_length(t); date_part('year',d); extract(year from d); now(); current_timestamp
stddev(n); n % 2; mod(n, 2); string_agg(t,','); array_agg(t); t || 'b'; -n; not b; t is null
(array[n])[1]; case when b then t else 'x' end; null; true; case when b then 'x' else t end
case when b then 1 end; coalesce(t,''); nullif(t,'b'); greatest(n,2); exists(select 1); array(select 1)
array[1]; row(1,2); (1,2); t::text; '1'::int; 'x'::varchar(9); 1::numeric(3); cast(n+1 as bigint)
1.5::real; date '2024-01-01'; interval '1 day'; (select max(n) from v); (select 1); count(*) over ()
count(*); count(distinct t); count(*) filter (where b); mode() within group (order by t)
position('a' in t); substring(t from 1 for 2); trim(t); trim(leading 'x' from t)
overlay(t placing 'b' from 2); date_trunc('day',d); to_char(d,'YYYY'); current_date; t in ('a')
t ~ 'x'; n between 1 and 2; json_build_object('a',1); ceil(n); ceiling(n); pow(n,2); age(d)
bool_and(b); every(b); t collate "C"; generate_series(1,2); unnest(array[1]); rank() over (order by n)
'a'::char(3); '{1}'::int[]; n = any(array[1]); count(*) as N; count(*) as "N"; round(avg(n)::numeric,2)
avg(n)::numeric(9,2); div(n,2); 1::float8; make_date(2024,1,1); json_agg(t); d::date; |/ n
"""


def test_names_are_those_of_a_real_server(new_database: Callable[[], str]) -> None:
    address = urlsplit(new_database())._replace(scheme="postgresql").geturl().replace("+psycopg", "")
    wrong, count = [], 0
    with psycopg.connect(address, autocommit=True) as real:
        real.execute("CREATE TABLE v (t text, n int, b bool, d date)")
        for expression in EXPRESSIONS.strip().replace("\n", "; ").split("; "):
            text = f"SELECT {expression} FROM v"
            want = [found.name for found in real.execute(text.encode()).description or ()]
            got = as_postgres_names(pa.schema([("x", pa.int32())]), text, "postgres").names
            wrong += [(expression, got, want)] if got != want else []
            count += 1
    assert count > 75
    assert wrong == []


@pytest.mark.parametrize(
    "text", ["SELECT count(*), count(*), max(score)::text, 1, site FROM clinic.visit GROUP BY site"]
)
def test_a_client_is_told_them_prepared_or_not(served: Served, text: str) -> None:
    with served.connect() as connection:
        for prepare in (False, True):
            cursor = connection.execute(text, prepare=prepare)
            assert [each.name for each in cursor.description or ()] == [
                "count",
                "count",
                "max",
                "?column?",
                "site",
            ]


def test_stars_keep_their_columns_and_other_dialects_their_names() -> None:
    schema = pa.schema([(each, pa.int32()) for each in ("a", "Site", "code", "b")])
    text = "SELECT count(*), site, v.*, lower(code) FROM v"
    assert as_postgres_names(schema, text, "postgres").names == ["count", "Site", "code", "lower"]
    assert as_postgres_names(schema, text, "duckdb").names == schema.names
    assert as_postgres_names(schema, "SELECT *, 1, x.* FROM v", "postgres").names == schema.names
    assert as_postgres_names(schema, "no SQL (", "postgres").names == schema.names
