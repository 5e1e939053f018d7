"""The split into training and validation: the same share of each label, decided by a seed."""

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples
from digitrec.training_rows import NOT_A_DIGIT

_SPLIT_STREAM = 1  # each use of the seed draws from a random stream of its own


def split_stratified(examples: Examples, fraction: float, seed: int) -> tuple[Examples, Examples]:
    """Cut a validation set out of training data, the same share of each label.

    Args:
        examples: What to split.
        fraction: Share that goes to validation, above 0 and below 1; at least one image of each label present.
        seed: The same seed makes the same split of the same data.

    Returns:
        Training and validation examples, with no image in both as long as none is in `examples` twice.

    Raises:
        DatasetError: A label has too few images to be in both parts.
    """
    chosen = validation_rows(examples, fraction, seed)
    return examples.take(~chosen), examples.take(chosen)


def validation_rows(examples: Examples, fraction: float, seed: int) -> NDArray[np.bool_]:
    """Which examples `split_stratified` puts aside, shape (n,).

    Raises:
        DatasetError: A label has too few images to be in both parts.
    """
    rng = np.random.default_rng([seed, _SPLIT_STREAM])
    chosen = np.zeros(len(examples), bool)
    for label in np.unique(examples.labels):
        rows = np.flatnonzero(examples.labels == label)
        count = max(1, round(fraction * len(rows)))
        if count >= len(rows):
            what = f"digit {label}" if label != NOT_A_DIGIT else "the non-digits"
            raise DatasetError(
                f"{what} has {len(rows)} images: too few to put {fraction:g} of them aside for validation; add"
                " images of it or choose another validation fraction"
            )
        chosen[rng.permutation(rows)[:count]] = True
    return chosen
