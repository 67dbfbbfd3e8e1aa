"""What came in, what was left out, and what of it is tagged."""

from collections import Counter

from lakeward.catalog.lake import Lake
from lakeward.catalog.tables import list_tables
from precision_oncology.intake import Intake
from precision_oncology.layout import Layout
from precision_oncology.scenes.scene import Grid, Scene, Words
from precision_oncology.steps.inventory import inventory_rows

_SHOWN_FILES = 3


def ingested(intake: Intake, told: str) -> Scene:
    """Show modalities with counts, and the files behind them with origin and fingerprint."""
    modalities = [
        (r["modality"], r["rows"], r["files"], r["origin"], r["reason_absent"] or "")
        for r in inventory_rows(intake)
    ]
    reasons = Counter((each.raw.modality, each.reason) for each in intake.rejected)
    return Scene(
        "What came in",
        (
            Words(
                f"From {told}. A folder that is not there is a missing modality; nothing is invented for it."
            ),
            Grid("Modalities", ("modality", "rows", "files", "origin", "absent because"), tuple(modalities)),
            Grid(
                "Raw files", ("file", "modality", "origin", "source", "sha256"), tuple(_files(intake.layout))
            ),
            *(
                [
                    Grid(
                        "Left out",
                        ("modality", "reason", "count"),
                        tuple((*key, n) for key, n in reasons.items()),
                    )
                ]
                if reasons
                else []
            ),
        ),
    )


def tagged(lake: Lake) -> Scene:
    """Show how many columns of each table bear a tag, and which do not."""
    rows, hidden = [], []
    for summary in list_tables(lake):
        table = lake.pin(summary.name)
        classified = [column for column in table.columns if column.is_classified]
        hidden += [f"{summary.name}.{c.name}" for c in table.columns if not c.is_classified]
        axes = sorted(
            {tag for column in classified for tag in column.tags if tag.startswith(("phi.", "genomic"))}
        )
        rows.append((str(summary.name), f"{len(classified)}/{len(table.columns)}", ", ".join(axes)))
    late = (
        f"Unclassified, so hidden from everyone: {', '.join(hidden)}."
        if hidden
        else "Nothing is unclassified."
    )
    return Scene(
        "What was tagged",
        (
            Words("A write is one Iceberg commit of data, schema and tags; what nobody tagged, nobody sees."),
            Grid("Tables", ("table", "tagged", "identifiers and genomes"), tuple(rows)),
            Words(late),
        ),
    )


def _files(layout: Layout) -> list[tuple[str, ...]]:
    shown: list[tuple[str, ...]] = []
    groups: Counter[tuple[str, str]] = Counter()
    for raw in layout.objects:
        group = (raw.modality, raw.source_system)
        groups[group] += 1
        if groups[group] <= _SHOWN_FILES:
            shown.append((raw.path.name, raw.modality, raw.origin, raw.source_system, raw.sha256[:12]))
    more = [(f"... {n - _SHOWN_FILES} more", *group) for group, n in groups.items() if n > _SHOWN_FILES]
    return shown + [(name, modality, "", source, "") for name, modality, source in more]
