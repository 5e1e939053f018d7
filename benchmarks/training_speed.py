"""Training speed, images/s: plain fit, our augmentation, ImageDataGenerator; the same network, data and batch size."""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.command import parse_flags, report
from benchmarks.rounds import measure_in_rounds
from benchmarks.tables import Goal, Row, Table

if TYPE_CHECKING:
    from digitrec.learning.config import TrainConfig
    from digitrec.learning.data.examples import Examples

PLAIN = "plain fit(x, y)"
LAYERS = "trainer, our layer"
GENERATOR = "trainer, ImageDataGenerator"
NONE = "trainer, no distortion"
GOALS = {LAYERS: (Goal(0.85, at_least=True), Goal(2, at_least=True, than=GENERATOR))}

STEPS_NOT_COUNTED = 5
"""The first steps of each fit also start the input pipeline, and fill the buffer behind which the others wait."""


@dataclass(frozen=True)
class Candidate:
    """A compiled model, and how one epoch of it is trained.

    Attributes:
        model: The compiled Keras model.
        data: Makes what `fit` reads: its positional arguments.
        options: Its further arguments.
    """

    model: Any
    data: Callable[[], tuple[Any, ...]]
    options: dict[str, Any]


@dataclass(frozen=True)
class Turn:
    """What one fit took.

    Attributes:
        step: Median seconds from the end of one step to the end of the next.
        whole: Seconds until fit returned.
    """

    step: float
    whole: float


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark. Returns the exit status: 0 done, 1 impossible."""
    flags = parse_flags("training_speed", __doc__, argv, rounds=15, quick_rounds=1)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    if keras.backend.backend() != "tensorflow":
        print("error: ImageDataGenerator is a part of TensorFlow; set KERAS_BACKEND=tensorflow", file=sys.stderr)
        return 1
    from digitrec.learning.config import TrainConfig

    # The shipped network takes half a minute to compile.
    config, steps = (TrainConfig(width=8, depth=1, batch_size=32), 4) if flags.quick else (TrainConfig(), 20)
    report(measure(config, flags.rounds, steps), flags)
    return 0


def measure(config: "TrainConfig", rounds: int, steps: int) -> list[Table]:
    """Train all candidates, in turns: tables of images/s, of whole fits, and of the distortions alone."""
    from digitrec.learning.trainer import make_deterministic

    examples, source = training_examples((steps + STEPS_NOT_COUNTED) * config.batch_size)
    make_deterministic(config.seed)  # for all of them, as it is a setting of the whole process
    with tempfile.TemporaryDirectory() as folder:
        candidates = {PLAIN: plain(config, examples)}
        for what, augment in ((LAYERS, "layers"), (GENERATOR, "imagedatagenerator"), (NONE, "none")):
            candidates[what] = trained(replace(config, augment=augment), examples, Path(folder))
        for candidate in candidates.values():
            fit(candidate)  # compiles; not counted
        turns = measure_in_rounds({what: fitted(candidate) for what, candidate in candidates.items()}, rounds)
    speeds = {what: [config.batch_size / turn.step for turn in done] for what, done in turns.items()}
    title = f"Training, batches of {config.batch_size}, {source}"
    return [
        Table(title, "images/s", [Row(what, all_, GOALS.get(what, ())) for what, all_ in speeds.items()]),
        Table(
            f"Each fit as a whole, {steps + STEPS_NOT_COUNTED} steps, until it returned",
            "s",
            [Row(what, [turn.whole for turn in done]) for what, done in turns.items()],
        ),
        distortions_alone(config, examples, rounds),
    ]


def training_examples(count: int) -> tuple["Examples", str]:
    """So many MNIST images where DIGITREC_DATA_DIR says where they are, else noise; and which of both."""
    import numpy as np

    from digitrec.learning.data.examples import Examples
    from digitrec.learning.data.mnist import data_dir, load_mnist

    if data_dir() is not None:
        mnist, _ = load_mnist()
        return mnist.take(slice(count)), "MNIST"
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, 28, 28), np.uint8)
    return Examples(images, rng.integers(0, 10, count, np.uint8)), "random images"


def compiled(config: "TrainConfig", steps: int) -> Any:
    """The trainer's model, compiled as the trainer does."""
    from digitrec.learning.recipe import build_optimizer, build_training_model

    model = build_training_model(config)
    model.compile(build_optimizer(config, steps), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def plain(config: "TrainConfig", examples: "Examples") -> Candidate:
    """What a tutorial does: fit on arrays scaled beforehand, no distortion, no callbacks."""
    import numpy as np

    from digitrec.learning.batches import scale_images

    x, y = scale_images(examples.images), examples.labels.astype(np.int32)
    model = compiled(replace(config, augment="none"), len(y) // config.batch_size)
    return Candidate(model, lambda: (x, y), {"batch_size": config.batch_size})


def trained(config: "TrainConfig", examples: "Examples", folder: Path) -> Candidate:
    """What the trainer does in each step: its batches, its distortion, and its callbacks that act on steps."""
    from digitrec.learning.batches import Batches, make_fit_input
    from digitrec.learning.callbacks import AverageWeights, Progress, ShuffleEachEpoch, TerminateOnNaN
    from digitrec.learning.recipe import build_cpu_augmentation
    from digitrec.learning.runs.run import Run

    batches = Batches(examples, config.batch_size, config.seed, build_cpu_augmentation(config))
    run = Run.create(folder, config.augment, config.to_dict())
    callbacks = [ShuffleEachEpoch(batches), TerminateOnNaN(), AverageWeights(config.ema_momentum), Progress(run)]
    options = {"callbacks": callbacks, "shuffle": False}
    return Candidate(compiled(config, len(batches)), lambda: (make_fit_input(batches),), options)


def fitted(candidate: Candidate) -> Callable[[], Turn]:
    """A turn of one candidate: one epoch."""
    return lambda: fit(candidate)


def fit(candidate: Candidate) -> Turn:
    """Train for one epoch, and note when each step ended."""
    import keras

    ends: list[float] = []
    clock = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: ends.append(time.perf_counter()))
    clock.async_safe = True  # or Keras would wait for it in each step, which the plain fit would not do without it
    options = {**candidate.options, "callbacks": [*candidate.options.get("callbacks", []), clock]}
    start = time.perf_counter()
    candidate.model.fit(*candidate.data(), verbose=0, **options)
    return Turn(median_step(ends), time.perf_counter() - start)


def median_step(ends: list[float]) -> float:
    """Median seconds between the ends of steps, without the first ones."""
    counted = sorted(ends)[STEPS_NOT_COUNTED - 1 :]  # sorted: Keras may call from several threads
    return statistics.median(end - start for start, end in pairwise(counted))


def distortions_alone(config: "TrainConfig", examples: "Examples", rounds: int) -> Table:
    """Both distortions without any training, on one batch: what they cost where nothing else is slower."""
    import numpy as np
    import tensorflow as tf

    from digitrec.learning.batches import scale_images
    from digitrec.learning.layers.augmentation import RandomWarp
    from digitrec.learning.recipe import build_cpu_augmentation

    images = scale_images(examples.images[: config.batch_size])
    generator = build_cpu_augmentation(replace(config, augment="imagedatagenerator"))
    assert generator is not None
    rng = np.random.default_rng(config.seed)
    layer = RandomWarp(
        rotation=config.rotation, zoom=config.zoom, shear=config.shear, shift=config.shift, seed=config.seed
    )
    ours = tf.function(lambda batch: layer(batch, training=True))
    calls: dict[str, Callable[[], Any]] = {
        "ImageDataGenerator": lambda: generator(images, rng),
        "our layer": lambda: ours(images).numpy(),
    }

    def turn(call: Callable[[], Any]) -> Callable[[], float]:
        def speed() -> float:
            call()
            start = time.perf_counter()
            for _ in range(10):
                call()
            return 10 * len(images) / (time.perf_counter() - start)

        return speed

    speeds = measure_in_rounds({what: turn(call) for what, call in calls.items()}, rounds)
    return Table("The distortions alone", "images/s", [Row(what, all_) for what, all_ in speeds.items()])


if __name__ == "__main__":
    sys.exit(main())
