"""What may be wrong with an input, as leaves of lakeward's one tree of errors."""

from pathlib import Path

from lakeward.catalog.errors import InputError


class BadFileError(InputError):
    """A raw file that cannot be read as what it claims to be. The text names file and line, never a value."""

    code = "bad-file"

    def __init__(self, path: Path, reason: str, *, line: int | None = None, hint: str | None = None) -> None:
        where = path.name if line is None else f"{path.name}:{line}"
        super().__init__(
            f"{where}: {reason}",
            hint=hint or "Nothing was written: mend or remove the file and run again.",
        )
        self.path, self.line, self.reason = path, line, reason


class NoInputError(InputError):
    """A folder without a single file of a known kind."""

    code = "no-input"

    def __init__(self, root: Path) -> None:
        super().__init__(
            f"{root} holds none of the folders genomics/, imaging/, ehr_synthea_fhir/, fhir/, ehr_csv/, "
            "wearables_json/, wearables_bigideas/, notes_csv/, omics/, with files of their kind.",
            hint="See examples/precision_oncology/README.md for the layout.",
        )


class NotADemoLakeError(InputError):
    """A folder that the demo did not make, so the demo must not replace it."""

    code = "not-a-demo-lake"

    def __init__(self, root: Path) -> None:
        super().__init__(
            f"{root} exists and was not made by `lakeward demo`: it is left as it is.",
            hint="Name a new or empty folder with --lake.",
        )
