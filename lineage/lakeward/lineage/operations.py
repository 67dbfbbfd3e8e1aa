"""What an operation does to a value: which are aggregates, and which mask, by name. Unknown never masks."""

from typing import Final

from sqlglot import exp

from lakeward.lineage.edges import Strength

COUNTS: Final = (exp.Count, exp.CountIf, exp.ApproxDistinct)
HASHES: Final = (
    exp.MD5,
    exp.MD5Digest,
    exp.SHA,
    exp.SHA1Digest,
    exp.SHA2,
    exp.SHA2Digest,
    exp.FarmFingerprint,
)
PICKS_BY_SECOND: Final = (exp.ArgMax, exp.ArgMin)
RANKS: Final = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile)

_NAMED_HASHES: Final = frozenset(
    {"hash", "md5_number", "md5_number_lower", "md5_number_upper", "sha1", "crc32", "murmurhash3", "xxhash64"}
)
_NAMED_COUNTS: Final = frozenset({"count_star", "approx_count_distinct", "count_if", "countif"})
_NAMED_AGGREGATES: Final = frozenset(
    {
        "any_value", "approx_quantile", "approx_top_k", "arbitrary", "arg_max", "arg_max_null", "arg_min",
        "arg_min_null", "array_agg", "avg", "bit_and", "bit_or", "bit_xor", "bool_and", "bool_or",
        "entropy", "favg", "first", "fsum", "geomean", "geometric_mean", "group_concat", "histogram",
        "kahan_sum", "kurtosis", "kurtosis_pop", "last", "list", "listagg", "mad", "max", "max_by", "mean",
        "median", "min", "min_by", "mode", "product", "quantile", "quantile_cont", "quantile_disc",
        "regr_count", "regr_intercept", "regr_r2", "regr_slope", "reservoir_quantile", "sem", "skewness",
        "stddev", "string_agg", "sum", "sum_no_overflow", "sumkahan", "var_pop", "var_samp",
    }
)  # fmt: skip


def is_aggregate(node: exp.Expr) -> bool:
    """Say whether a node folds the rows of a group."""
    if isinstance(node, exp.AggFunc):
        return True
    return isinstance(node, exp.Anonymous) and node.name.lower() in _NAMED_AGGREGATES | _NAMED_COUNTS


def strength(node: exp.Expr) -> Strength:
    """Say what is left of a value after this operation."""
    if isinstance(node, COUNTS):
        return Strength.COUNT
    if isinstance(node, HASHES):
        return Strength.DICTIONARY
    if isinstance(node, exp.Anonymous):
        name = node.name.lower()
        if name in _NAMED_HASHES:
            return Strength.DICTIONARY
        return Strength.COUNT if name in _NAMED_COUNTS else Strength.NONE
    return Strength.NONE
