"""One bit a grant, set on the rows that it reaches.

Source of the shape: measured against the alternatives (a predicate repeated in every CASE, a union of
pieces), it is the only one whose cost does not grow with the product of grants and columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from lakeward.catalog.pin import PinnedTable
from lakeward.policies.rewrite.compared_texts import bigint, choose_by_text, text_columns, texts_compared
from lakeward.policies.rewrite.scan import Scan, column, from_scan

WORD = 62
"""Bits in one BIGINT, the sign left alone."""

_KEYS = "_keys"


@dataclass(frozen=True, slots=True)
class GrantBits:
    """The conditions of a table's grants, in order; grant `i` owns bit `i % 62` of word `i // 62`."""

    conditions: tuple[exp.Expr, ...]

    @classmethod
    def of(cls, conditions: Sequence[exp.Expr]) -> "GrantBits":
        """Take the bound conditions, one a grant."""
        return cls(tuple(conditions))

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that hold the words."""
        return tuple(f"_grants{word}" for word in range(-(-len(self.conditions) // WORD)))

    def test(self, grants: Sequence[int], alias: str) -> exp.Expr:
        """Return whether a row bears any bit of `grants`."""
        tests: list[exp.Expr] = []
        for word, name in enumerate(self.names):
            mask = sum(1 << (i % WORD) for i in grants if i // WORD == word)
            if mask:
                masked = exp.BitwiseAnd(this=column(name, alias), expression=exp.Literal.number(mask))
                tests.append(exp.NEQ(this=exp.paren(masked, copy=False), expression=exp.Literal.number(0)))
        return exp.or_(*tests, copy=False)

    def any(self, alias: str) -> exp.Expr:
        """Return whether a row bears any bit at all."""
        return self.test(range(len(self.conditions)), alias)

    def relation(self, scan: Scan, table: PinnedTable, alias: str, columns: Sequence[str]) -> exp.Select:
        """Return the raw rows with `columns` and their words of bits."""
        keyed = self._keyed()
        words = self._words(keyed, alias, text_columns(table))
        select = exp.select(*[column(name, alias) for name in columns], *words)
        select = select.from_(from_scan(scan, table, alias), copy=False)
        for number, (key, members) in enumerate(keyed.items()):
            keys = self._key_relation(members).subquery(alias=f"{_KEYS}{number}", copy=False)
            on = exp.EQ(this=key.copy(), expression=column("_key", f"{_KEYS}{number}"))
            select = select.join(keys, on=on, join_type="left", copy=False)
        return select

    def _keyed(self) -> dict[exp.Expr, list[int]]:
        """Group the conditions `column IN (SELECT key …)` that depend on nothing else by their column."""
        keyed: dict[exp.Expr, list[int]] = {}
        for i, condition in enumerate(self.conditions):
            if (key := _key_of(condition)) is not None:
                keyed.setdefault(key, []).append(i)
        return keyed

    def _words(self, keyed: dict[exp.Expr, list[int]], alias: str, texts: frozenset[str]) -> list[exp.Expr]:
        from_keys = {i for members in keyed.values() for i in members}
        words: list[exp.Expr] = []
        for word, name in enumerate(self.names):
            mine = range(word * WORD, min(len(self.conditions), (word + 1) * WORD))
            parts = self._parts([i for i in mine if i not in from_keys], alias, texts)
            parts += [_coalesced(column(name, f"{_KEYS}{number}")) for number in range(len(keyed))]
            words.append(exp.alias_(_or_bits(parts), name, quoted=True, copy=False))
        return words

    def _parts(self, members: Sequence[int], alias: str, texts: frozenset[str]) -> list[exp.Expr]:
        """Return the bits of grants of one word: a CASE a condition, but one a column compared with texts."""
        parts: list[exp.Expr] = []
        by_text: dict[str, dict[str, int]] = {}
        for i in members:
            compared = texts_compared(self.conditions[i], texts)
            if compared is None:
                parts.append(_bit(i, self.conditions[i]))
                continue
            numbers = by_text.setdefault(compared[0], {})
            for text in compared[1]:
                numbers[text] = numbers.get(text, 0) | 1 << (i % WORD)
        return parts + [choose_by_text(column(name, alias), numbers) for name, numbers in by_text.items()]

    def _key_relation(self, members: Sequence[int]) -> exp.Select:
        """Return one row a key with the bits of every grant that holds it; a NULL key reaches nothing."""
        pieces = [self._key_piece(i) for i in members]
        union = pieces[0] if len(pieces) == 1 else exp.union(*pieces, distinct=False, copy=False)
        words = [
            exp.alias_(exp.BitwiseOrAgg(this=column(name, "_u")), name, quoted=True, copy=False)
            for name in self.names
        ]
        keys = exp.select(exp.alias_(column("_key", "_u"), "_key", quoted=True), *words)
        return keys.from_(union.subquery(alias="_u", copy=False), copy=False).group_by(column("_key", "_u"))

    def _key_piece(self, i: int) -> exp.Select:
        query = self.conditions[i].args["query"].this.copy()
        key = exp.alias_(query.selects[0].unalias(), "_key", quoted=True, copy=False)
        words = [
            exp.alias_(bigint(1 << (i % WORD) if i // WORD == word else 0), name, quoted=True, copy=False)
            for word, name in enumerate(self.names)
        ]
        query.set("expressions", [key, *words])
        return query  # type: ignore[no-any-return]  # sqlglot's args are untyped


def _key_of(condition: exp.Expr) -> exp.Expr | None:
    """Return the column of `column IN (SELECT one FROM …)` when the subquery stands alone and is plain."""
    while isinstance(condition, exp.Paren):
        condition = condition.this
    if not isinstance(condition, exp.In) or not isinstance(condition.this, exp.Column):
        return None
    query = condition.args.get("query")
    select = query.this if isinstance(query, exp.Subquery) else None
    if not isinstance(select, exp.Select) or len(select.selects) != 1 or not _is_plain(select):
        return None
    alias = condition.this.table
    return None if any(each.table == alias for each in select.find_all(exp.Column)) else condition.this


def _is_plain(select: exp.Select) -> bool:
    plain = {"expressions", "from_", "joins", "where", "distinct"}
    return not any(value for key, value in select.args.items() if key not in plain) and not any(
        select.selects[0].find_all(exp.AggFunc, exp.Window)
    )


def _bit(i: int, condition: exp.Expr) -> exp.Expr:
    return exp.Case(default=bigint(0)).when(condition.copy(), bigint(1 << (i % WORD)), copy=False)


def _coalesced(word: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=word, expressions=[bigint(0)])


def _or_bits(parts: Sequence[exp.Expr]) -> exp.Expr:
    result: exp.Expr = bigint(0)
    for part in parts:
        result = exp.BitwiseOr(this=result, expression=exp.paren(part, copy=False))
    return result
