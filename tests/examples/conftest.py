"""One generated hospital and the real files, for all tests of the example."""

from pathlib import Path

import pytest

pytest.importorskip("cyvcf2")
pytest.importorskip("pydicom")
pytest.importorskip("skimage")

REAL = Path(__file__).parents[3] / "shared" / "data" / "multimodal"


@pytest.fixture(scope="session")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the generated hospital once; tests that change files copy it."""
    from precision_oncology.generator.hospital import generate

    folder = tmp_path_factory.mktemp("hospital")
    generate(folder)
    return folder


@pytest.fixture(scope="session")
def real() -> Path:
    if not REAL.is_dir():
        pytest.skip("the real files are not beside the repository")
    return REAL
