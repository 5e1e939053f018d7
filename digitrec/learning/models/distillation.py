"""Distillation: a network learns the probabilities of other networks along with the labels."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from digitrec.learning.models.checkpoints import load_checkpoint
from digitrec.learning.models.cnn import LOGITS
from digitrec.learning.runs.run import Run

SOFTENING = 2.0
"""Temperature at which teachers and student are compared: small probabilities show which digits look alike."""


def append_teacher_probabilities(outputs: Any, images: Any, teachers: Sequence[Run]) -> Any:
    """Append the teachers' probabilities to a network's own outputs, for `distillation_loss`.

    Args:
        outputs: Shape (n, k), of the student: 11 logits, then other inputs of its loss.
        images: Shape (n, 28, 28, 1), the student's input, after augmentation.
        teachers: Runs whose best networks are used; their weights stay fixed.

    Returns:
        Shape (n, k + 11), float32: the outputs, then the teachers' mean probabilities, softened.
    """
    probabilities = []
    for number, run in enumerate(teachers):
        loaded = load_checkpoint(run)
        teacher = keras.Model(loaded.inputs, loaded.outputs[0], name=f"teacher_{number}")  # names must be unique
        teacher.trainable = False
        softened = keras.layers.Rescaling(1 / SOFTENING, dtype="float32")(teacher(images, training=False))
        probabilities.append(keras.layers.Softmax(dtype="float32")(softened))
    mean = keras.layers.Average(dtype="float32")(probabilities) if len(probabilities) > 1 else probabilities[0]
    return keras.layers.Concatenate(dtype="float32")([outputs, mean])


def distillation_loss(by_label: Callable[[Any, Any], Any], share: float) -> Callable[[Any, Any], Any]:
    """Build the loss of what `append_teacher_probabilities` returns.

    Hinton, Vinyals and Dean (2015), "Distilling the knowledge in a neural network".

    Args:
        by_label: Loss of labels (n,) and the outputs before the teachers' probabilities.
        share: Weight of the teachers, 0 to 1; the labels have the rest.
    """

    def loss(labels: Any, outputs: Any) -> Any:
        logits, target = outputs[:, :LOGITS], ops.stop_gradient(outputs[:, -LOGITS:])
        divergence = -ops.mean(ops.sum(target * ops.log_softmax(logits / SOFTENING, axis=-1), axis=-1))
        # Softening divides the gradient by its square.
        return (1.0 - share) * ops.mean(by_label(labels, outputs[:, :-LOGITS])) + share * SOFTENING**2 * divergence

    return loss
