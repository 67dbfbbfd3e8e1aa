"""Everything else that the file says: listed as not enforced, so that no clause is silently dropped.

A key is left out only when it is known to describe (a name, a text for people). A key that nobody has
thought of is a clause.
"""

from collections.abc import Iterator

from lakeward.contracts.document import Node
from lakeward.contracts.rules import Rule, Status
from lakeward.contracts.scope import Scope

_DESCRIBES = frozenset(
    {
        "apiVersion", "kind", "id", "version", "name", "tenant", "status", "domain", "dataProduct",
        "description",
        "contractCreatedTs", "authoritativeDefinitions", "support", "price", "team", "context",
        "physicalName",
        "businessName", "dataGranularityDescription", "examples", "label", "synonyms", "deprecated",
    }
)  # fmt: skip
_ELSEWHERE = frozenset(  # each has a module of its own
    {
        "schema", "slaProperties", "slaDefaultElement", "properties", "quality", "logicalTypeOptions",
        "logicalType",
        "physicalType", "required", "unique", "enum", "primaryKey", "primaryKeyPosition", "classification",
        "customProperties",
    }
)  # fmt: skip
_CUSTOM_ELSEWHERE = frozenset({"icebergFieldId", "mask", "allowedPurposes"})
_REASONS = {
    "roles": "Policies decide who reads; see `lakeward policy list`.",
    "servers": "The table is the lake's.",
    "relationships": "A check of one table reads no other.",
    "tags": "Tags of the table and of the contract only say whether it holds protected data.",
    "kAnonymity": "Counts below it are withheld from the report.",
}
_TOLD = "lakeward does not enforce this clause."
_NO_LEAST = "No count is withheld: `kAnonymity` is a whole number above 1, of the contract as a whole."


def unlisted(scope: Scope) -> Iterator[Rule]:
    """List the clauses that no other module takes; a void `kAnonymity` is an error."""
    yield from _keys("contract", scope.contract.root, has_least=scope.contract.minimum_group is not None)
    yield from _keys(str(scope.object.raw.get("name", "table")), scope.object)
    for prop in scope.object.properties:
        yield from _keys(prop.label, prop, column=prop.label)


def _keys(label: str, node: Node, column: str | None = None, *, has_least: bool = False) -> Iterator[Rule]:
    elsewhere = _ELSEWHERE | {"tags"} if column else _ELSEWHERE
    for key, value in node.raw.items():
        if key not in _DESCRIBES | elsewhere and value not in (None, False, [], {}):
            yield _listed(label, key, Node(node.raw, (*node.pointer, key)), column)
    for name, (_, pointer) in node.custom.items():
        if column is None or name not in _CUSTOM_ELSEWHERE:
            rule = _listed(label, name, Node(node.raw, pointer), column)
            is_void = name == "kAnonymity" and not has_least
            yield rule.settle(Status.ERROR, _NO_LEAST) if is_void else rule


def _listed(label: str, key: str, node: Node, column: str | None) -> Rule:
    rule = Rule(id=f"{label}.{key}", kind=key, column=column, pointer=node.pointer)
    return rule.settle(Status.NOT_ENFORCED, _REASONS.get(key, _TOLD))
