"""Training a run as the command does, on small data made on the spot."""

from contextlib import suppress
from pathlib import Path

from digitrec.learning.callbacks import NonFiniteLossError
from digitrec.learning.config import TrainConfig
from digitrec.learning.data.training_data import TrainingData
from digitrec.learning.distribution import Spread
from digitrec.learning.runs.lifecycle import take_up
from digitrec.learning.runs.run import Run
from digitrec.learning.trainer import Trainer
from tests.support.small_data import bars_to_train_on


def fit(
    root: Path,
    config: TrainConfig,
    run: Run | None = None,
    data: TrainingData | None = None,
    *,
    command: str = "",
    spread: Spread | None = None,
) -> Run:
    """Train a new run below `root`, or continue one. The status tells of a loss that is not finite."""
    run = run or Run.create(root, config.name, config.to_dict())
    with suppress(NonFiniteLossError), take_up(run):
        Trainer(config, data or bars_to_train_on(), run, command=command, verbose=0, spread=spread).fit()
    return run
