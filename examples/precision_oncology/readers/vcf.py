"""VCF with cyvcf2: variants, and one dosage per sample.

Dosage counts any non-reference allele, so 1/2 gives 2; a half call is null. `gt_types` would say 1 and 1.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cyvcf2
import numpy as np
import pyarrow as pa

from precision_oncology.errors import BadFileError
from precision_oncology.readers.native_stderr import native_stderr_kept
from precision_oncology.readers.objects import RawObject
from precision_oncology.tables.bronze import GENOMICS_GENOTYPES, GENOMICS_VARIANTS

_BGZF_END: Final = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_BGZF_MARK: Final = b"BC\x02\x00"
_BUILDS: Final = {
    "GRCh37": re.compile(r"hs37|b37|GRCh37|hg19|human_g1k_v37|assembly=\"?b37", re.IGNORECASE),
    "GRCh38": re.compile(r"GRCh38|hg38|hs38", re.IGNORECASE),
}
Record = Any  # cyvcf2 has no types
MOST_GENOTYPES: Final = 40_000_000  # this example reads a file into memory
_LENGTHS: Final = {"51304566": "GRCh37", "249250621": "GRCh37", "50818468": "GRCh38", "248956422": "GRCh38"}


@dataclass(frozen=True, slots=True)
class VcfContent:
    """One VCF file: its samples in file order and its two tables."""

    raw: RawObject
    build: str
    panel: str
    samples: tuple[str, ...]
    variants: pa.Table
    genotypes: pa.Table


@dataclass(slots=True)
class _Rows:
    variants: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    doses: list[np.ma.MaskedArray[Any, Any]] = field(default_factory=list)


def read_vcf(raw: RawObject, *, declared_build: str | None = None, cohort_up_to: int = 0) -> VcfContent:
    """Read a VCF file, plain, gzip or bgzip; no index is needed.

    Args:
        raw: The file.
        declared_build: The build to use when the header does not tell one.
        cohort_up_to: With more samples than this the file is a `population` panel, else the `cohort`'s own.

    Raises:
        BadFileError: It is cut short, not a VCF, or a record cannot be parsed.
    """
    _refuse_cut_short(raw.path)
    rows = _Rows()
    with native_stderr_kept():
        try:
            vcf = cyvcf2.VCF(str(raw.path))
        except OSError:
            raise BadFileError(raw.path, "not a VCF file") from None
        build = build_of(vcf.raw_header) or declared_build or "unknown"
        samples = tuple(vcf.samples)
        panel = "cohort" if len(samples) <= cohort_up_to else "population"
        _collect(vcf, rows, build, raw.path, panel)
        vcf.close()
    if len(rows.keys) * len(samples) > MOST_GENOTYPES:
        raise BadFileError(raw.path, f"more than {MOST_GENOTYPES:,} genotypes, too many for this example")
    return VcfContent(
        raw, build, panel, samples, GENOMICS_VARIANTS.table(rows.variants), _genotypes(rows, samples, panel)
    )


def build_of(header: str) -> str | None:
    """Tell the reference build from `##reference` or from contig lines; None when the header is silent."""
    lines = [line for line in header.splitlines() if line.startswith(("##reference", "##contig"))]
    for line in lines:
        for build, pattern in _BUILDS.items():
            if pattern.search(line):
                return build
        length = re.search(r"length=(\d+)", line)
        if length and length[1] in _LENGTHS:
            return _LENGTHS[length[1]]
    return None


def _refuse_cut_short(path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(18)
        if not head:
            raise BadFileError(path, "the file is empty")
        stream.seek(-min(28, path.stat().st_size), 2)
        tail = stream.read()
    is_bgzip, is_plain = _BGZF_MARK in head, not head.startswith(b"\x1f\x8b")
    if (is_bgzip and tail != _BGZF_END) or (is_plain and not tail.endswith(b"\n")):
        raise BadFileError(path, "the file is cut short")


def _collect(vcf: Record, rows: _Rows, build: str, path: Path, panel: str) -> None:
    try:
        for record in vcf:
            row = _variant(record, build, panel)
            rows.variants.append(row)
            rows.keys.append(row["variant_key"])
            if vcf.samples:
                rows.doses.append(_dosage(record, len(vcf.samples)))
            if len(rows.keys) * len(vcf.samples) > MOST_GENOTYPES:
                break
    except Exception as error:  # noqa: BLE001  # cyvcf2 raises bare Exception; its text may hold a value
        read = (
            f"record {len(rows.variants) + 1} cannot be read: cut short or malformed ({type(error).__name__})"
        )
        raise BadFileError(path, read) from None


def _variant(record: Record, build: str, panel: str) -> dict[str, Any]:
    alt = ",".join(record.ALT)
    frequency = record.INFO.get("AF")
    return {
        "variant_key": f"{build}:{record.CHROM}:{record.POS}:{record.REF}:{alt}",
        "build": build, "chrom": record.CHROM, "pos": record.POS, "ref": record.REF, "alt": alt,
        "rsid": record.ID, "filter": record.FILTER, "af": _first(frequency), "panel": panel,
    }  # fmt: skip


def _first(value: object) -> float | None:
    first = value[0] if isinstance(value, tuple) else value
    return float(first) if isinstance(first, int | float) else None


def _dosage(record: Record, samples: int) -> np.ma.MaskedArray[Any, Any]:
    if "GT" not in record.FORMAT:
        return np.ma.array(np.zeros(samples, dtype="int32"), mask=np.ones(samples, dtype=bool))
    alleles = record.genotype.array()[:, :-1]  # the last column is phasing; -1 missing, -2 pad (haploid)
    return np.ma.array((alleles > 0).sum(1).astype("int32"), mask=(alleles == -1).any(1))


def _genotypes(rows: _Rows, samples: tuple[str, ...], panel: str) -> pa.Table:
    count = len(rows.doses)
    values = np.concatenate([each.filled(0) for each in rows.doses]) if count else np.array([], dtype="int32")
    unknown = (
        np.concatenate([np.ma.getmaskarray(each) for each in rows.doses]) if count else values.astype(bool)
    )
    columns = [
        pa.array(samples * count, pa.string()),
        pa.array(np.repeat(np.array(rows.keys, dtype=object), len(samples)) if count else [], pa.string()),
        pa.array(values, pa.int32(), mask=unknown),
        pa.array([panel] * len(values), pa.string()),
    ]
    return pa.table(columns, schema=GENOMICS_GENOTYPES.schema)
