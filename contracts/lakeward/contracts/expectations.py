"""Great Expectations as the judge of one row of counts.

Its context lives in memory and is thrown away; its results are asked for as booleans only. A data frame of
the rows is never made: see `guide` in the docs for what each of its result formats would show.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lakeward.contracts.rules import Bound

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.expectations.expectation import Expectation


def expect(values: Mapping[str, tuple[float, Bound]]) -> Mapping[str, bool]:
    """Judge values against bounds, by name; a name without a verdict is left out."""
    names = {f"r_{index}": name for index, name in enumerate(values)}
    row = {column: float(values[name][0]) for column, name in names.items()}
    result = validate(row, {column: values[name][1] for column, name in names.items()})
    return {names[column]: verdict for column, verdict in _verdicts(result).items()}


def validate(row: Mapping[str, float], bounds: Mapping[str, Bound]) -> "ExpectationSuiteValidationResult":
    """Run one expectation to each column over a data frame of one row."""
    import great_expectations as gx
    import pandas as pd  # noqa: PLC0415 - takes seconds, with the line above
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("metrics").add_dataframe_asset("row")
    batch = asset.add_batch_definition_whole_dataframe("one").get_batch({"dataframe": pd.DataFrame([row])})
    suite = gx.ExpectationSuite("contract", expectations=[_between(column, bounds[column]) for column in row])
    return batch.validate(suite, result_format="BOOLEAN_ONLY")


def _between(column: str, bound: Bound) -> "Expectation":
    from great_expectations.expectations.core.expect_column_values_to_be_between import (
        ExpectColumnValuesToBeBetween,
    )

    return ExpectColumnValuesToBeBetween(
        column=column,
        min_value=bound.low,
        max_value=bound.high,
        strict_min=bound.open_low,
        strict_max=bound.open_high,
        meta={"outside": bound.outside},
    )


def _verdicts(result: "ExpectationSuiteValidationResult") -> dict[str, bool]:
    verdicts = {}
    for each in result.results:
        config, raised = each.expectation_config, (each.exception_info or {}).get("raised_exception")
        if config is not None and not raised and each.success is not None:
            verdicts[str(config.kwargs["column"])] = bool(each.success) is not bool(
                (config.meta or {}).get("outside")
            )
    return verdicts
