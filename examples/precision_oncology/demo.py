"""Run the whole story on one lake, scene by scene."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lakeward.catalog.lake import Lake
from lakeward.gateway.service import open_gateway
from precision_oncology.demo_lake import check_place, make_demo_lake
from precision_oncology.generator.hazards import SEED
from precision_oncology.generator.hospital import generate
from precision_oncology.intake import Intake, read_delivery
from precision_oncology.layers.workshop import open_workshop
from precision_oncology.layout import find_files
from precision_oncology.pipeline import build
from precision_oncology.scenes.asked import four_answers, refused
from precision_oncology.scenes.contracted import kept_out
from precision_oncology.scenes.fused import fused
from precision_oncology.scenes.ingested import ingested, tagged
from precision_oncology.scenes.scene import Scene
from precision_oncology.scenes.traced import audited, traced

RAW: Final = "raw"


@dataclass(frozen=True, slots=True)
class Demo:
    """What to run the story on.

    Attributes:
        lake: The folder of the lake; made anew when the demo made it before.
        data: The folder of real files; None to generate a hospital.
        seed: The seed of the generated hospital.
    """

    lake: Path
    data: Path | None = None
    seed: int = SEED

    @property
    def told(self) -> str:
        """Say where the data comes from, as the story tells it."""
        return f"synthetic data (seed {self.seed})" if self.data is None else str(self.data)


def tell(demo: Demo, progress: Callable[[str], None] = lambda _: None) -> Iterator[Scene]:
    """Build the lake and tell the story.

    Raises:
        NotADemoLakeError: The lake's folder holds something else; nothing was changed.
        BadFileError: A raw file cannot be read; nothing was changed.
    """
    check_place(demo.lake)
    progress("reading the files")
    lake, intake = _open(demo)
    try:
        with open_gateway(lake) as gateway:
            built = build(open_workshop(lake, gateway, progress), intake)
            yield ingested(intake, demo.told)
            yield tagged(lake)
            yield four_answers(gateway)
            yield refused(gateway)
            yield kept_out(lake, gateway, built.deliveries)
            yield fused(gateway)
            yield traced(lake)
            yield audited(lake)
    finally:
        lake.close()


def _open(demo: Demo) -> tuple[Lake, Intake]:
    """Read everything first, then make the lake: a bad file leaves an earlier demo lake as it was."""
    if demo.data is not None:
        intake = read_delivery(find_files(demo.data))
        return make_demo_lake(demo.lake), intake
    lake = make_demo_lake(demo.lake)
    generate(demo.lake / RAW, seed=demo.seed)
    return lake, read_delivery(find_files(demo.lake / RAW))


__all__ = ["Demo", "tell"]
