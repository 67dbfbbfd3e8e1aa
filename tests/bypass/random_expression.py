"""Random expressions over the extreme cells: the no-throw list and more, with any arguments.

The types fit more often than not, so that many are proven; what the engine refuses to plan is no answer.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial

KINDS = ("truth", "number", "text", "time", "nested")
NAMES = {
    "truth": ("flag",),
    "number": ("home.unit", "small", "big", "cents", "price", "whole", "fine", "single", "ratio"),
    "text": ("text", "word", "text", "home.street", "words[1]"),
    "time": ("day", "day", "moment", "instant", "stay.since", "visit.since", "days[1]", "moments[1]"),
    "nested": ("words", "home", "days", "moments", "stay", "visit", "raw"),
}
_CONSTANTS = {
    "truth": ("TRUE", "FALSE", "NULL"),
    "number": (
        "0",
        "1",
        "7",
        "0.5",
        "123456789012.25",
        "0.00000000000000001",
        "1e308",
        "999999999999999999",
        "NULL",
    ),
    "text": ("'a'", "''", "'2026-01-31'", "'ß%'", "NULL"),
    "nested": ("NULL", "['a']"),
    "time": ("DATE '2026-01-31'", "'2026-01-31'", "TIMESTAMP '2026-01-31 10:00:00'", "NULL", "current_date"),
}
_FORMS: dict[str, tuple[str, ...]] = {
    "truth": (
        *(f"{{same}} {sign} {{same}}" for sign in ("=", "<>", "<", "<=", ">", ">=")),
        *("{same} IS DISTINCT FROM {same}", "{same} IS NOT DISTINCT FROM {same}"),
        *(
            "{same} BETWEEN {same} AND {same}",
            "{same} IN ({same}, {same})",
            "{same} NOT IN ({same}, {same}, {same})",
        ),
        *("{any} IS NULL", "{any} IS NOT NULL", "{any} IS TRUE", "{any} IS NOT FALSE", "{truth} IS {truth}"),
        *("{truth} AND {truth}", "{truth} OR {truth}", "NOT {truth}"),
        *("{text} LIKE '%a_'", "{text} ILIKE 'A%'", "{text} NOT LIKE 'x'", "{text} LIKE {text}"),
        *("starts_with({text}, {text})", "ends_with({text}, {text})", "contains({text}, {text})"),
        *(
            "{nested} && {nested}",
            "list_has_any(words, [{text}])",
            "list_has_all({nested}, [{text}, {text}])",
        ),
        *("regexp_matches({text}, '^[a-z]+x?')", "{text} ~ '(a|b)*$'", "list_contains(words, {text})"),
        *(
            "({number}, {text}) IN (({number}, {text}), ({number}, {text}))",
            "({text}, {truth}) IN (('a', TRUE))",
        ),
        *("{same} > ALL (SELECT {same} FROM t AS q LIMIT 5)", "{same} = ANY (SELECT {same} FROM t AS q)"),
        *("CAST({any} AS BOOLEAN)", "TRY_CAST({any} AS BOOLEAN)"),
    ),
    "number": (
        *(f"{{number}} {sign} {{number}}" for sign in ("+", "-", "*", "/", "%", "//", "^")),
        *("sqrt(small)", "ln(small)", "sqrt(big)", "ln(big)"),
        *("home['unit']", "[{number}, {number}][1]", "home['{text}']"),
        *("-{number}", "- (-{number})", "length({text})", "length({any})", "len(words)", "length(words)"),
        *("strpos({text}, {text})", "position({text} IN {text})", "ascii({text})", "unicode({text})"),
        *(
            f"date_diff('{part}', {{time}}, {{time}})"
            for part in ("year", "month", "week", "day", "hour", "second")
        ),
        *(f"{name}({{time}})" for name in ("hour", "minute", "second", "dayofmonth", "isodow", "dayofyear")),
        *(f"{name}({{number}})" for name in ("round", "abs", "floor", "ceil", "sign", "sqrt", "ln", "exp")),
        *("round({number}, 2)", "round({number}, {number})", "floor({number}, 1)"),
        *(f"{name}({{time}})" for name in ("year", "month", "day", "quarter", "week", "dayofweek")),
        *(
            f"EXTRACT({part} FROM {{time}})"
            for part in ("year", "quarter", "week", "hour", "dow", "doy", "epoch")
        ),
        *(
            f"CAST({{any}} AS {type_})"
            for type_ in ("INT", "BIGINT", "DOUBLE", "DECIMAL(38, 2)", "DECIMAL(10, 4)")
        ),
        *(f"TRY_CAST({{any}} AS {type_})" for type_ in ("INT", "BIGINT", "DOUBLE", "DECIMAL(38, 2)")),
        *("{time} - {time}", "len({nested})", "array_length({nested})", "round(ratio, 3)", "abs(single)"),
        *(f"{name}(moment)" for name in ("week", "hour", "minute", "second", "dayofweek", "isodow")),
        *("date_diff('second', moment, visit.since)", "date_diff('week', day, stay.since)"),
        "{time} - {time}",
        *(
            f"CAST({{number}} AS DECIMAL({size})) / CAST({{number}} AS DECIMAL(38, 0))"
            for size in ("15, 4", "9, 2")
        ),
    ),
    "text": (
        *("lower({text})", "upper({text})", "trim({text})", "trim({text}, {text})", "{text} || {any}"),
        *("left({text}, 3)", "right({text}, 99)", "substring({text}, 2, 5)", "substring({text}, {number})"),
        *("regexp_extract({text}, '(a)(x?)', 2)", "regexp_extract({text}, '[a-z]+')", "reverse({text})"),
        *(
            "split_part({text}, 'x', 2)",
            "split_part({text}, '', 0)",
            "lpad({text}, 9, 'ß')",
            "rpad({text}, 0, 'a')",
        ),
        *("concat_ws('-', {text}, {text})", "md5({text})", "strftime({time}, '%Y-%m-%d %H:%M:%S %j %B %a')"),
        *(
            "home['STREET']",
            "list_sort({nested})[1]",
            "list_distinct({nested})[2]",
            "$$a$$",
            "[{text}, {text}][2]",
        ),
        *("words[0]", "words[999999999]", "words[{number}]"),
        *("concat({text}, {any})", "replace({text}, 'x', 'y')", "replace({text}, {text}, {text})"),
        *("CAST({any} AS TEXT)", "TRY_CAST({any} AS VARCHAR)"),
    ),
    "time": (
        *("{time} + INTERVAL 1 DAY", "{time} - INTERVAL 99999 YEAR", "{time} + {number}"),
        *(f"CAST({{any}} AS {type_})" for type_ in ("DATE", "TIMESTAMP", "TIMESTAMPTZ")),
        *(f"TRY_CAST({{any}} AS {type_})" for type_ in ("DATE", "TIMESTAMP")),
        *("date_trunc('month', {time})", "current_date({text})"),
    ),
    "nested": (
        *("({nested})", "coalesce({nested}, {nested})", "nullif({nested}, {nested})", "[{text}, {text}]"),
        *(
            "[{number}, {any}]",
            "list_sort({nested})",
            "list_distinct({nested})",
            "list_sort({nested}, 'DESC')",
        ),
    ),
}
_ANY = (
    *(
        "CASE WHEN {truth} THEN {same} ELSE {same} END",
        "CASE {same2} WHEN {same2} THEN {same} WHEN {same2} THEN {same} END",
    ),
    *(
        "coalesce({same}, {same}, {same})",
        "nullif({same}, {same})",
        "if({truth}, {same}, {same})",
        "({same})",
    ),
    *("greatest({same}, {same}, {same})", "least({same}, {same})", "ifnull({same}, {same})"),
)
_AGGREGATES = (
    *(
        f"{name}({{number}})"
        for name in ("sum", "avg", "min", "max", "stddev", "stddev_pop", "variance", "var_pop")
    ),
    *(
        f"{name}({{any}})"
        for name in ("min", "max", "any_value", "mode", "median", "count", "approx_count_distinct")
    ),
    *(f"{name}({{number}}, {{number}})" for name in ("corr", "covar_samp", "covar_pop", "regr_slope")),
    *("kurtosis({number})", "skewness({number})", "array_agg({any})", "string_agg({text}, ', ')"),
    *("bool_and({any})", "bool_or({truth})", "count_if({truth})", "count(DISTINCT {any})", "count(*)"),
    *("quantile_cont({number}, 0.5)", "quantile_disc({any}, 0.9)", "quantile_cont({any}, 0.25)"),
    *(
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY {any})",
        "percentile_disc(1) WITHIN GROUP (ORDER BY {any} DESC)",
    ),
    *("arg_max({any}, {any})", "arg_min({any}, {any})", "max({any}, 2)", "sum(DISTINCT {number})"),
    "CAST(sum({number}) AS DECIMAL(15, 4)) / CAST(count({any}) AS DECIMAL(15, 4))",
    *("sum({number}) FILTER (WHERE {truth})", "min({any}) FILTER (WHERE {any} IS NOT NULL)"),
    *(
        "sum({number}) + 1",
        "avg({number}) / sum({number})",
        "max({number}) - min({number})",
        "sum({number}) * 2",
    ),
    *("CASE WHEN sum({number}) > {const} THEN 1 ELSE 2 END", "first({any})", "last({any})"),
)
_OVER = (
    *("", "ORDER BY {any}", "PARTITION BY {any}", "PARTITION BY {any} ORDER BY {any} DESC NULLS LAST"),
    *(
        "ORDER BY {number} ROWS BETWEEN 2 PRECEDING AND CURRENT ROW",
        "ORDER BY {number} RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING",
    ),
)
_WINDOWED = (
    *(
        "row_number()",
        "rank()",
        "dense_rank()",
        "percent_rank()",
        "cume_dist()",
        "ntile(4)",
        "ntile({const})",
    ),
    *(
        "lag({any})",
        "lag({any}, 1, {any})",
        "lead({any}, 2)",
        "lead({number}, 1, {const})",
        "first_value({any})",
    ),
    *("last_value({any})", "sum({number})", "avg({number})", "count({any})", "min({any})", "max({any})"),
    *("median({number})", "quantile_disc({any}, 0.5)", "mode({any})", "arg_max({any}, {any})"),
)


Names = Mapping[str, Sequence[str]]
"""By kind, the columns that an expression can name."""


class Expressions:
    """Draws expressions of the columns that it is told of."""

    def __init__(self, draw: random.Random, names: Names = NAMES) -> None:
        self._draw = draw
        self._names = names

    def scalar(self, depth: int = 3) -> str:
        """Draw an expression of single cells."""
        return self.of(self._draw.choice(KINDS), depth)

    def truth(self, depth: int = 3) -> str:
        """Draw a condition."""
        return self.of("truth", depth)

    def aggregate(self, depth: int = 2) -> str:
        """Draw an aggregate, or what is made of some."""
        return self._filled(self._draw.choice(_AGGREGATES), "number", depth)

    def windowed(self, depth: int = 2) -> str:
        """Draw a window function."""
        form = f"{self._draw.choice(_WINDOWED)} OVER ({self._draw.choice(_OVER)})"
        return self._filled(form, "number", depth)

    def of(self, kind: str, depth: int) -> str:
        """Draw an expression that is mostly of a kind."""
        if depth == 0 or self._draw.random() < 0.15:
            is_column = self._draw.random() < 0.75
            names = self._names.get(kind) if is_column else None
            return self._draw.choice(names or _CONSTANTS[kind])
        form = self._draw.choice(_ANY if self._draw.random() < 0.25 else _FORMS[kind])
        return f"({self._filled(form, kind if form in _ANY else self._draw.choice(KINDS), depth)})"

    def _filled(self, form: str, same: str, depth: int) -> str:
        """Fill a form's gaps, the same kind in those that say so but for a slip now and then."""
        fillers: dict[str, Callable[[], str]] = {
            **{f"{{{kind}}}": partial(self.of, kind, depth - 1) for kind in KINDS},
            "{any}": lambda: (
                self.of(self._draw.choice((*KINDS,)), depth - 1) if self._draw.random() < 0.9 else "raw"
            ),
            "{same}": lambda: self.of(
                same if self._draw.random() < 0.9 else self._draw.choice(KINDS), depth - 1
            ),
            "{const}": lambda: self._draw.choice(_CONSTANTS["number"]),
        }
        fillers["{same2}"] = fillers["{text}"] if self._draw.random() < 0.5 else fillers["{number}"]
        for gap, fill in fillers.items():
            while gap in form:
                form = form.replace(gap, fill(), 1)
        return form


def kind_of(column: str) -> str:
    """Return the kind of a column of the table; one that nothing else fits counts as a text."""
    return next((kind for kind, names in NAMES.items() if column in names), "text")
