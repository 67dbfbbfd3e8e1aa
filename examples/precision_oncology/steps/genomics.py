"""Turn genotypes into a few numbers to each sample: burden, call rate and two principal components."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

COMPONENTS = 2
Row = dict[str, Any]
Numbers = npt.NDArray[np.float64]


def genomic_features(genotypes: pa.Table) -> list[Row]:
    """Count and project each sample; a principal component is still genomic data and keeps its tag.

    Args:
        genotypes: `sample_id`, `variant_key`, `dosage` (null when not called), one row to sample and variant.
    """
    if genotypes.num_rows == 0:
        return []
    samples, _, dosage = dosage_matrix(genotypes)
    called = ~np.isnan(dosage)
    components = _components(dosage)
    return [
        {
            "sample_id": sample,
            "burden": int(np.nansum(dosage[index])),
            "called": int(called[index].sum()),
            "call_rate": float(called[index].mean()),
            "pc1": float(components[index, 0]),
            "pc2": float(components[index, 1]),
        }
        for index, sample in enumerate(samples)
    ]


def dosage_matrix(genotypes: pa.Table) -> tuple[list[str], list[str], Numbers]:
    """Give samples in order of name, variants as they come, and the dosage of each; NaN is not called."""
    sample = genotypes["sample_id"].combine_chunks().dictionary_encode()
    variant = genotypes["variant_key"].combine_chunks().dictionary_encode()
    matrix = np.full((len(sample.dictionary), len(variant.dictionary)), np.nan)
    values = genotypes["dosage"].cast(pa.float64()).to_numpy(zero_copy_only=False)
    matrix[sample.indices.to_numpy(), variant.indices.to_numpy()] = values
    names: list[str] = sample.dictionary.to_pylist()
    order = sorted(range(len(names)), key=names.__getitem__)
    return [names[index] for index in order], variant.dictionary.to_pylist(), matrix[order]


def _components(dosage: Numbers) -> Numbers:
    """Project on principal components; the sign is fixed, so the same data gives the same numbers."""
    filled = np.where(np.isnan(dosage), 0.0, dosage)
    centred = filled - filled.mean(0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    scores = (left * values)[:, :COMPONENTS]
    scores = np.pad(scores, ((0, 0), (0, COMPONENTS - scores.shape[1])))
    signs = np.sign(scores[np.abs(scores).argmax(0), range(COMPONENTS)])
    return np.round(scores * np.where(signs == 0, 1, signs), 6)
