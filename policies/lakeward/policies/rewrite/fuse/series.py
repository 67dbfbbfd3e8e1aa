"""`FROM generate_series(1, 5) AS s(n)`: numbers that stand in the query, and no table's."""

from sqlglot import exp

from lakeward.policies.rewrite.fuse.expressions import Place
from lakeward.policies.rewrite.fuse.kinds import INT64_WIDTH, Kind, NotProvenError, Value
from lakeward.policies.rewrite.fuse.texts import take_only

_MOST_DIGITS = 6


def numbers(node: exp.Expr, place: Place) -> Value:
    """Prove a series of whole numbers from one in plain digits to another.

    Raises:
        NotProvenError: It has other bounds, or is long.
    """
    take_only(node, {"start", "end"})
    for bound in (node.args.get("start"), node.args.get("end")):
        is_number = isinstance(bound, exp.Literal) and not bound.is_string and bound.name.isdecimal()
        if not is_number or bound is None or len(bound.name) > _MOST_DIGITS:
            raise NotProvenError("a series with computed bounds, or a long one")
    place.look_through(node)
    return Value(Kind.INTEGER, digits=_MOST_DIGITS, width=INT64_WIDTH, fresh=True)
