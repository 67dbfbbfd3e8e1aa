"""What can go wrong in the command line itself."""

from pathlib import Path

from lakeward.catalog.errors import CheckFailedError, InputError, UnavailableError


class NoLakeError(UnavailableError):
    """Neither the folder nor one above it holds a lake."""

    code = "no-lake"

    def __init__(self, start: Path) -> None:
        super().__init__(
            f"No lake in {start} or in a folder above it: there is no lakeward.toml.",
            hint="Make one with `lakeward init DIRECTORY`, or name one with `--lake` or LAKEWARD_LAKE.",
        )


class BinaryToTerminalError(InputError):
    """Arrow or Parquet was asked for, and stdout is a terminal."""

    code = "binary-to-terminal"

    def __init__(self) -> None:
        super().__init__(
            "The formats arrow and parquet are binary, and this is a terminal.",
            hint="Write it to a file with `--output FILE`, or pipe it.",
        )


class OutputFileError(UnavailableError):
    """The file that should hold the answer cannot be written."""

    code = "output-file"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Cannot write {path}.",
            hint="Its folder must exist, and it must be a regular file or not be there yet.",
        )


class UnhealthyLakeError(CheckFailedError):
    """`lakeward doctor` found faults."""

    code = "unhealthy-lake"

    def __init__(self, faults: int) -> None:
        super().__init__(
            f"The lake is not in order: {faults} fault(s).", hint="Mend what each finding's hint names."
        )


class PairError(InputError):
    """A word that should hold two halves."""

    code = "not-a-pair"

    def __init__(self, between: str, example: str) -> None:
        super().__init__(
            f"A word with {between!r} in its middle is needed.", hint=f"For example `{example}`."
        )
