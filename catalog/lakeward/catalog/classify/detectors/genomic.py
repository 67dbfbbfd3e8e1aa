"""Genomic data: by name, and by the shapes of variants, genotypes, positions and sequences."""

import re

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED, Kind

DETECTOR = Detector(
    name="genomic",
    title="Genomic data",
    finding="genomic",
    source="28 CFR 202.224; GDPR Art. 4(13)",
    names=(
        "variant|chromosome|allele|genotype|haplotype|hgvs|rsid|genome|karyotype|copynumber !build"
        " !reference",
        "gene !id|description",
        "allele|chromosome",
        "carrier status|screen|screening|test|result",
        "chromosome|start|end|genome position",
        "read count|depth|data|file !file",
        "ref|alt|tumor|normal count|depth|allele",
        "depth",
    ),
    kinds=MEASURED | {Kind.BINARY, Kind.NESTED},
    shape=re.compile(
        r"rs\d{3,12}|COSV?\d+|[ACGTN]{12,}|(NM|NP|NC|NG|ENST|ENSP)_?\d+(\.\d+)?(\([\w-]+\))?:[cgnpm]\..+"
        r"|[cgp]\.[\w*>_()=?+-]{3,}|[01.][/|][01.]|[ACGT][/|][ACGT]|chr([1-9]|1\d|2[0-2]|[XYM]|MT)(:\d+.*)?"
        r"|[0-9]{1,2}[pq]\d{1,2}(\.\d+)?|HLA-[A-Z0-9]+\*[\d:]+"
    ),
    rate=0.85,
    alone=0.88,
)
