"""What the generator plants, and how often: the figures that the tests count again."""

from typing import Final

SEED: Final = 7
PATIENTS: Final = 40
SEQUENCED: Final = 30  # the first 30 patients
VARIANTS: Final = 2_000
SCANNED: Final = 24  # the last 24 patients
MONITORED: Final = 20  # the last 20 patients
MONITORED_DAYS: Final = 7
NOTES: Final = 400
PATIENTS_WITHOUT_NOTES: Final = 4

PLANTED: Final = {
    "zip-00000": 1,
    "person-over-89": 1,
    "apostrophe-in-name": 1,
    "non-ascii-name": 1,
    "shared-name": 2,
    "mrn-equals-patient-id": 1,
    "ssn-and-relative-in-note": 1,
    "note-without-date": 1,
    "glucose-in-mmol": 3,
    "multi-allelic-variant": 1,
    "half-called-genotype": 1,
    "ct-without-kernel": 1,
    "thick-ct": 1,
    "ct-with-private-tags": 1,
    "repeated-sop-instance": 1,
    "truncated-dicom": 1,
    "not-dicom": 1,
    "replayed-batch": 1,
    "out-of-range-reading": 1,
    "revoked-consent": 1,
    "xref-conflict": 1,
    "xref-orphan": 1,
}
