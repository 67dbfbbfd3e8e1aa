"""Free text: many words to a value, or identifiers inside."""

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import TEXT, Detector, Evidence
from lakeward.catalog.classify.kinds import TEXTUAL, Kind

_NUMBERS = (
    r"[\w.+-]+@[\w-]+\.[a-z]{2,}"
    r"|\b\d{3}-\d{2}-\d{4}\b"
    r"|\(\d{3}\)\s?\d{3}-\d{4}|\b\d{3}[-.]\d{3}[-.]\d{4}\b"
    r"|(?i:\bMRN ?[:#]? ?\d{4,})"
)
"""What identifies wherever it stands, in a note or between other values."""
_INSIDE = (
    _NUMBERS + r"|\+\d{8,14}\b"
    r"|(?i:\bMRN|\bmedical record|\bDOB\b|\bSSN\b|\bborn on\b)"
    r"|\b(?:Mr|Mrs|Ms|Dr|Herr|Frau|Mme|Sr|Sra)\.? [A-Z]"
    r"|https?://"
    r"|\b(?:Pt|Patient) [A-Z][a-z]+ [A-Z][a-z]+"
)
_PROSE, _SOME_PROSE, _SEVERAL = 4.0, 2.5, 0.2
_LONG = 60


def _reads_like_text(column: Column, table: TableContext) -> Evidence | None:
    sample = column.sample
    if sample is None or column.kind is not Kind.TEXT or not sample.texts:
        return None
    words = sample.words_per_value
    is_prose = words >= _SOME_PROSE or sample.mean_length >= _LONG
    holding = sample.share_with(_INSIDE if is_prose else _NUMBERS)
    if holding > 0:
        finding = "clinical_text" if table.is_about_persons else "free_text"
        weight = 0.9 if is_prose and holding >= _SEVERAL else 0.85 if is_prose else 0.7
        return Evidence(finding, weight, TEXT, f"identifiers inside {holding:.0%} of distinct values")
    if words >= _PROSE and not sample.is_categorical and not _is_markup(sample.texts[0]):
        return Evidence("free_text", 0.8, TEXT, f"{words:.0f} words to a value")
    return None


def _is_markup(text: str) -> bool:
    """JSON and XML hold whatever they hold; their words are no prose."""
    return text[:1] in "{[<"


DETECTOR = Detector(
    name="free_text",
    title="Free text, and identifiers inside it",
    finding="free_text",
    source="45 CFR 164.514(b)(2)",
    names=(
        "snippet|comment|description|narrative|text|message|memo|blob|transcription",
        "report|summary|title !date !type !occupation",
        "reason|cause",
        "$instruction",
        "stop|other|specify reason|text|specify",
        "=answer|response",
        "answer text|value",
        "study|series|protocol|requested|image comment|description|name",
    ),
    kinds=TEXTUAL,
    judge=_reads_like_text,
)
