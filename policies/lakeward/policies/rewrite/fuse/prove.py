"""The walk over a query's clauses: every relation, every clause, every expression, or no proof."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from lakeward.catalog.pin import PinnedColumn
from lakeward.policies.rewrite.fuse.bound_plan import Cast
from lakeward.policies.rewrite.fuse.expressions import Place, prove_expression
from lakeward.policies.rewrite.fuse.functions import prove_frame
from lakeward.policies.rewrite.fuse.kinds import Kind, NotProvenError, Value, are_comparable, joined, value_of
from lakeward.policies.rewrite.fuse.nested import elements
from lakeward.policies.rewrite.fuse.scope import NAMELESS, Relation, Scope, agreed, folded, named
from lakeward.policies.rewrite.fuse.series import numbers
from lakeward.policies.rewrite.fuse.sure import EVERYWHERE, NOWHERE, Course
from lakeward.policies.rewrite.fuse.totals import is_total

_SIDES = frozenset({"", "LEFT", "RIGHT", "FULL"})
_INNER = frozenset({"", "INNER", "CROSS"})
_JOINS = frozenset({"", "INNER", "CROSS", "SEMI", "ANTI", "OUTER"})

_TOO_DEEP = "more operators in a row than can be looked through"


@dataclass(frozen=True, slots=True)
class Prover:
    """Proves one query.

    Attributes:
        tables: By the id of each table node of the query, the visible columns that the query may use.
        courses: By the id of a SELECT, whether it surely runs.
        may_rewrite: Whether the query may be changed, so that what is in it cannot fail.
        keeps_types: Whether it may not be changed to types that are wider.
        shows_all: Whether no cell of the tables is hidden; then failing tells nothing.
        proven: The ids of the expressions that were proven, and of those that need no proof.
        risked_casts: The ids of the casts that may fail, where that tells nothing.
        risked_calls: Those of what else may.
        guarded: By the id of what was put before times that the calendar may not have, what it is.
        counted: By its id, a cast that cannot fail since digits were counted, though types do not tell.
    """

    tables: Mapping[int, tuple[PinnedColumn, ...]]
    courses: Mapping[int, Course] = field(default_factory=dict)
    may_rewrite: bool = False
    keeps_types: bool = False
    shows_all: bool = False
    proven: set[int] = field(default_factory=set)
    risked_casts: set[int] = field(default_factory=set)
    risked_calls: set[int] = field(default_factory=set)
    counted: dict[int, Cast] = field(default_factory=dict)
    guarded: dict[int, Value] = field(default_factory=dict)

    @property
    def may_widen(self) -> bool:
        """Whether a number may be given a wider type."""
        return self.may_rewrite and not self.keeps_types

    def course_of(self, node: exp.Expr) -> Course:
        """Return how the SELECT runs in which an expression stands."""
        if self.shows_all:
            return EVERYWHERE
        return self.courses.get(id(node.find_ancestor(exp.Select)), NOWHERE)

    def prove(self, tree: exp.Query) -> None:
        """Prove the whole query.

        Raises:
            NotProvenError: Some part of it is not known to be harmless.
        """
        try:
            columns = self.query(tree, Scope(ctes={}))
        except RecursionError:
            raise NotProvenError(_TOO_DEEP) from None
        if any(each.wider for each in columns.values()):
            raise NotProvenError("arithmetic that may overflow")
        self._leave_out_nothing(tree)

    def prove_condition(self, condition: exp.Expr, relation: Relation) -> None:
        """Prove a condition that stands alone, over the rows of one relation.

        Raises:
            NotProvenError: It is not known to be harmless, or not to be a condition: of a text, the engine
                would make one, and fail.
        """
        try:
            self._condition(condition, Scope(ctes={}, relations=[relation]))
        except RecursionError:
            raise NotProvenError(_TOO_DEEP) from None
        self._leave_out_nothing(condition)

    def _leave_out_nothing(self, tree: exp.Expr) -> None:
        """Require that rules have looked at every expression, also at those that an entry may forget.

        And that names are folded as the engine does, which knows no other letters than those of ASCII.
        """
        names = (each.name for each in tree.find_all(exp.Identifier))
        if any(not each.isascii() and each.casefold() != each for each in names):
            raise NotProvenError("a name whose letters are folded in several ways")
        for each in tree.find_all(exp.Condition):
            if id(each) not in self.proven and not isinstance(each, _NEEDS_NO_PROOF):
                raise NotProvenError(f"{type(each).__name__} in a place of a rarer kind")

    def query(self, tree: exp.Expr, scope: Scope) -> dict[str, Value]:
        """Prove a query and return its columns in order, by folded name."""
        if tree.args.get("with_"):
            self._with(tree.args["with_"], scope)
        match tree:
            case exp.Select():
                return self._select(tree, scope)
            case exp.Union() | exp.Except() | exp.Intersect():
                return self._set_operation(tree, scope)
            case exp.Subquery() if not any(value for key, value in tree.args.items() if key not in _WRAPPER):
                return self.query(tree.this, scope)
        raise NotProvenError(f"a query of the form {type(tree).__name__}")

    def _with(self, with_: exp.Expr, scope: Scope) -> None:
        if with_.args.get("recursive"):
            raise NotProvenError("a recursive CTE")
        for cte in with_.expressions:
            columns = self.query(cte.this, scope.alone())
            scope.ctes[cte.alias.casefold()] = _renamed(columns, cte.args.get("alias"))

    def _set_operation(self, tree: exp.SetOperation, scope: Scope) -> dict[str, Value]:
        if tree.args.get("by_name") or tree.args.get("on"):
            raise NotProvenError("a set operation by name")
        left = self.query(tree.this, scope.apart())
        right = self.query(tree.expression, scope.apart())
        if len(left) != len(right):
            raise NotProvenError("a set operation over different columns")
        columns = {name: joined(a, b) for (name, a), b in zip(left.items(), right.values(), strict=True)}
        ordering = Scope(ctes=scope.ctes, relations=[Relation("", columns)])
        self._order_and_limit(tree, ordering)
        return columns

    def _select(self, tree: exp.Select, scope: Scope) -> dict[str, Value]:
        if tree.args.get("laterals") or tree.args.get("pivots"):
            raise NotProvenError("a lateral or pivoted relation")
        self._from(tree, scope)
        columns = self._projections(tree, scope)
        for clause in ("where", "having", "qualify"):
            if tree.args.get(clause):
                self._condition(tree.args[clause].this, scope)
        self._group(tree.args.get("group"), scope)
        for window in tree.args.get("windows") or ():
            prove_frame(window, Place(self, scope))
        if (distinct := tree.args.get("distinct")) and distinct.args.get("on"):
            prove_expression(distinct.args["on"], Place(self, scope))
        self._order_and_limit(tree, scope)
        return columns

    def _condition(self, node: exp.Expr, scope: Scope) -> None:
        if prove_expression(node, Place(self, scope)).kind not in {Kind.BOOLEAN, Kind.NULL}:
            raise NotProvenError("a condition that is no boolean")

    def _projections(self, tree: exp.Select, scope: Scope) -> dict[str, Value]:
        columns: list[tuple[str, Value]] = []
        for each in tree.expressions:
            if isinstance(each, exp.Star) or (
                isinstance(each, exp.Column) and isinstance(each.this, exp.Star)
            ):
                columns += [(name, replace(value, total=False)) for name, value in self._star(each, scope)]
                continue
            value = replace(self._projection(each, scope), total=is_total(each.unalias()))
            name = each.alias_or_name.casefold() if isinstance(each, exp.Alias | exp.Column) else ""
            columns.append((name, value))
        return named(columns)

    def _star(self, star: exp.Expr, scope: Scope) -> list[tuple[str, Value]]:
        """A star, and what it leaves out or replaces where there is one relation that it can be of."""
        self.proven.add(id(star))
        node = star.this if isinstance(star, exp.Column) else star
        found = _starred(star, scope)
        left_out, replaced = node.args.get("except_") or (), node.args.get("replace") or ()
        if node.args.get("rename") or ((left_out or replaced) and len(scope.relations) > 1):
            raise NotProvenError("a star that renames columns, or is of several relations")
        if not (left_out or replaced):
            return found
        columns = dict(found)
        for each in left_out:
            if each.name.casefold() not in columns or len(getattr(each, "parts", (each,))) > 1:
                raise NotProvenError("a star that leaves out what is no column")
            del columns[each.name.casefold()]
            self.proven.add(id(each))
        for each in replaced:
            if not isinstance(each, exp.Alias) or each.alias.casefold() not in columns:
                raise NotProvenError("a star that replaces what is no column")
            value = prove_expression(each.this, Place(replace(self, courses={}), scope))
            scope.add_alias(each.alias, value)
            columns[each.alias.casefold()] = value
        return list(columns.items())

    def _projection(self, node: exp.Expr, scope: Scope) -> Value:
        """Prove one projection; one that may fail, or an aggregate in it, is for what may fail too."""
        course = self.course_of(node)
        careful = self if course == NOWHERE else replace(self, courses={}, keeps_types=True)
        try:
            value = prove_expression(node.unalias(), Place(careful, scope))
        except NotProvenError:
            if course == NOWHERE:
                raise
            found = prove_expression(node.unalias(), Place(self, scope, may_fail=course.rows))
            value = replace(found, risky=True)
        if isinstance(node, exp.Alias | exp.Column):
            scope.add_alias(node.alias_or_name, value)
        return value

    def _group(self, group: exp.Expr | None, scope: Scope) -> None:
        if group is None:
            return
        for key in ("expressions", "cube", "rollup", "grouping_sets"):
            for each in group.args.get(key) or ():
                for part in each.expressions if isinstance(each, exp.Cube | exp.Rollup) else [each]:
                    prove_expression(part, Place(self, scope))

    def _order_and_limit(self, tree: exp.Expr, scope: Scope) -> None:
        order = tree.args.get("order")
        for each in order.expressions if order else ():
            if isinstance(each.this, exp.Column) and _is_plain_alias(each.this, scope):
                self.proven.add(id(each.this))
            else:
                prove_expression(each.this, Place(self, scope))
        for clause in ("limit", "offset"):
            if (bound := tree.args.get(clause)) and not isinstance(bound.args.get("expression"), exp.Literal):
                raise NotProvenError("a computed LIMIT")

    def _from(self, tree: exp.Select, scope: Scope) -> None:
        if (from_ := tree.args.get("from_")) is None:
            return
        self._relation(from_.this, scope)
        for join in tree.args.get("joins") or ():
            self._join(join, scope)

    def _join(self, join: exp.Join, scope: Scope) -> None:
        side, kind = str(join.args.get("side") or ""), str(join.args.get("kind") or "")
        if join.args.get("method") or side not in _SIDES or kind not in _JOINS:
            raise NotProvenError("a join of a rarer kind")
        if isinstance(join.this, exp.Lateral | exp.Unnest) and not (side in {"", "LEFT"} and kind in _INNER):
            raise NotProvenError("a lateral relation of a rarer kind")
        before = len(scope.relations)
        relation = self._relation(join.this, scope)
        for using in join.args.get("using") or ():
            self._using(using.name.casefold(), relation, scope)
        if on := join.args.get("on"):
            self._condition(on, scope)
        if kind in {"SEMI", "ANTI"}:
            del scope.relations[before:]

    def _using(self, name: str, relation: Relation, scope: Scope) -> None:
        others = {
            each.columns[name] for each in scope.relations if each is not relation and name in each.columns
        }
        if (
            not others
            or name not in relation.columns
            or not all(are_comparable(each, relation.columns[name]) for each in others)
        ):
            raise NotProvenError("a join by columns of different types")
        scope.merged.add(name)

    def _relation(self, node: exp.Expr, scope: Scope) -> Relation:
        if node.args.get("pivots") or node.args.get("laterals"):
            raise NotProvenError("a pivoted relation")
        relation = Relation(node.alias_or_name.casefold(), self._columns(node, scope))
        scope.relations.append(relation)
        for join in node.args.get("joins") or ():
            self._join(join, scope)
        return relation

    def _columns(self, node: exp.Expr, scope: Scope) -> Mapping[str, Value]:
        alias = node.args.get("alias")
        if id(node) in self.tables:
            columns = self.tables[id(node)]
            return _renamed(named((folded(each.name), value_of(each.type)) for each in columns), alias)
        if isinstance(node, exp.Table) and (cte := _cte(node, scope)) is not None:
            return _renamed(cte, alias)
        if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Query) and not node.args.get("with_"):
            return _renamed(self.query(node.this, scope.derived()), alias)
        if isinstance(node, exp.Lateral | exp.Unnest):
            return _renamed(self._lateral(node, scope), alias)
        if isinstance(node, exp.Table) and isinstance(node.this, exp.GenerateSeries):
            return _renamed({NAMELESS: numbers(node.this, Place(self, scope))}, alias)
        raise NotProvenError("a relation that is no table, CTE or subquery")

    def _lateral(self, node: exp.Expr, scope: Scope) -> Mapping[str, Value]:
        """A relation that may name columns of those before it, and of the queries around."""
        if isinstance(node, exp.Lateral):
            is_query = isinstance(node.this, exp.Subquery) and not node.args.get("outer")
            if not is_query or node.args.get("view") or node.args.get("ordinality"):
                raise NotProvenError("a lateral relation of a rarer kind")
            return self.query(node.this, scope.child())
        found = list(node.expressions)
        if node.args.get("offset") or len(found) != 1:
            raise NotProvenError("the elements of several lists, or with their places")
        if not all(scope.owns(each.name, each.table or None) for each in found[0].find_all(exp.Column)):
            raise NotProvenError("the elements of another query's list")
        self.proven.add(id(node))
        return {NAMELESS: elements(prove_expression(found[0], Place(self, scope)))}


def _cte(node: exp.Table, scope: Scope) -> Mapping[str, Value] | None:
    is_bare = isinstance(node.this, exp.Identifier) and not node.db
    return scope.ctes.get(node.name.casefold()) if is_bare else None


def _is_plain_alias(column: exp.Column, scope: Scope) -> bool:
    """Whether ORDER BY names an output column, which it looks for first."""
    value = scope.aliases.get(column.name.casefold())
    return value is not None and not column.table


_WRAPPER = frozenset({"this", "with_"})
_NEEDS_NO_PROOF = (exp.Literal, exp.Boolean, exp.Null)
"""What is harmless wherever it stands; of all else, what no rule has looked at may be anything."""


def _starred(star: exp.Expr, scope: Scope) -> list[tuple[str, Value]]:
    """Return the columns that `*` or `t.*` stands for."""
    qualifier = star.table.casefold() if isinstance(star, exp.Column) else None
    columns: list[tuple[str, Value]] = []
    merged: dict[str, int] = {}
    for relation in scope.relations:
        if qualifier not in {None, relation.alias}:
            continue
        if relation.hides_names:
            raise NotProvenError("a star over columns without names of their own")
        for name, value in relation.columns.items():
            if name in merged:
                columns[merged[name]] = name, agreed([columns[merged[name]][1], value])
                continue
            if name in scope.merged:
                merged[name] = len(columns)
            columns.append((name, value))
    return columns


def _renamed(columns: Mapping[str, Value], alias: exp.Expr | None) -> Mapping[str, Value]:
    """Apply the column list of `AS t(a, b)`."""
    names = [each.name.casefold() for each in alias.args.get("columns") or ()] if alias else []
    if len(names) > len(columns):
        raise NotProvenError("an alias with too many columns")
    values = list(columns.items())
    renamed = [(new, value) for new, (_, value) in zip(names, values, strict=False)]
    return named(renamed + values[len(names) :])
