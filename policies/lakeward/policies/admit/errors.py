"""A refusal at the door."""

from lakeward.catalog.errors import DeniedError, InputError


class NotAdmittedError(DeniedError):
    """The statement holds something that no list allows."""

    code = "not-admitted"

    def __init__(self, construct: str) -> None:
        self.construct = construct
        super().__init__(
            f"The statement is not admitted: {construct}.",
            hint="Ask with one SELECT over tables, with functions that docs/reference/sql.md lists.",
        )


class ParameterCountError(InputError):
    """A statement was given more or fewer values than it has parameters."""

    code = "parameter-count"

    def __init__(self, received: int, needed: int) -> None:
        super().__init__(
            f"The statement has {needed} parameter(s) and was given {received} value(s).",
            hint="Give one value for each parameter; `$1` in two places is one parameter.",
        )


class NamedParameterError(InputError):
    """A parameter is named, or written in two ways."""

    code = "parameter-form"

    def __init__(self) -> None:
        super().__init__(
            "The statement holds a parameter that is neither `?` nor a number such as `$1`, or both kinds.",
            hint="Write all parameters as `?`, or all as `$1`, `$2` and so on.",
        )
