"""What columns and parameters a statement has, for clients that prepare it first."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from lakeward.gateway.answer import Description
from lakeward.gateway.engines.duckdb.prepare import Prepared
from lakeward.gateway.govern import govern
from lakeward.gateway.parameter_types import infer_types
from lakeward.gateway.parameters import typed_nulls
from lakeward.gateway.plan_cache import plan_key
from lakeward.gateway.statement import GovernedStatement, Pins
from lakeward.policies.admit import parse_with_parameters
from lakeward.policies.admit.errors import ParameterCountError
from lakeward.policies.admit.parameters import count_parameters
from lakeward.policies.decide import CompiledPolicies

if TYPE_CHECKING:
    from lakeward.gateway.service import Gateway
    from lakeward.gateway.session import Session


def describe(
    gateway: "Gateway",
    session: "Session",
    text: str,
    given: Sequence[pa.DataType | None],
    statement_id: str,
) -> Description:
    """Take a statement the whole way up to the engine, and ask an empty bench for its columns.

    It is planned as a staged one, so that nothing which sees the lake is asked. A pivot without the values of
    its columns has columns that only the rows know: such a statement is executed, and so recorded.

    Raises:
        LakewardError: What `Gateway.describe` raises.
    """
    pins = Pins(lake=gateway.lake)
    key = _key(session, text, given, gateway.policies.current())
    kept = gateway.plans.get(key, pins, session.context().now, statement_id)
    if kept is not None and kept.described is not None:
        return kept.described

    with gateway.place(session):
        policies = gateway.policies.current()  # those after the wait, during which a grant may end
        session, pins = gateway.with_glass(session, policies), Pins(lake=gateway.lake)
        key = _key(session, text, given, policies)
        governed = partial(
            govern, session, text, statement_id, policies=policies, names=gateway.names, pins=pins
        )
        prepared, types = _prepared(gateway, session, text, given, governed)
        if prepared.text is not None:
            with gateway.in_time(session) as ending:
                schema = gateway.engine.describe(session, prepared, ending)
            described = Description(schema=schema, parameters=types)
            gateway.plans.keep(key, replace(prepared, described=described), pins)
            return described
    return _executed(gateway, session, text, types)


def _key(
    session: "Session", text: str, given: Sequence[pa.DataType | None], policies: CompiledPolicies
) -> Hashable:
    return "describe", tuple(map(str, given)), plan_key(session, text, None, policies.fingerprint)


def _prepared(
    gateway: "Gateway",
    session: "Session",
    text: str,
    given: Sequence[pa.DataType | None],
    governed: Callable[..., GovernedStatement],
) -> tuple[Prepared, tuple[pa.DataType, ...]]:
    tree = parse_with_parameters(text, session.dialect)
    count = count_parameters(tree)
    if len(given) > count:
        raise ParameterCountError(len(given), count)
    padded = [*given, *[None] * (count - len(given))]
    statement = governed(parameters=typed_nulls([each or pa.string() for each in padded]))
    types = infer_types(tree, padded, statement.restrictions.values())
    statement = governed(parameters=typed_nulls(types)) if count else statement
    planned = replace(gateway.planner, may_fuse=False).plan(session, statement)
    return gateway.engine.prepare(session, statement, planned), types


def _executed(
    gateway: "Gateway", session: "Session", text: str, types: tuple[pa.DataType, ...]
) -> Description:
    answer = gateway.execute(session, text, parameters=[pa.scalar(None, each) for each in types])
    answer.close()
    return Description(schema=answer.schema, parameters=types)
