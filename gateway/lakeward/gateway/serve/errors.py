"""What can be missing before a gateway serves."""

from lakeward.catalog.errors import UnavailableError


class MissingExtraError(UnavailableError):
    """A library that serving needs is not installed."""

    code = "missing-serve-extra"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} needs libraries that are not installed.",
            hint="Install them: `pip install 'lakeward[serve]'`.",
        )
