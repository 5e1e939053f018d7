"""Batches for `fit`, in an order that follows from seed and epoch alone, so that a resumed run sees the same ones."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from digitrec.learning.data.examples import Examples, scale_pixels

Batch = tuple[NDArray[np.float32], NDArray[np.int32]]
ImageAugmentation = Callable[[NDArray[np.float32], np.random.Generator], NDArray[np.float32]]

_SHUFFLE_STREAM, _AUGMENT_STREAM = 3, 4  # each use of the seed draws from a random stream of its own


def scale_images(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Scale images (n, 28, 28), uint8 0-255, to a network's input, (n, 28, 28, 1) float32 0-1; see `scale_pixels`."""
    return scale_pixels(images[..., np.newaxis])


class Batches(keras.utils.PyDataset):
    """The training images in a new order each epoch, as (images (b, 28, 28, 1) float32 0-1, labels (b,) int32).

    The order follows from seed and epoch and from nothing else. The last batch of an epoch is dropped where it would
    be smaller than the others: a new shape makes the backends compile again, and the next epoch has other leftovers.
    """

    def __init__(
        self, examples: Examples, batch_size: int, seed: int, augmentation: ImageAugmentation | None = None
    ) -> None:
        """Take the examples, how many make a batch, the seed of the order, and what distorts images on the CPU."""
        super().__init__()
        self.examples, self.batch_size, self.seed, self.augmentation = examples, batch_size, seed, augmentation
        self.start_epoch(0)

    def start_epoch(self, epoch: int) -> None:
        """Choose the order of an epoch, counted from 0. A callback calls it before each epoch."""
        self.epoch = epoch
        self._order = np.random.default_rng([self.seed, _SHUFFLE_STREAM, epoch]).permutation(len(self.examples))

    def __len__(self) -> int:
        """Batches in an epoch."""
        return max(1, len(self.examples) // self.batch_size)

    def __getitem__(self, index: int) -> Batch:
        """One batch of the current epoch."""
        rows = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        images = scale_images(self.examples.images[rows])
        if self.augmentation is not None:
            images = self.augmentation(images, np.random.default_rng([self.seed, _AUGMENT_STREAM, self.epoch, index]))
        return images, self.examples.labels[rows].astype(np.int32)


def make_fit_input(batches: Batches) -> Any:
    """Make the input of `fit`: the batches themselves, or on TensorFlow a `tf.data.Dataset` that reads them.

    TensorFlow's autotuning of input pipelines makes `fit` return late: after each pass the iterator's teardown waits
    for the next tick of a timer that doubles from ten seconds. Keras switches it on for all it wraps itself; here it
    is off.
    """
    if keras.backend.backend() != "tensorflow":
        return batches
    import tensorflow as tf

    def one_epoch() -> Iterator[Batch]:
        return (batches[index] for index in range(len(batches)))

    signature = (tf.TensorSpec((None, 28, 28, 1), tf.float32), tf.TensorSpec((None,), tf.int32))
    dataset = tf.data.Dataset.from_generator(one_epoch, output_signature=signature)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(len(batches))).prefetch(2)
    return without_autotune(dataset)


def make_evaluation_input(examples: Examples, batch_size: int = 500) -> Any:
    """Make the input of validation, in the order of the examples; see `make_fit_input`."""
    images, labels = scale_images(examples.images), examples.labels.astype(np.int32)
    if keras.backend.backend() != "tensorflow":
        return _Arrays(images, labels, batch_size)
    import tensorflow as tf

    return without_autotune(tf.data.Dataset.from_tensor_slices((images, labels)).batch(batch_size))


def without_autotune(dataset: Any) -> Any:
    """A `tf.data.Dataset` as it is, but without autotuning, and always in the same order; see `make_fit_input`."""
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    options.deterministic = True
    return dataset.with_options(options)


class _Arrays(keras.utils.PyDataset):
    """Arrays, cut into batches in their own order."""

    def __init__(self, images: NDArray[np.float32], labels: NDArray[np.int32], batch_size: int) -> None:
        super().__init__()
        self.images, self.labels, self.batch_size = images, labels, batch_size

    def __len__(self) -> int:
        return -(-len(self.labels) // self.batch_size)

    def __getitem__(self, index: int) -> Batch:
        rows = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return self.images[rows], self.labels[rows]
