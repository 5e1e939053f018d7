"""Labelled images, as every part of `digitrec.learning` hands them on.

Images stay uint8, 0 background to 255 full ink, until `scale_pixels` makes a network's input of them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import DatasetError
from digitrec.training_rows import NOT_A_DIGIT


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled images.

    Attributes:
        images: Shape (n, 28, 28), uint8, 0 background to 255 full ink.
        labels: Shape (n,), uint8, 0 to 9, or `NOT_A_DIGIT`.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        """Refuse anything but matching uint8 arrays: pixels scaled twice, or never, are MNIST's classic mistake."""
        if self.images.dtype != np.uint8 or self.images.shape != (len(self.labels), 28, 28):
            raise DatasetError(
                f"images are {self.images.dtype} {self.images.shape} for {len(self.labels)} labels; pass uint8 0-255"
                " of shape (n, 28, 28), unscaled"
            )
        if self.labels.dtype != np.uint8 or (self.labels > NOT_A_DIGIT).any():
            raise DatasetError(
                f"labels must be uint8 from 0 to 9, or {NOT_A_DIGIT} for non-digits; these are {self.labels.dtype}"
                + (f" up to {self.labels.max()}" if self.labels.size else "")
            )

    def __len__(self) -> int:
        """How many images."""
        return len(self.labels)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp] | slice) -> "Examples":
        """The chosen rows, in that order."""
        return Examples(self.images[rows], self.labels[rows])


def scale_pixels(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Scale pixels to the range that networks are trained on and served with.

    The only place where training, evaluation and export scale pixels. Serving scales in `digitrec.ink`, to the same
    numbers.

    Args:
        images: Any shape, uint8, 0 to 255.

    Returns:
        The same shape, float32, 0 to 1.

    Raises:
        TypeError: They are scaled already, or of another dtype.
    """
    if images.dtype != np.uint8:
        raise TypeError(f"images are {images.dtype}; pass them unscaled, uint8 0-255")
    return np.multiply(images, np.float32(1 / 255), dtype=np.float32)
