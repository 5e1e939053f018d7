"""From a configuration to what Keras trains: the network behind its augmentation, its loss and its optimizer."""

from typing import Any

import keras

from digitrec.learning.config import TrainConfig
from digitrec.learning.layers.augmentation import (
    ImageDataGeneratorAugmentation,
    RandomErasing,
    RandomThickness,
    RandomWarp,
)
from digitrec.learning.layers.corruption import RandomCorruption
from digitrec.learning.layers.mixup import RandomMixup, mixup_loss
from digitrec.learning.models.checkpoints import set_start_weights
from digitrec.learning.models.cnn import LOGITS, build_cnn
from digitrec.learning.models.distillation import append_teacher_probabilities, distillation_loss
from digitrec.learning.models.tutorial_cnn import build_tutorial_cnn
from digitrec.learning.runs.teachers import open_teachers


def build_training_model(config: TrainConfig) -> Any:
    """Build the network, named `cnn`, behind the augmentation layers that the configuration asks for."""
    usual = keras.config.dtype_policy()
    keras.config.set_dtype_policy(config.precision)
    try:
        if config.architecture == "classic":
            cnn = build_tutorial_cnn(dropout=config.dropout)
        else:
            cnn = build_cnn(width=config.width, depth=config.depth, dropout=config.dropout)
        if config.start_from:
            set_start_weights(cnn, config.start_from)
        ink = keras.Input(cnn.input_shape[1:], name="ink", dtype="float32")
        x = ink
        for layer in build_augmentation_layers(config):
            x = layer(x)
        weight = None
        if config.mixup:
            x, weight = RandomMixup(config.mixup, seed=config.seed + 4, dtype="float32")(x)
        outputs = cnn(x)
        # The other inputs of the loss stand behind the logits: the weight of mixup first, the teachers last.
        if weight is not None:
            outputs = keras.layers.Concatenate(dtype="float32")([outputs, weight])
        if config.teachers:
            outputs = append_teacher_probabilities(outputs, x, open_teachers(config.teachers))
        return keras.Model(ink, outputs, name="training")
    finally:
        keras.config.set_dtype_policy(usual)


def build_augmentation_layers(config: TrainConfig) -> list[Any]:
    """Build the layers that distort training images, in float32: bfloat16 cannot represent positions of pixels."""
    if config.augment != "layers":
        return []
    layers: list[Any] = []
    if config.corruption:
        layers.append(RandomCorruption(config.corruption, seed=config.seed + 3, dtype="float32"))
    if config.thickness:
        layers.append(RandomThickness(config.thickness, seed=config.seed + 1, dtype="float32"))
    layers.append(
        RandomWarp(
            rotation=config.rotation,
            zoom=config.zoom,
            shear=config.shear,
            shift=config.shift,
            elastic=config.elastic,
            seed=config.seed,
            dtype="float32",
        )
    )
    if config.erasing:
        layers.append(RandomErasing(config.erasing, seed=config.seed + 2, dtype="float32"))
    return layers


def build_cpu_augmentation(config: TrainConfig) -> ImageDataGeneratorAugmentation | None:
    """Build the augmentation that runs outside of the model, if the configuration asks for it."""
    return ImageDataGeneratorAugmentation() if config.augment == "imagedatagenerator" else None


def build_loss(config: TrainConfig) -> Any:
    """Build the loss of the model that `build_training_model` returns."""
    loss = cross_entropy(config.label_smoothing)
    if config.mixup:
        loss = mixup_loss(loss)
    return distillation_loss(loss, config.distillation) if config.teachers else loss


def cross_entropy(label_smoothing: float) -> Any:
    """Build the cross-entropy, of shape (n,), of logits (n, 11) against labels (n,): 0 to 9, and 10 for non-digits."""

    def loss(labels: Any, logits: Any) -> Any:
        one_hot = keras.ops.one_hot(keras.ops.reshape(labels, (-1,)), LOGITS, dtype="float32")
        target = (1.0 - label_smoothing) * one_hot + label_smoothing / LOGITS
        return keras.losses.categorical_crossentropy(target, logits, from_logits=True)

    return loss


def build_optimizer(config: TrainConfig, steps_per_epoch: int) -> Any:
    """Build the optimizer, with its learning rate schedule."""
    rate: Any = config.learning_rate
    if config.schedule == "cosine":
        steps = max(1, config.epochs * steps_per_epoch)
        warmup = min(round(config.warmup_epochs * steps_per_epoch), steps - 1)
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=0.0 if warmup else config.learning_rate,
            decay_steps=steps - warmup,
            alpha=config.floor,
            warmup_target=config.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    if config.optimizer == "adamw":
        return keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)
    if config.optimizer == "adam":
        return keras.optimizers.Adam(rate)
    return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)
