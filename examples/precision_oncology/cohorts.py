"""Cohorts beside the hospital: read like it, kept in tables of their own, linked to nobody."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from precision_oncology.landing import Landing
from precision_oncology.layout import Layout
from precision_oncology.readers import omics, synthea_csv
from precision_oncology.readers.nodules import read_nodules
from precision_oncology.readers.objects import RawObject
from precision_oncology.readers.visits import read_visits
from precision_oncology.tables import cohorts
from precision_oncology.tables.spec import TableSpec

Row = dict[str, Any]
Reader = Callable[[Path], Iterable[Row]]


def read_cohorts(layout: Layout) -> tuple[Landing, ...]:
    """Read every cohort of a layout; one that is not there gives no table.

    Raises:
        BadFileError: A file cannot be read as what it claims to be.
    """
    return (
        *_csv_records(layout.csv_records),
        *_gathered(cohorts.VISIT_NOTES, layout.visits, read_visits),
        *_gathered(cohorts.OMICS_MATRIX, layout.omics, omics.read_matrix),
        *_gathered(cohorts.OMICS_CLINICAL, layout.omics_clinical, omics.read_clinical),
        *_nodules(layout.nodules),
    )


def _csv_records(objects: Iterable[RawObject]) -> list[Landing]:
    rows: dict[str, list[Row]] = defaultdict(list)
    sources: dict[str, list[RawObject]] = defaultdict(list)
    specs: dict[str, TableSpec] = {}
    for raw in objects:
        spec, found = synthea_csv.read_rows(raw.path)
        specs[spec.name] = spec
        rows[spec.name] += found
        sources[spec.name].append(raw)
    return [Landing(specs[name], specs[name].table(rows[name]), tuple(sources[name])) for name in specs]


def _gathered(spec: TableSpec, objects: tuple[RawObject, ...], read: Reader) -> list[Landing]:
    if not objects:
        return []
    return [Landing(spec, spec.table(row for raw in objects for row in read(raw.path)), objects)]


def _nodules(objects: tuple[RawObject, ...]) -> list[Landing]:
    if not objects:
        return []
    return [Landing(cohorts.NODULES, pa.concat_tables(read_nodules(raw.path) for raw in objects), objects)]
