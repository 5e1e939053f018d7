"""Small labelled images made on the spot, for tests that train: each digit is a bar at a height of its own."""

import numpy as np

from digitrec.learning.config import TrainConfig
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.split import split_stratified
from digitrec.learning.data.training_data import TrainingData
from digitrec.training_rows import CSV_COLUMNS


def bars(count: int, seed: int = 0) -> Examples:
    rng = np.random.default_rng(seed)
    labels = (np.arange(count) % 10).astype(np.uint8)
    images = rng.integers(0, 30, (count, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4 + 2 * label : 6 + 2 * label, 4:24] = rng.integers(200, 256)
    return Examples(images, labels)


def bars_to_train_on(count: int = 200, seed: int = 0) -> TrainingData:
    return TrainingData(*split_stratified(bars(count, seed), 0.2, seed), sources={"bars": count})


def small_config(**changes) -> TrainConfig:
    """A configuration whose run takes seconds; with dropout, averaging and distortion, which a resume must restore."""
    settings = {"name": "small", "epochs": 3, "batch_size": 16, "width": 4, "ema_momentum": 0.9, "warmup_epochs": 0.5}
    settings["depth"] = 1  # TensorFlow takes most of the time to build its graph, layer by layer
    return TrainConfig(**{**settings, **changes})


def write_csv(path, rows, header=None):
    lines = [",".join(header or CSV_COLUMNS), *(",".join(str(cell) for cell in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def rows_of(examples: Examples) -> list[list[int]]:
    return [[int(y), *x.ravel().tolist()] for x, y in zip(examples.images, examples.labels, strict=True)]
