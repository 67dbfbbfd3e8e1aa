"""Where one input of the fusion model came from, down to the bytes of the raw files; and the audit chain."""

from collections import Counter

from lakeward.catalog.lake import Lake

from precision_oncology.scenes.scene import Grid, Scene, Words


def audited(lake: Lake) -> Scene:
    """Verify the audit chain and count what it holds."""
    verification = lake.audit.verify()
    kinds = Counter(record.kind for record in lake.audit.records())
    return Scene(
        "The audit chain",
        (
            Words(f"Verified: {verification}"),
            Grid("Records", ("kind", "count"), tuple(sorted(kinds.items()))),
        ),
    )
