"""A linear association test of each variant with one trait, adjusted for covariates."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from precision_oncology.readers.traits import Traits
from precision_oncology.steps.genomics import dosage_matrix

Numbers = npt.NDArray[np.float64]
Row = dict[str, Any]


def associations(genotypes: pa.Table, covariates: Traits, phenotypes: Traits) -> list[Row]:
    """Test every variant with the first trait, over the samples that all three know.

    Covariates are projected out of trait and dosage (QR): slope and error are those of fitting them.
    """
    samples, variants, dosage = dosage_matrix(genotypes)
    shared = [
        index for index, name in enumerate(samples) if name in covariates.rows and name in phenotypes.rows
    ]
    if not shared:
        return []
    names = [samples[index] for index in shared]
    confounders = np.array([covariates.rows[name] for name in names])
    trait = np.array([phenotypes.rows[name][0] for name in names])
    base = np.linalg.qr(np.column_stack([np.ones(len(names)), confounders]))[0]
    return [
        {"variant_key": variant, "trait": phenotypes.names[0], **_test(trait, dosage[shared, index], base)}
        for index, variant in enumerate(variants)
    ]


def _test(trait: Numbers, dosage: Numbers, base: Numbers) -> Row:
    from scipy.stats import t as student  # type: ignore[import-untyped]  # noqa: PLC0415  # slow to import

    filled = np.where(np.isnan(dosage), np.nanmean(dosage), dosage)
    own, other = _without(filled, base), _without(trait, base)
    freedom = len(trait) - base.shape[1] - 1
    power = float(own @ own)
    if power < 1e-9 or freedom < 1:  # noqa: PLR2004  # nobody varies: there is nothing to test
        return {"n": len(trait), "beta": None, "se": None, "p": None}
    beta = float(own @ other) / power
    error = float(np.sqrt(((other - beta * own) ** 2).sum() / freedom / power))
    return {
        "n": len(trait),
        "beta": beta,
        "se": error,
        "p": float(2 * student.sf(abs(beta / error), freedom)),
    }


def _without(values: Numbers, base: Numbers) -> Numbers:
    """Take out what the covariates explain."""
    rest: Numbers = values - base @ (base.T @ values)
    return rest
