"""Training speed on JAX by the number of devices, at one batch size: what a CPU that is split into devices gains."""

import os
import sys
from collections.abc import Callable

from benchmarks.command import parse_flags, report
from benchmarks.rounds import measure_in_rounds
from benchmarks.tables import Row, Table
from benchmarks.training_speed import STEPS_NOT_COUNTED, Candidate, fit, training_examples

COUNTS = (1, 2, 4)
BATCH_SIZE = 256


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark. Returns the exit status: 0 done."""
    flags = parse_flags("devices", __doc__, argv, rounds=5, quick_rounds=1)
    # Before JAX is imported, which counts its devices once.
    os.environ["KERAS_BACKEND"] = "jax"
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={max(COUNTS)}"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    report([measure(flags.rounds, steps=4 if flags.quick else 20)], flags)
    return 0


def measure(rounds: int, steps: int) -> Table:
    """Train short epochs on each number of devices, in turns: images a second."""
    from digitrec.learning.batches import Batches
    from digitrec.learning.callbacks import ShuffleEachEpoch
    from digitrec.learning.config import TrainConfig
    from digitrec.learning.devices import Devices
    from digitrec.learning.distribution import Spread
    from digitrec.learning.recipe import build_loss, build_optimizer, build_training_model

    config = TrainConfig(batch_size=BATCH_SIZE)
    examples, source = training_examples((steps + STEPS_NOT_COUNTED) * BATCH_SIZE)
    batches = Batches(examples, BATCH_SIZE, config.seed)

    def turn(count: int) -> Callable[[], float]:
        spread = Spread(Devices(count), BATCH_SIZE)
        with spread.applied():
            model = build_training_model(config)
            model.compile(build_optimizer(config, len(batches)), loss=build_loss(config))
        candidate = Candidate(model, lambda: (batches,), {"callbacks": [ShuffleEachEpoch(batches)], "shuffle": False})

        def run() -> float:
            with spread.applied():
                return BATCH_SIZE / fit(candidate).step

        run()  # compiles; not counted
        return run

    speeds = measure_in_rounds({f"{count} device{'s' * (count > 1)}": turn(count) for count in COUNTS}, rounds)
    title = f"Training on JAX, batches of {BATCH_SIZE}, {source}, {os.cpu_count()} cores"
    return Table(title, "images/s", [Row(what, figures) for what, figures in speeds.items()])


if __name__ == "__main__":
    sys.exit(main())
