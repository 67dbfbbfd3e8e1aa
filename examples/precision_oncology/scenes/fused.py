"""The inputs of the fusion model: who is in, and which modalities each brings."""

from collections import Counter

from lakeward.gateway.service import Gateway
from precision_oncology.scenes.scene import Grid, Scene, Words

MASKS = ("genomics", "imaging", "notes", "wearables", "labs")


def fused(gateway: Gateway) -> Scene:
    """Count the rows of each presence pattern, and name the snapshot behind each modality."""
    session = gateway.session("lin", "model-training")
    rows = gateway.execute(session, "SELECT * FROM fusion.inputs").table().to_pylist()
    patterns = Counter(tuple(row[f"has_{name}"] for name in MASKS) for row in rows)
    lines = [
        (*("yes" if here else "-" for here in pattern), count) for pattern, count in patterns.most_common()
    ]
    snapshots = {name: rows[0][f"snapshot_{name}"] for name in MASKS} if rows else {}
    return Scene(
        "What the fusion model is given",
        (
            Words(
                f"{len(rows)} patients with two modalities or more, each only where its person agreed to "
                "model training. A missing modality is a presence mask, never a made-up number."
            ),
            Grid("Presence masks", (*MASKS, "patients"), tuple(lines)),
            Grid("Snapshot behind each modality", ("modality", "snapshot"), tuple(snapshots.items())),
        ),
    )
