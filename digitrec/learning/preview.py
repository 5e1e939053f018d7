"""A picture of training images before and after augmentation."""

from pathlib import Path

import keras
import numpy as np
from PIL import Image

from digitrec.learning.batches import Batches
from digitrec.learning.config import TrainConfig
from digitrec.learning.data.examples import Examples
from digitrec.learning.recipe import build_augmentation_layers, build_cpu_augmentation
from digitrec.learning.trainer import make_deterministic

COLUMNS, SCALE, GAP = 12, 3, 2
SIDE = 28 * SCALE + GAP
WIDTH = COLUMNS * SIDE + GAP


def draw_augmentation_preview(config: TrainConfig, train: Examples) -> Image.Image:
    """Draw a batch before and after augmentation: each second row shows the images above it as the network sees them.

    Args:
        config: Names the augmentation, its amounts and the seed.
        train: The images that batches are drawn from.
    """
    make_deterministic(config.seed)
    batches = Batches(train, 4 * COLUMNS, config.seed)
    before, _ = batches[0]
    on_cpu = build_cpu_augmentation(config)
    after = before if on_cpu is None else on_cpu(before, np.random.default_rng(config.seed))
    for layer in build_augmentation_layers(config):
        after = keras.ops.convert_to_numpy(layer(after, training=True))
    rows = [np.stack([before, after], 1)[i : i + COLUMNS] for i in range(0, len(before), COLUMNS)]
    sheet = Image.new("L", (WIDTH, 2 * len(rows) * SIDE + GAP), 128)
    for row, pairs in enumerate(rows):
        for column, pair in enumerate(pairs):
            for half, image in enumerate(pair):
                tile = Image.fromarray((255 * (1 - image[..., 0])).round().astype(np.uint8))
                place = (GAP + column * SIDE, GAP + (2 * row + half) * SIDE)
                sheet.paste(tile.resize((28 * SCALE, 28 * SCALE), Image.Resampling.NEAREST), place)
    return sheet


def is_augmentation_preview(path: Path) -> bool:
    """Whether a file is a picture of the kind and the size that `draw_augmentation_preview` draws."""
    try:
        with Image.open(path) as picture:
            kind, (width, height) = (picture.format, picture.mode), picture.size
    except (OSError, ValueError, Image.DecompressionBombError):
        return False
    return kind == ("PNG", "L") and width == WIDTH and height % (2 * SIDE) == GAP
