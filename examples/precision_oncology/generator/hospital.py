"""Write the whole invented hospital into one folder."""

from pathlib import Path

import numpy as np

from precision_oncology.generator.ehr import write_ehr
from precision_oncology.generator.genomics import write_vcf
from precision_oncology.generator.hazards import SEED
from precision_oncology.generator.imaging import write_imaging
from precision_oncology.generator.people import invent_people
from precision_oncology.generator.registry import write_registry
from precision_oncology.generator.wearables import write_wearables
from precision_oncology.layout import SYNTHETIC_FILE


def generate(folder: Path, *, seed: int = SEED) -> None:
    """Write every file of the layout into an empty folder; each kind has its own stream of random numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    people_rng, ehr_rng, vcf_rng, ct_rng, cgm_rng = np.random.default_rng(seed).spawn(5)
    people = sorted(invent_people(people_rng), key=lambda person: person.patient_id)
    (folder / SYNTHETIC_FILE).write_text(f"seed {seed}\n", encoding="utf-8")
    write_ehr(folder / "ehr_synthea_fhir", people, ehr_rng)
    write_vcf(folder / "genomics" / "cohort.vcf.gz", vcf_rng)
    write_imaging(folder / "imaging", people, seed, ct_rng)
    write_wearables(folder / "wearables_json", cgm_rng)
    write_registry(folder / "registry", people)
