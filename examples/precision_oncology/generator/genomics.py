"""A bgzip VCF of thirty samples, written by cyvcf2."""

from pathlib import Path
from typing import Final

import cyvcf2
import numpy as np

from precision_oncology.generator.hazards import SEQUENCED, VARIANTS

SAMPLES: Final = tuple(f"S{number:03d}" for number in range(SEQUENCED))
_HEAD: Final = """##fileformat=VCFv4.2
##contig=<ID=22,length=51304566,assembly=GRCh37>
##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
"""
_COLUMNS: Final = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"
_SPAN: Final = (16_050_000, 51_000_000)


def write_vcf(path: Path, rng: np.random.Generator) -> None:
    """Write the variants in order of position; record 100 is multi-allelic, record 101 holds a half call."""
    path.parent.mkdir(parents=True)
    writer = cyvcf2.Writer.from_string(str(path), _HEAD + _COLUMNS + "\t".join(SAMPLES) + "\n", mode="wz")
    positions = np.sort(rng.choice(np.arange(*_SPAN), VARIANTS, replace=False))
    frequencies = rng.beta(0.3, 1.5, VARIANTS)
    for index, (position, frequency) in enumerate(zip(positions, frequencies, strict=True)):
        writer.write_record(writer.variant_from_string(_record(index, int(position), float(frequency), rng)))
    writer.close()


def _record(index: int, position: int, frequency: float, rng: np.random.Generator) -> str:
    ref, *others = (str(base) for base in rng.permutation(list("ACGT")))
    alleles = rng.binomial(1, frequency, (SEQUENCED, 2))
    missing = rng.random(SEQUENCED) < 0.01  # noqa: PLR2004  # one genotype in a hundred
    calls = ["./." if gone else f"{one}|{two}" for (one, two), gone in zip(alleles, missing, strict=True)]
    alt, rates = others[0], f"{frequency:.4f}"
    if index == 100:  # noqa: PLR2004  # planted
        alt, rates, calls[0] = ",".join(others[:2]), f"{frequency:.4f},0.0100", "1/2"
    if index == 101:  # noqa: PLR2004  # planted
        calls[0] = "./1"
    return f"22\t{position}\t.\t{ref}\t{alt}\t100\tPASS\tAF={rates}\tGT\t" + "\t".join(calls)
