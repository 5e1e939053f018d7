import keras
import numpy as np
import pytest

from digitrec.errors import DatasetError
from digitrec.learning.models.checkpoints import load_cnn
from digitrec.learning.models.cnn import LOGITS
from digitrec.learning.models.distillation import SOFTENING, append_teacher_probabilities, distillation_loss
from digitrec.learning.recipe import cross_entropy
from digitrec.learning.runs.provenance import PROVENANCE
from digitrec.learning.runs.run import Run
from digitrec.learning.runs.teachers import open_teachers
from tests.support.small_data import bars, small_config
from tests.support.training import fit


@pytest.fixture(scope="module")
def teachers(tmp_path_factory):
    root = tmp_path_factory.mktemp("teachers")
    return [fit(root, small_config(epochs=1, augment="none", seed=seed, name=f"teacher{seed}")) for seed in (1, 2)]


def softmax(logits):
    odds = np.exp(logits - logits.max(1, keepdims=True))
    return odds / odds.sum(1, keepdims=True)


def test_the_teachers_probabilities_are_appended_to_the_logits(teachers):
    images = (bars(12).images[..., np.newaxis] / 255).astype(np.float32)
    ink, own = keras.Input((28, 28, 1)), keras.Input((LOGITS,))
    model = keras.Model([ink, own], append_teacher_probabilities(own, ink, teachers))
    logits = np.random.default_rng(0).normal(size=(12, LOGITS)).astype(np.float32)
    outputs = keras.ops.convert_to_numpy(model([images, logits]))
    np.testing.assert_allclose(outputs[:, :LOGITS], logits, atol=1e-6)
    said = [keras.ops.convert_to_numpy(load_cnn(run)(images, training=False)) for run in teachers]
    expected = np.mean([softmax(one / SOFTENING) for one in said], axis=0)
    np.testing.assert_allclose(outputs[:, LOGITS:], expected, atol=1e-5)
    assert not model.trainable_variables


def gradient(logits, taught, labels, share):
    """Of the loss with respect to the learner's logits, by differences."""
    loss = distillation_loss(cross_entropy(0.0), share)

    def at(changed):
        return float(loss(labels, np.concatenate([changed, taught], axis=1).astype(np.float32)))

    found = np.zeros_like(logits)
    for place in np.ndindex(*logits.shape):
        step = np.zeros_like(logits)
        step[place] = 0.01
        found[place] = (at(logits + step) - at(logits - step)) / 0.02
    return found


def test_the_loss_leads_to_the_teachers_or_to_the_labels_by_its_share():
    rng = np.random.default_rng(1)
    logits, labels = rng.normal(size=(1, LOGITS)), np.array([3])
    taught = softmax(rng.normal(size=(1, LOGITS)))
    # With the teachers alone the loss is lowest where the softened answers agree; with labels alone, at the label.
    agreeing = SOFTENING * np.log(taught)
    np.testing.assert_allclose(gradient(agreeing, taught, labels, 1.0), 0, atol=1e-3)
    expected = softmax(logits) - np.eye(LOGITS)[labels]
    np.testing.assert_allclose(gradient(logits, taught, labels, 0.0), expected, atol=2e-3)
    towards_teachers = SOFTENING * (softmax(logits / SOFTENING) - taught)
    np.testing.assert_allclose(
        gradient(logits, taught, labels, 0.5), 0.5 * expected + 0.5 * towards_teachers, atol=2e-3
    )


def test_a_run_is_taught_and_its_record_says_by_whom(teachers, tmp_path):
    config = small_config(epochs=2, augment="none", teachers=tuple(str(run.path) for run in teachers))
    before = [run.checkpoint.read_bytes() for run in teachers]
    run = fit(tmp_path, config)
    assert run.status.state == "done"
    assert set(run.read_json(PROVENANCE)["teachers"]) == {run.name for run in teachers}
    assert [run.checkpoint.read_bytes() for run in teachers] == before
    # What is kept is the learner alone.
    own = fit(tmp_path, small_config(epochs=2, augment="none"))
    assert load_cnn(run).count_params() == load_cnn(own).count_params()
    assert run.history()[-1]["loss"] != own.history()[-1]["loss"]


def test_a_run_without_a_checkpoint_cannot_teach(tmp_path):
    untrained = Run.create(tmp_path, "untrained", {})
    with pytest.raises(DatasetError, match=r"cannot teach: it has no best\.keras"):
        open_teachers([str(untrained.path)])
    with pytest.raises(DatasetError, match="nobody is no run directory"):
        open_teachers(["nobody"])
