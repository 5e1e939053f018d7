"""Networks between the start and the end of a training."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import training.interpolate
from digitrec.errors import DatasetError
from digitrec.learning.data.examples import Examples
from digitrec.learning.models import interpolation
from digitrec.learning.models.checkpoints import load_cnn
from digitrec.learning.models.interpolation import choose_share, interpolate_run
from digitrec.learning.runs.run import Run, list_runs
from tests.support.small_data import bars_to_train_on, small_config
from tests.support.training import fit


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """A run, and one that started from it."""
    folder = tmp_path_factory.mktemp("runs")
    first = fit(folder, small_config(augment="none", epochs=1))
    return first, fit(folder, small_config(augment="none", epochs=1, start_from=str(first.path), seed=2))


@pytest.fixture(autouse=True)
def _small_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpolation, "load_training_data", lambda config: bars_to_train_on())


def parts(examples: Examples) -> tuple[np.ndarray, np.ndarray]:
    return examples.images, examples.labels


def kernels(run: Run) -> list[np.ndarray]:
    return [weight for weight in load_cnn(run).get_weights() if weight.ndim == 4]


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_kernels_lie_on_the_line_between_start_and_end(runs: tuple[Run, Run], share: float) -> None:
    start, end = runs
    made = interpolate_run(end, share, command="c")
    for before, after, between in zip(*map(kernels, (start, end, made)), strict=True):
        np.testing.assert_allclose(between, before + share * (after - before), atol=1e-6)
    assert made.status.state == "done"
    assert "-interpolated" in made.name  # a number follows where several are made in one second
    assert made.read_json("calibration.json")
    assert made.history() == end.history()
    how = made.read_json("provenance.json")["interpolated"]
    assert (how["run"], how["share"], how["command"]) == (end.name, share, "c")


def test_batch_statistics_may_lie_on_the_line_too(runs: tuple[Run, Run]) -> None:
    start, end = runs
    made = interpolate_run(end, 0.25, measure_statistics=False)
    for before, after, between in zip(*(load_cnn(run).get_weights() for run in (start, end, made)), strict=True):
        np.testing.assert_allclose(between, before + 0.25 * (after - before), atol=1e-5)


def test_the_end_may_be_the_mean_of_several_runs(runs: tuple[Run, Run]) -> None:
    start, end = runs
    other = fit(end.path.parent, small_config(augment="none", epochs=1, start_from=str(start.path), seed=3))
    made = interpolate_run(end, 0.5, others=[other])
    for before, one, two, between in zip(*map(kernels, (start, end, other, made)), strict=True):
        assert not np.allclose(one, two)
        np.testing.assert_allclose(between, before + 0.5 * ((one + two) / 2 - before), atol=1e-6)
    assert made.read_json("provenance.json")["interpolated"]["others"] == [other.name]


def change_provenance(run: Run, name: str, **values: object) -> Run:
    """A copy of a run, with other values in a part of its provenance."""
    other = Run.create(run.path.parent, name, run.config)
    other.checkpoint.write_bytes(run.checkpoint.read_bytes())
    other.write_json("provenance.json", {**run.read_json("provenance.json"), **values})
    with other.hold():
        other.set_status("done")
    return other


def test_the_mean_is_of_runs_with_one_start_and_one_split(runs: tuple[Run, Run]) -> None:
    start, end = runs
    elsewhere = change_provenance(end, "elsewhere", start_from={"best.keras": "0" * 64})
    with pytest.raises(DatasetError, match="-elsewhere started from another network"):
        interpolate_run(end, 0.5, others=[elsewhere])
    split = change_provenance(end, "split", data={"sha256": "0" * 64})
    with pytest.raises(DatasetError, match=r"-split was trained on other images .* --split-seed"):
        interpolate_run(end, 0.5, others=[split])
    with pytest.raises(DatasetError, match="started from random weights"):
        interpolate_run(end, 0.5, others=[start])


def logits_with_errors(labels: np.ndarray, wrong: range) -> np.ndarray:
    """Logits that read some of the digits wrong."""
    digits = labels.copy()
    digits[list(wrong)] += 1
    return np.eye(11, dtype=np.float32)[digits % 10]


@pytest.mark.parametrize(
    ("wrong", "share"),
    [
        ([range(2), range(1)], 1.0),
        ([range(2), range(7), range(6)], 0.9),  # five more of five that differ are more than chance; four are not
        ([range(2), range(2, 7)], 1.0),  # three more of seven
        ([range(0), *(range(count) for count in range(14, 4, -1))], 0.1),
    ],
)
def test_the_largest_share_that_forgets_no_more_than_chance_is_chosen(
    runs: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch, wrong: list[range], share: float
) -> None:
    given = iter(wrong)
    monkeypatch.setattr(
        interpolation, "compute_logits", lambda network, examples: logits_with_errors(examples.labels, next(given))
    )
    chosen = choose_share(runs[1])
    assert chosen.share == share
    assert list(chosen.errors.values()) == [len(numbers) for numbers in wrong]
    assert chosen.count == len(bars_to_train_on().validation)


def test_a_share_is_not_chosen_on_images_that_were_trained_on(
    runs: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bars_to_train_on()
    both = zip(parts(data.train), parts(data.validation), strict=True)
    unlimited = replace(data, validation=Examples(*map(np.concatenate, both)))
    monkeypatch.setattr(
        interpolation, "load_training_data", lambda config: data if config.limit is not None else unlimited
    )
    limited = Run.create(runs[1].path.parent, "limited", {**runs[1].config, "limit": 20})
    limited.checkpoint.write_bytes(runs[1].checkpoint.read_bytes())
    assert choose_share(limited).count == len(data.validation)


def test_the_command_makes_a_run_beside_it(runs: tuple[Run, Run], capsys: pytest.CaptureFixture[str]) -> None:
    end = runs[1]
    before = len(list_runs(end.path.parent))
    assert training.interpolate.main([str(end.path)]) == 0
    assert "-interpolated" in capsys.readouterr().out
    assert len(list_runs(end.path.parent)) == before + 1


def test_what_cannot_be_interpolated_is_refused(runs: tuple[Run, Run], tmp_path: Path) -> None:
    start, end = runs
    with pytest.raises(DatasetError, match="started from random weights"):
        interpolate_run(start, 0.5)
    with pytest.raises(DatasetError, match=r"share is 1\.5; it must be between 0"):
        interpolate_run(end, 1.5)
    with pytest.raises(DatasetError, match="is stopped, not done"):
        interpolate_run(Run.create(tmp_path, "a", end.config), 0.5)
