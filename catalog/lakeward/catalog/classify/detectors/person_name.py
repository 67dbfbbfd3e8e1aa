"""Names of persons: by the column's name, and by whole values that are made of given names and surnames."""

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import WORDS, Detector, Evidence
from lakeward.catalog.classify.kinds import TEXTUAL
from lakeward.catalog.classify.people import share_of_full_names, share_of_single_names

_ENOUGH, _MANY = 0.5, 0.6
_FEWEST = 4


def _made_of_names(column: Column, _table: TableContext) -> Evidence | None:
    sample = column.sample
    if sample is None or len(sample.texts) < _FEWEST:
        return None
    full = share_of_full_names(sample.texts)
    if full >= _ENOUGH:
        return Evidence("person_name", 0.9, WORDS, f"full names in {full:.0%} of {len(sample.texts)} values")
    single = share_of_single_names(sample.texts)
    if single >= _MANY and not sample.is_categorical:
        return Evidence("person_name", 0.75, WORDS, f"given or family names in {single:.0%} of values")
    return None


DETECTOR = Detector(
    name="person_name",
    title="Names of persons",
    finding="person_name",
    source="45 CFR 164.514(b)(2)(i)(A)",
    names=(
        "@person $name|family|given|middle|maiden|first|last|initial !count",
        "@person name family|given|first|last|middle|text|prefix|suffix|maiden",
        "given !@thing !date !time !dose !drug !by",
        "maiden",
        "first|last|middle|full|birth|legal|preferred|complete $name !@thing !@org !event",
        "$family !history !member",
        "name family|text|first|last|middle|maiden|human",
        "name prefix|suffix|full",
        "=alias|initial|middle|fullname",
        "alias|fullname|initial !visit !age !initial !@thing",
        "=first",
        "=last",
        "employer name",
        "=name birth|use",
        "=employer",
        "employer",
        "$by_name",
    ),
    hints=("=name", "=prefix", "=suffix", "=name person"),
    kinds=TEXTUAL,
    judge=_made_of_names,
)
