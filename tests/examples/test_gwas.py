"""The association test: an honest null on the panel, and a planted effect that it finds."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from precision_oncology.errors import BadFileError
from precision_oncology.intake import Intake, read_delivery
from precision_oncology.layout import find_files
from precision_oncology.readers.traits import Traits, read_traits
from precision_oncology.steps.gwas import associations


@pytest.fixture(scope="module")
def intake(real: Path) -> Intake:
    return read_delivery(find_files(real))


def panel(intake: Intake) -> pa.Table:
    table = next(each.data for each in intake.landings if each.spec.name == "bronze.genomics_genotypes")
    return table.filter(pc.equal(table["panel"], "population"))


def test_panel_gives_an_honest_null(intake: Intake) -> None:
    assert intake.traits is not None
    rows = associations(panel(intake), intake.traits.covariates, intake.traits.phenotypes)
    assert len(rows) == 13
    assert {row["n"] for row in rows} == {2_504}
    assert min(row["p"] for row in rows) == pytest.approx(0.165, abs=0.001)


def test_planted_effect_becomes_the_top_hit(intake: Intake) -> None:
    assert intake.traits is not None
    table, traits = panel(intake), intake.traits.phenotypes
    key = "GRCh37:22:16050213:C:T"
    dosage = {r["sample_id"]: r["dosage"] for r in table.to_pylist() if r["variant_key"] == key}
    spread = np.std([row[0] for row in traits.rows.values()], ddof=1)
    planted = {name: (row[0] + 0.5 * spread * dosage[name], *row[1:]) for name, row in traits.rows.items()}
    rows = associations(table, intake.traits.covariates, Traits(traits.names, planted))
    first, second = sorted(rows, key=lambda row: row["p"])[:2]
    assert first["variant_key"] == key
    assert first["p"] == pytest.approx(3.4e-5, rel=0.02)
    assert second["p"] == pytest.approx(0.169, abs=0.001)


def test_variant_that_nobody_varies_in_is_not_tested() -> None:
    samples = [f"s{i}" for i in range(6)]
    table = pa.table({"sample_id": samples, "variant_key": ["v"] * 6, "dosage": [0] * 6})
    traits = Traits(("t",), {name: (float(i),) for i, name in enumerate(samples)})
    assert associations(table, traits, traits) == [
        {"variant_key": "v", "trait": "t", "n": 6, "beta": None, "se": None, "p": None}
    ]


@pytest.mark.parametrize("text", ["id,t\n", "sample_id,t\ns1\n", "sample_id,t\ns1,x\n"])
def test_bad_traits_are_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x_covariates.csv"
    path.write_text(text)
    with pytest.raises(BadFileError, match=r"^x_covariates\.csv:\d"):
        read_traits(path)
