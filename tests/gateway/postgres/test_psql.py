"""psql as people use it: queries, what it asks of the catalog, encryption, passwords."""

import pytest
from tests.gateway.postgres.served import SECRETS, Served, needs_psql

pytestmark = needs_psql


def test_a_query_gives_the_visible_cells(served: Served) -> None:
    done = served.psql("-At", "-c", "SELECT site, code, score FROM clinic.visit ORDER BY code")
    assert done.stdout == "H1|C50|1\nH1|I10|2\n"
    assert not done.stderr


def test_statements_of_one_text_each_go_the_whole_way(served: Served) -> None:
    done = served.psql("-At", "-c", "SELECT 1; SELECT ';' AS x /* ; /* ; */ */; SELECT $a$;$a$ -- ;\n;")
    assert done.stdout.split() == ["1", ";", ";"]
    failed = served.psql("-At", "-c", "SELECT 1; SELECT memo FROM clinic.visit; SELECT 3")
    assert failed.stdout.split() == ["1"]
    assert "column that is not there for you" in failed.stderr


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (r"\d", "visit"), (r"\dt", "visit"), (r"\dt+", "visit"), (r"\dt *.*", "visit"),
        (r"\d visit", "score"), (r"\d clinic.visit", "bigint"), (r"\d+ clinic.visit", "code"),
        (r"\dn", "clinic"), (r"\l", "lake"), (r"\df", "(0 rows)"), (r"\du", "ada"),
        (r"\dv", "Did not find"), (r"\di", "Did not find"), (r"\dp", "visit"), (r"\dT", "(0 rows)"),
        (r"\db", "pg_default"), (r"\dx", "(0 rows)"), (r"\dy", "(0 rows)"), (r"\conninfo", "ada"),
        (r"\dL", "(0 rows)"), (r"\dC", "(0 rows)"), (r"\dconfig lakeward*", "research"), (r"\z", "visit"),
    ],
)  # fmt: skip
def test_commands_show_what_is_there_for_the_principal(served: Served, command: str, shown: str) -> None:
    done = served.psql("-c", command)
    text = done.stdout + done.stderr
    assert shown in text
    assert "ERROR" not in text
    assert not [secret for secret in SECRETS if secret in text]


def test_what_is_hidden_is_described_like_what_is_not_there(served: Served) -> None:
    hidden = served.psql("-c", r"\d clinic.hidden").stderr
    assert hidden == served.psql("-c", r"\d clinic.nothin").stderr.replace("nothin", "hidden")


COMPLETIONS = (
    "SELECT c.relname, NULL::pg_catalog.text FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'S', "
    "'v', 'm', 'f', 'p') AND (c.relname) LIKE 'vi%' AND pg_catalog.pg_table_is_visible(c.oid) AND "
    "c.relnamespace <> (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'pg_catalog') UNION ALL "
    "SELECT NULL::pg_catalog.text, n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname LIKE 'vi%' "
    "LIMIT 1000",
    "SELECT a.attname FROM pg_catalog.pg_attribute a, pg_catalog.pg_class c WHERE c.oid = a.attrelid "
    "AND a.attnum > 0 AND NOT a.attisdropped AND (a.attname) LIKE 's%' AND (c.relname) = 'visit' AND "
    "pg_catalog.pg_table_is_visible(c.oid) LIMIT 1000",
    "SELECT pg_catalog.quote_ident(n.nspname) || '.' FROM pg_catalog.pg_namespace n WHERE "
    "substring(pg_catalog.quote_ident(n.nspname) || '.',1,2)='cl'",
)


@pytest.mark.parametrize(
    ("query", "first"), list(zip(COMPLETIONS, ("visit|", "site", "clinic."), strict=True))
)
def test_completion_finds_what_may_be_seen(served: Served, query: str, first: str) -> None:
    done = served.psql("-At", "-c", query)
    assert done.stdout.split("\n")[0] == first, done.stderr


def test_encryption_is_verified_and_needed(with_tls: Served) -> None:
    done = with_tls.psql("-At", "-c", "SELECT 1 AS one", "-c", r"\conninfo")
    assert done.stdout.startswith("1\n")
    assert "TLS" in done.stdout
    plain = with_tls.psql("-c", "SELECT 1", sslmode="disable", sslrootcert="")
    assert plain.returncode != 0
    assert "encrypted connections only" in plain.stderr


def test_a_wrong_password_and_an_unknown_name_read_alike(served: Served) -> None:
    wrong = served.psql("-c", "SELECT 1", password="no").stderr  # noqa: S106
    unknown = served.psql("-c", "SELECT 1", user="nobody-here").stderr
    assert "Sign-in failed" in wrong
    assert wrong == unknown
    assert "sign-in.failed" in served.kinds(4)
