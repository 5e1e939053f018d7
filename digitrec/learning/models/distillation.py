"""Distillation: a network learns what an ensemble of others makes of each image, beside what its label says."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from digitrec.learning.models.checkpoints import load_checkpoint
from digitrec.learning.models.cnn import LOGITS
from digitrec.learning.runs.run import Run

SOFTENING = 2.0
"""Temperature at which teachers and learner are compared: the small probabilities tell what resembles what."""


def append_teacher_probabilities(outputs: Any, images: Any, teachers: Sequence[Run]) -> Any:
    """Put what teachers make of images behind a network's own outputs, for `distillation_loss`.

    Args:
        outputs: Shape (n, k), the learner's: 11 logits, and what its loss must know besides.
        images: Shape (n, 28, 28, 1), what the learner saw: distorted as it was.
        teachers: Runs whose best networks answer; they are not trained on.

    Returns:
        Shape (n, k + 11), float32: the outputs, then the teachers' mean probabilities, softened.
    """
    answers = []
    for number, run in enumerate(teachers):
        loaded = load_checkpoint(run)
        teacher = keras.Model(loaded.inputs, loaded.outputs[0], name=f"teacher_{number}")  # two of one name cannot be
        teacher.trainable = False
        softened = keras.layers.Rescaling(1 / SOFTENING, dtype="float32")(teacher(images, training=False))
        answers.append(keras.layers.Softmax(dtype="float32")(softened))
    mean = keras.layers.Average(dtype="float32")(answers) if len(answers) > 1 else answers[0]
    return keras.layers.Concatenate(dtype="float32")([outputs, mean])


def distillation_loss(by_label: Callable[[Any, Any], Any], share: float) -> Callable[[Any, Any], Any]:
    """Build the loss of what `append_teacher_probabilities` returns.

    Hinton, Vinyals and Dean (2015), "Distilling the knowledge in a neural network".

    Args:
        by_label: Loss of labels (n,) and of what stands before the teachers' answers.
        share: Weight of the teachers' word, 0 to 1; the labels have the rest.
    """

    def loss(labels: Any, outputs: Any) -> Any:
        logits, taught = outputs[:, :LOGITS], ops.stop_gradient(outputs[:, -LOGITS:])
        told = -ops.mean(ops.sum(taught * ops.log_softmax(logits / SOFTENING, axis=-1), axis=-1))
        # Softening divides the gradient by its square.
        return (1.0 - share) * ops.mean(by_label(labels, outputs[:, :-LOGITS])) + share * SOFTENING**2 * told

    return loss
