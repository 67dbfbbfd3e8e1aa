"""A delivery of one kind only still makes a lake: the rest is empty, and said to be."""

import shutil
from pathlib import Path

import pytest

from precision_oncology.demo import Demo, tell
from precision_oncology.scenes.scene import Grid, Scene

pytestmark = pytest.mark.slow


def grids(scene: Scene) -> list[Grid]:
    return [part for part in scene.parts if isinstance(part, Grid)]


@pytest.mark.parametrize(
    ("folder", "present"),
    [
        ("ehr_synthea_fhir", {"records", "notes", "labs"}),
        ("genomics", {"genomics"}),
        ("wearables_json", {"wearables"}),
    ],
)
def test_story_of_one_kind(hospital: Path, tmp_path: Path, folder: str, present: set[str]) -> None:
    shutil.copytree(hospital / folder, tmp_path / "data" / folder)
    scenes = {scene.title: scene for scene in tell(Demo(lake=tmp_path / "lake", data=tmp_path / "data"))}
    inventory = grids(scenes["What came in"])[0].rows
    assert {str(row[0]) for row in inventory if row[1]} == present | {
        "imaging"
    }  # pydicom's own files stand in
    assert all(bool(row[4]) == (row[1] == 0) for row in inventory)
    verdicts = {row[2] for row in grids(scenes["A contract keeps a bad batch out"])[1].rows}
    assert "broken" not in verdicts
    assert "no data" in verdicts
    assert len(scenes) == 8
