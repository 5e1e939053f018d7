"""A network between the one that training started from and the one that it ended at, or the mean of several ends.

Further training on new data forgets a little of the old. On the straight line between both networks' weights lies one
that keeps most of what either knows: Wortsman et al. (2022), "Robust fine-tuning of zero-shot models". Trainings from
one start by several seeds end near each other, and the mean of their weights is often right where one of them is not:
Wortsman et al. (2022), "Model soups".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import DatasetError
from digitrec.learning.batches import Batches
from digitrec.learning.callbacks import RefreshStatistics
from digitrec.learning.config import TrainConfig
from digitrec.learning.data.training_data import TrainingData, load_training_data
from digitrec.learning.models.checkpoints import load_cnn, set_start_weights
from digitrec.learning.models.cnn import compute_logits, refresh_statistics
from digitrec.learning.recalibration import calibrate, check_done
from digitrec.learning.runs.provenance import PROVENANCE, check_data, current_commit
from digitrec.learning.runs.run import Run
from digitrec.training_rows import NOT_A_DIGIT

SUFFIX = "-interpolated"

SHARES = tuple(round(0.1 * tenths, 1) for tenths in range(10, 0, -1))
"""What `choose_share` tries, in this order."""

CHANCE = 2.0
"""Standard errors within which `choose_share` takes a difference for chance."""


def interpolate_run(
    run: Run,
    share: float,
    *,
    others: Sequence[Run] = (),
    start: str = "",
    measure_statistics: bool = True,
    command: str = "",
) -> Run:
    """Make a run of the network between a run's start and its end, calibrated; the run itself stays as it is.

    Args:
        run: A run that is done, and started from a model.
        share: How much of the way from the start the network lies, 0 to 1.
        others: Runs that started from the same network, on the same data. The mean of all networks is the end then.
        start: The run or .keras file that it started from; by default what its configuration names.
        measure_statistics: Whether batch statistics are measured again, on the run's images. Not where the start was
            trained on much that the run lacks: they would suit neither.
        command: The command line, for the record.

    Returns:
        A new run beside it, done, whose name ends in `-interpolated`; its curve is that of the training.

    Raises:
        DatasetError: The run is not done, it started from nothing, or its data or its start is not what it was; or
            one of the others is another training.
    """
    config = TrainConfig.from_older(run.config)
    start = start or config.start_from
    _check_runs(run, others)
    if not 0 <= share <= 1:
        raise DatasetError(f"share is {share}; it must be between 0, the start, and 1, the end")
    data = load_training_data(config)
    origin = run.read_json(PROVENANCE)
    check_data(run, origin, data)
    images = _images_for_statistics(config, data) if measure_statistics else None
    end = load_cnn(run)
    end.set_weights(_mean([end.get_weights(), *(load_cnn(other).get_weights() for other in others)]))
    network = interpolate(end, start, share, images)
    made = Run.create(run.path.parent, config.name + SUFFIX, run.config)
    with made.hold():
        network.save(made.checkpoint)
        (made.path / "history.csv").write_bytes((run.path / "history.csv").read_bytes())
        how = {"run": run.name, "share": share, "command": command, "commit": current_commit()}
        if others:
            how["others"] = [other.name for other in others]
        made.write_json(PROVENANCE, {**origin, "interpolated": how})
        calibrate(made, data)
        made.set_status("done")
    return made


def _check_runs(run: Run, others: Sequence[Run]) -> None:
    """Refuse runs that are not done, that started from nothing, and others than of the same start and data."""
    origin = run.read_json(PROVENANCE)
    for one in (run, *others):
        check_done(one)
        if not TrainConfig.from_older(one.config).start_from:
            raise DatasetError(f"{one.path} started from random weights; nothing lies between them and its network")
        its = one.read_json(PROVENANCE)
        if list(its.get("start_from", {}).values()) != list(origin.get("start_from", {}).values()):
            raise DatasetError(f"{one.path} started from another network than {run.path}; name runs of one start")
        if its.get("data", {}).get("sha256") != origin.get("data", {}).get("sha256"):
            raise DatasetError(
                f"{one.path} was trained on other images than {run.path}, or on some of those that it validates on;"
                " train both on the same files with the same --split-seed"
            )


def interpolate(end: Any, start: str, share: float, images: NDArray[np.uint8] | None = None) -> Any:
    """Move a network's weights and batch statistics back towards those it started from.

    Args:
        end: The network; it is changed.
        start: A run or a .keras file.
        share: How much of the way from the start is kept.
        images: Shape (n, 28, 28), uint8, on which to measure the batch statistics again; None to leave them.
    """
    after = end.get_weights()
    set_start_weights(end, start)
    end.set_weights(_between(end.get_weights(), after, share))
    if images is not None:
        refresh_statistics(end, images)
    return end


@dataclass(frozen=True)
class ShareChoice:
    """How far towards a run's network one may go without forgetting.

    Attributes:
        share: The chosen share of the way from the start, 0 to 1.
        errors: Validation digits that are read wrong, by share; those of the start at 0.
        count: Validation digits.
    """

    share: float
    errors: Mapping[float, int]
    count: int


def choose_share(run: Run, start: str = "") -> ShareChoice:
    """Choose the largest of `SHARES` that reads no more validation digits wrong than the start, within chance.

    Only the digits that one of both networks reads wrong and the other right say which is better: McNemar (1947), "Note
    on the sampling error of the difference between correlated proportions". Not one more to be allowed would keep a
    network from learning that was itself chosen on these digits, and so reads few of them wrong.

    The validation digits are those of the run's data without its limit, but no image that the run was trained on. Those
    of the model that the run started from are among them, if it was trained on the same split.

    Args:
        run: As `interpolate_run` takes it.
        start: As `interpolate_run` takes it.

    Returns:
        The share; the smallest one if all read clearly more of them wrong.
    """
    config = TrainConfig.from_older(run.config)
    data = load_training_data(config)
    validation = data.validation
    if config.limit is not None:
        trained_on = {image.tobytes() for image in data.train.images}
        validation = load_training_data(replace(config, limit=None)).validation
        validation = validation.take(np.array([image.tobytes() not in trained_on for image in validation.images]))
    network = load_cnn(run)
    after = network.get_weights()
    set_start_weights(network, start or config.start_from)
    before = network.get_weights()

    def wrong_at(share: float) -> NDArray[np.bool_]:
        network.set_weights(_between(before, after, share))
        digits = compute_logits(network, validation)[:, :NOT_A_DIGIT].argmax(1)
        return np.asarray(digits != validation.labels)

    wrong_before = wrong_at(0.0)
    errors = {0.0: int(wrong_before.sum())}
    for share in SHARES:
        wrong = wrong_at(share)
        errors[share] = int(wrong.sum())
        if errors[share] - errors[0.0] <= CHANCE * np.sqrt((wrong != wrong_before).sum()):
            break
    return ShareChoice(share, errors, len(validation))


def _mean(weights: Sequence[list[NDArray[Any]]]) -> list[NDArray[Any]]:
    return [np.asarray(np.mean(same, axis=0, dtype=np.float32)) for same in zip(*weights, strict=True)]


def _between(before: list[NDArray[Any]], after: list[NDArray[Any]], share: float) -> list[NDArray[Any]]:
    return [old + np.float32(share) * (new - old) for old, new in zip(before, after, strict=True)]


def _images_for_statistics(config: TrainConfig, data: TrainingData) -> NDArray[np.uint8]:
    """The images that training itself measures batch statistics on."""
    return RefreshStatistics(Batches(data.train, config.batch_size, config.seed)).images
