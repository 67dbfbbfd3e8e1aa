"""A mask is spared only where nothing that the query asks could tell."""

from pathlib import Path

import pytest
from sqlglot import exp, parse_one
from tests.policies.decisions.building import compiled, context, forms, table_of

from lakeward.policies.rewrite.columns_used import columns_used
from lakeward.policies.rewrite.resolve import Names, resolve_tables
from lakeward.policies.rewrite.show_less import NO_CHARACTER, show_less

NAMES = Names(lake="lake", default_namespace="main")
VISIT = table_of(
    {each: ["health"] for each in ("id", "note", "code", "clear", "far", "null")}, name="main.visit"
)
OTHER = table_of({each: ["health"] for each in ("key", "note")}, name="main.other")
POLICY = """
grants:
  - {id: some, to: [researcher], tables: [main.visit], rows: "id = '1'",
     columns: [{names: [id], mask: clear}, {names: [note, far], mask: mask-alphanum},
               {names: [code, "null"], mask: {prefix: {length: 3}}}]}
  - {id: more, to: [researcher], tables: [main.visit],
     columns: [{names: [note], mask: show-first-4}, {names: [clear, far], mask: clear},
               {names: ["null"], mask: replace-with-null}]}
  - {id: other, to: [researcher], tables: [main.other], columns: [{tags: ["*"], mask: show-last-4}]}
"""


def spared(folder: Path, sql: str) -> set[str]:
    """The columns of which a query gets less."""
    tree = parse_one(sql, dialect="duckdb")
    assert isinstance(tree, exp.Query)
    references, policies = resolve_tables(tree, NAMES), compiled(folder, POLICY)
    read = [each for each in (VISIT, OTHER) if each.name in {reference.name for reference in references}]
    decided = {each.name: policies.decide(context(), each) for each in read}
    found = show_less(tree, columns_used(tree, references), decided)
    less: set[str] = set()
    for name, each in decided.items():
        before, after = forms(each), forms(found[name])
        less |= {f"{name.table}.{column}" for column in before if after[column] != before[column]}
        assert all(after[column] in ({str(NO_CHARACTER)}, before[column]) for column in before)
    return less


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("SELECT id FROM visit WHERE note LIKE '%special%'", {"visit.note"}),
        ("SELECT id FROM visit WHERE note NOT LIKE '%special%requests%'", {"visit.note"}),
        ("SELECT id FROM visit v WHERE NOT v.note LIKE '%special%'", {"visit.note"}),
        ("SELECT id FROM visit WHERE \"NOTE\" = 'special' OR 'Smith' <> note", {"visit.note"}),
        ("SELECT id FROM visit WHERE code IN ('C50.1', 'C50.2') AND code NOT IN ('A001')", {"visit.code"}),
        ("SELECT id, note LIKE '%special%' AS is_special FROM visit", {"visit.note"}),
        ("SELECT count(*) FROM other LEFT JOIN visit ON id = key AND visit.note NOT LIKE '%special%'",
         {"visit.note", "other.note"}),
        ("SELECT count(*) FROM other JOIN visit ON id = key AND other.note LIKE '__________cial'",
         {"visit.note"}),
        ("SELECT id FROM visit WHERE EXISTS (SELECT 1 FROM other WHERE visit.code LIKE '____')",
         {"visit.code"}),
    ],
)  # fmt: skip
def test_what_is_spared(tmp_path: Path, sql: str, columns: set[str]) -> None:
    assert spared(tmp_path / "policies", sql) == columns


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM visit WHERE note LIKE 'Smi%'",
        "SELECT id FROM visit WHERE note LIKE '%special%' OR note LIKE '%xxx%'",
        "SELECT id FROM visit WHERE code IN ('C50.1', 'C50')",
        "SELECT note FROM visit WHERE note LIKE '%special%'",
        "SELECT * FROM visit WHERE note LIKE '%special%'",
        "SELECT visit.* FROM visit WHERE note LIKE '%special%'",
        "SELECT visit FROM visit WHERE note LIKE '%special%'",
        "FROM visit WHERE note LIKE '%special%'",
        "SELECT COLUMNS('n.*') FROM visit WHERE note LIKE '%special%'",
        "SELECT count(*) FROM visit NATURAL JOIN other WHERE note LIKE '%special%'",
        "SELECT count(*) FROM visit JOIN other USING (note) WHERE visit.note LIKE '%special%'",
        "SELECT n FROM visit AS t(i, n) WHERE n LIKE '%special%'",
        "SELECT count(*) FROM visit WHERE note LIKE '%special%' GROUP BY note",
        "SELECT id FROM visit WHERE note LIKE '%special%' ORDER BY note",
        "SELECT id FROM visit WHERE note LIKE '%special%' AND length(note) > 3",
        "SELECT id FROM visit WHERE lower(note) LIKE '%special%'",
        "SELECT id FROM visit WHERE note ILIKE '%special%'",
        "SELECT id FROM visit WHERE note GLOB '*special*'",
        "SELECT id FROM visit WHERE note LIKE '%special%' ESCAPE 's'",
        r"SELECT id FROM visit WHERE note LIKE '\s\p\e\c\i\a\l'",
        "SELECT id FROM visit WHERE note COLLATE NOCASE = 'SPECIAL'",
        "SELECT id FROM visit WHERE note = 'SPECIAL' COLLATE NOCASE",
        "SELECT id FROM visit WHERE note = E'special'",
        "SELECT id FROM visit WHERE note LIKE ANY (['%special%'])",
        "SELECT id FROM visit WHERE note LIKE '%special%' || id",
        "SELECT id FROM visit WHERE 'special' LIKE note",
        "SELECT id FROM visit WHERE note < 'special'",
        "SELECT id FROM visit WHERE note IN (SELECT 'special')",
        "SELECT id FROM visit WHERE note IN ('special', id)",
        "SELECT id FROM visit WHERE note IS DISTINCT FROM 'special'",
        "SELECT CASE note WHEN 'special' THEN 1 END FROM visit",
        "SELECT id FROM visit WHERE clear LIKE '%special%'",
        "SELECT id FROM visit WHERE far LIKE '%special%'",
        "SELECT id FROM visit WHERE \"null\" LIKE '%special%'",
        "SELECT id FROM visit WHERE note.id = 'special'",
        "SELECT 1 AS note FROM visit WHERE note LIKE '%special%'",
        "SELECT n FROM (SELECT note AS n FROM visit) WHERE n LIKE '%special%'",
    ],
)
def test_what_is_not(tmp_path: Path, sql: str) -> None:
    assert spared(tmp_path / "policies", sql) == set()


def test_of_two_columns_one_may_be_spared(tmp_path: Path) -> None:
    sql = "SELECT note FROM visit WHERE code LIKE '%special%' AND note LIKE '%special%'"
    assert spared(tmp_path / "policies", sql) == {"visit.code"}
