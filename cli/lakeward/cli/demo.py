"""`lakeward demo`: the story of the example, told on the terminal."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakeward.catalog.errors import UnavailableError
from lakeward.cli.options import with_output
from lakeward.cli.output import Output, TableOutput

if TYPE_CHECKING:
    from precision_oncology.demo import Demo
    from precision_oncology.scenes.scene import Scene

NEEDED = ("cyvcf2", "pydicom", "skimage", "numpy")
SEED = 7
LAKE = "demo-lake"


class MissingExtraError(UnavailableError):
    """The readers of the example are not installed."""

    code = "missing-extra"

    def __init__(self, missing: str) -> None:
        super().__init__(
            f"The demo reads VCF and DICOM files, and {missing} is not installed.",
            hint="Install the extra: pip install 'lakeward[example]'.",
        )


@click.command("demo", epilog="Example: lakeward demo --lake my-demo")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Real files to tell the story with; by default a hospital is generated.",
)
@click.option(
    "--lake",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    default=LAKE,
    show_default=True,
    help="Where the lake is made; an earlier demo's lake is replaced, anything else is left alone.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=SEED, show_default=True, help="Of the generated hospital."
)
@with_output
def demo(*, data: Path | None, lake: Path, seed: int, output: Output) -> None:
    """Tell the whole story on a small lake.

    Raw VCF, DICOM, FHIR, notes and glucose readings become governed tables and the inputs of a fusion model;
    four principals ask the same question, a contract keeps a bad batch out, lineage leads back to the raw
    bytes.
    """
    _require_readers()
    from precision_oncology.demo import Demo

    told = _told(Demo(lake=lake.absolute(), data=data.absolute() if data else None, seed=seed), output)
    if isinstance(output, TableOutput):
        from lakeward.cli.stage import Stage

        stage = Stage()
        for scene in told:
            stage.show(scene)
        stage.close(lake)
    else:
        from lakeward.cli.stage import text_lines

        output.rows("demo", ("scene", "part", "text"), (line for scene in told for line in text_lines(scene)))


def _require_readers() -> None:
    for module in NEEDED:
        if find_spec(module) is None:
            raise MissingExtraError(module)


def _told(story: "Demo", output: Output) -> Iterator["Scene"]:
    from precision_oncology.demo import tell

    with output.progress("Building the lake") as advance:
        scenes = tell(story, lambda _: advance(1))
        first = next(scenes)
    yield first
    yield from scenes
