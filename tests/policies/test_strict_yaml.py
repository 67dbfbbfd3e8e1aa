"""YAML as policies read it: nothing in it may be read in two ways, or mean something by being blank."""

from pathlib import Path
from typing import Any

import pytest

from lakeward.catalog.taxonomy import load_taxonomy
from lakeward.policies.errors import PolicyError
from lakeward.policies.load import load_policies
from lakeward.policies.yaml_tree import YamlFault, place_of, plain, read_tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        ("a: -1.5e3", {"a": -1500.0}),
        ("a: 'true'", {"a": "true"}),
        ("a: true", {"a": True}),
        ("a: no", {"a": "no"}),
        ("a: 2027-06-30", {"a": "2027-06-30"}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: .inf", {"a": ".inf"}),
        ("a: 12:30", {"a": "12:30"}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("a: |\n  b\n  c\n", {"a": "b\nc\n"}),
    ],
)
def test_values_are_read_as_yaml_1_2(text: str, value: Any) -> None:  # noqa: ANN401
    read = plain(read_tree(text))
    assert read == value
    assert repr(read) == repr(value)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: 1\na: 2", 2, 1),
        ("a:\n  b: 1\n  'b': 2", 3, 3),
        ("a: 1\nb:", 2, 3),
        ("a: 1\nb: null", 2, 4),
        ("a: [1, ~]", 1, 8),
        ("1: a", 1, 1),
        ("true: a", 1, 1),
        ("[a]: b", 1, 1),
        ("a: &x {b: 1}\nc:\n  <<: *x", 3, 3),
        ("a: !!python/object:os.system x", 1, 4),
        ("a: 1\n---\nb: 2", 2, 1),
        ("a: [", 2, 1),
        ("a: *unknown", 1, 4),
        ("a: &x [*x]", 1, 4),
    ],
)
def test_what_could_mean_two_things_is_a_fault_at_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(YamlFault) as caught:
        plain(read_tree(text))
    assert (caught.value.line, caught.value.column) == (line, column)


def test_aliases_of_aliases_do_not_grow_without_bound() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(YamlFault, match="too large"):
        plain(read_tree("\n".join(lines)))


def test_a_place_is_that_of_the_deepest_part_that_is_there() -> None:
    tree = read_tree("a:\n  - b: 1\n    c: 2\n")
    assert place_of(tree, ("a", 0, "c")) == (3, 5)
    assert place_of(tree, ("a", 0, "d", 7)) == (2, 5)
    assert place_of(tree, ("a", 5)) == (1, 1)
    assert place_of(None, ("a",)) == (1, 1)


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"version: 1\nroles: {\xff: {}}\n", 2), (b"\xfe\xff\x00v", 1), (b"version: 1\n\x00", 1)],
)
def test_what_is_no_text_is_a_fault(tmp_path: Path, content: bytes, line: int) -> None:
    (tmp_path / "p.yaml").write_bytes(content)
    with pytest.raises(PolicyError, match=rf"p\.yaml:{line}:1"):
        load_policies(tmp_path, load_taxonomy())


HEAD = "version: 1\nroles: {r: {members: [ada]}}\npurposes: [research]\ngrants:\n- id: g\n  to: [r]\n"
COLUMNS = "  columns: [{tags: [health], mask: clear}]\n"


@pytest.mark.parametrize(
    "more",
    [
        "  tables: [a.b]\n  rows:\n" + COLUMNS,
        "  tables: [a.b]\n  until:\n" + COLUMNS,
        "  tables: [a.b]\n  purposes: []\n" + COLUMNS,
        "  tables: []\n  tagged: [health]\n" + COLUMNS,
        "  tables: [a.b]\n  study: ''\n" + COLUMNS,
        "  tables: [a.b]\n  columns: []\n",
        "  tables: [a.b]\n  rows: ''\n" + COLUMNS,
        "  tables: [a.b]\n  rows: \"a = '\u200b'\"\n" + COLUMNS,
        "  tables: [a.b]\n  rows: 'x IN (WITH y AS (SELECT 1 AS z) SELECT z FROM y)'\n" + COLUMNS,
        "  tables: [a.b]\n  rows: 'x IN (SELECT p.x FROM a.p JOIN a.q USING (x))'\n" + COLUMNS,
        "  tables: [a.b]\n  columns: [{names: ['ssn*'], mask: clear}]\n",
        "  tables: [a.b]\n  columns: [{tags: ['health.*'], mask: clear}]\n",
        "  tables: [a.b]\n  columns: [{tags: [health], mask: {round: {digits: true}}}]\n",
        "  tables: [a.b]\n  columns: [{tags: [health], mask: {round: {digits: 99999999999}}}]\n",
        "restrictions:\n- id: x\n  tables: [a.b]\n  rows: 'FALSE'\n  except: []\n",
        "rights: [{id: x, to: [r], may: ['*.read']}]\n",
    ],
)
def test_slips_that_would_show_more_are_faults(tmp_path: Path, more: str) -> None:
    whole = HEAD + more if more.startswith("  ") else HEAD + "  tables: [a.b]\n" + COLUMNS + more
    (tmp_path / "p.yaml").write_text(whole, "utf-8")
    with pytest.raises(PolicyError):
        load_policies(tmp_path, load_taxonomy())


def test_the_same_document_without_the_slips_is_sound(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(HEAD + "  tables: [a.b]\n" + COLUMNS, "utf-8")
    assert load_policies(tmp_path, load_taxonomy()).places["g"].line == 5


def test_roles_that_include_each_other_widely_are_read_quickly(tmp_path: Path) -> None:
    """Twenty layers of ten roles, each with all of the next: counted one by one, the ways would not end."""
    layers = 20
    names = [[f"r{layer}_{n}" for n in range(10)] for layer in range(layers)]
    lines = ["version: 1", "roles:"]
    for layer in range(layers):
        below = ", ".join(names[layer + 1]) if layer + 1 < layers else ""
        lines += [f"  {name}: {{includes: [{below}]}}" for name in names[layer]]
    (tmp_path / "p.yaml").write_text("\n".join(lines) + "\n", "utf-8")
    assert len(load_policies(tmp_path).roles) == 10 * layers
