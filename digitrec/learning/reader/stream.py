"""Scenes as they are trained on: composed in processes of their own, each by seed, epoch and number alone."""

import multiprocessing
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import DatasetError
from digitrec.learning.data.mnist import data_dir
from digitrec.learning.reader.cells import Photo, read_photos
from digitrec.learning.reader.config import ReaderConfig
from digitrec.learning.reader.page import SIDE, Scene
from digitrec.learning.reader.photos import photographed
from digitrec.learning.reader.scenes import compose
from digitrec.learning.reader.sources import Sources, load_sources
from digitrec.learning.reader.targets import CHANNELS, STRIDE, targets_of

Batch = tuple[NDArray[np.uint8], NDArray[np.float32]]
"""Pictures (b, SIDE, SIDE) and targets (b, SIDE / STRIDE, SIDE / STRIDE, CHANNELS)."""

VALIDATION_STREAM = 1_000_000_007
"""An epoch that no run reaches: validation's scenes are of this one."""

AHEAD = 4
"""Batches that are composed ahead of the one that is trained on, for each worker."""


class Composer:
    """Composes the scenes of a part, synthetic ones and cuts of photographs, mixed."""

    def __init__(self, part: str, config: ReaderConfig) -> None:
        """Read and draw what scenes are composed of.

        Raises:
            DatasetError: There are no pen digits.
        """
        self.config = config
        few = max(1, config.clutter // (1 if part == "train" else 5))
        self.sources: Sources = load_sources(part, seed=config.seed, clutter=few)
        folder = data_dir()
        self.photos: list[Photo] = read_photos(folder, part) if folder else []

    def scene(self, *stream: int) -> Scene:
        """The scene of these numbers, and of the configuration's seed."""
        rng = np.random.default_rng([self.config.seed, *stream])
        if self.photos and rng.random() < self.config.photographs:
            return photographed(self.photos, rng)
        return compose(self.sources, rng)

    def batch(self, epoch: int, index: int) -> Batch:
        """One batch of training."""
        scenes = [self.scene(epoch, index, number) for number in range(self.config.batch_size)]
        return np.stack([scene.picture for scene in scenes]), np.stack([targets_of(scene) for scene in scenes])


def compose_validation(config: ReaderConfig) -> list[Scene]:
    """Compose the scenes that a run is validated on.

    Raises:
        DatasetError: There is nothing to compose them of.
    """
    composer = Composer("validation", config)
    return [composer.scene(VALIDATION_STREAM, number) for number in range(config.validation_scenes)]


_composer: Composer | None = None
"""Of a worker process."""


def _start(config: ReaderConfig) -> None:
    global _composer
    _composer = Composer("train", config)


def _batch(epoch: int, index: int) -> Batch:
    if _composer is None:
        raise DatasetError("this process was not started as a composer of scenes")
    return _composer.batch(epoch, index)


class SceneStream:
    """The batches of each epoch, in order, composed ahead in other processes. Close it when done."""

    def __init__(self, config: ReaderConfig) -> None:
        """Start the processes; they need a minute before the first batch."""
        self.config, self.epoch = config, 0
        # A fork of a process in which TensorFlow runs may hang.
        context = multiprocessing.get_context("spawn")
        self._workers = ProcessPoolExecutor(config.workers, context, _start, (config,))

    def start_epoch(self, epoch: int) -> None:
        """Choose the epoch whose batches come next."""
        self.epoch = epoch

    def batches(self) -> Iterator[Batch]:
        """The batches of the epoch."""
        waiting: deque[Future[Batch]] = deque()
        for index in range(self.config.steps):
            while len(waiting) < AHEAD * self.config.workers and index + len(waiting) < self.config.steps:
                waiting.append(self._workers.submit(_batch, self.epoch, index + len(waiting)))
            yield waiting.popleft().result()

    def close(self) -> None:
        """End the processes."""
        self._workers.shutdown(wait=True, cancel_futures=True)

    def make_fit_input(self) -> Any:
        """What to hand to `fit`: a `tf.data.Dataset` of one epoch, or on other backends a generator of all."""
        import keras

        if keras.backend.backend() != "tensorflow":
            return self._forever()
        import tensorflow as tf

        from digitrec.learning.batches import without_autotune

        cells = SIDE // STRIDE
        signature = (
            tf.TensorSpec((None, SIDE, SIDE), tf.uint8),
            tf.TensorSpec((None, cells, cells, CHANNELS), tf.float32),
        )
        dataset = tf.data.Dataset.from_generator(self.batches, output_signature=signature)
        dataset = dataset.apply(tf.data.experimental.assert_cardinality(self.config.steps)).prefetch(2)
        return without_autotune(dataset)

    def _forever(self) -> Iterator[Batch]:
        while True:
            yield from self.batches()
