"""How a model is trained again: from its weights or from its recipe, on what it learnt from and on corrections.

Needs no Keras.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from digitrec.errors import DatasetError
from digitrec.learning.config import TrainConfig

WEIGHTS, RECIPE = "weights", "recipe"
"""Where training begins: the weights of the model, or nothing but its recipe."""

FINE_TUNING: dict[str, Any] = {
    "epochs": 4,
    "learning_rate": 0.0004,
    "warmup_epochs": 0.25,
    "floor": 0.01,
    "ema_momentum": 0.995,
    "start_from": "",
    "teachers": (),
    "label_smoothing": 0.0,
    "mixup": 0.0,
    "precision": "float32",
    "keep": "last",
}
"""What differs from the recipe where training begins with the weights: a fifth of its learning rate, and few epochs.
The last epoch's network is kept, since validation does not show what corrections teach."""

SHARE_OF_CORRECTIONS = 0.15
"""Share of the training images that are corrections, as often as each is repeated for it."""

MAX_REPEATS = 50
"""Times that a correction is trained on in an epoch at most."""

DATA = ("csv", "validation_csv", "negatives", "validation_negatives")
"""Settings that name files of the recipe."""


def recipe_of(card: Mapping[str, Any]) -> TrainConfig:
    """The configuration that a model was trained with.

    Args:
        card: The model's card. Settings that it lacks are of a later version, and have their default.

    Raises:
        DatasetError: The card has none, or one that is not understood.
    """
    training = card.get("training")
    config = training.get("config") if isinstance(training, dict) else None
    if not isinstance(config, dict):
        raise DatasetError("the model's card has no configuration to train by; export a run with training.export")
    try:
        return TrainConfig.from_older(config)
    except ValueError as error:
        raise DatasetError(f"the configuration on the model's card cannot be trained by: {error}") from error


def missing_files(config: TrainConfig) -> list[str]:
    """The files of a configuration that are not here."""
    return [path for name in DATA for path in getattr(config, name) if not Path(path).is_file()]


def plan_retraining(
    recipe: TrainConfig, start: str, corrections: list[str], corrected_negatives: list[str], given: Mapping[str, Any]
) -> TrainConfig:
    """Make the configuration of a run that trains a model again.

    Args:
        recipe: The model's own, as `recipe_of` reads it.
        start: `RECIPE`, or the model whose weights training starts from, as `TrainConfig.start_from` takes it.
        corrections: Files of corrected digits.
        corrected_negatives: Files of corrected non-digits.
        given: Settings that the user has chosen.

    Raises:
        DatasetError: Data of the recipe are missing, and training begins with nothing else.
        ValueError: A setting is out of range.
    """
    missing = missing_files(recipe)
    if start == RECIPE and missing:
        raise DatasetError(
            f"the recipe trains on {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not here; make"
            " them as models/README.md says, or start from the model's weights: --from weights"
        )
    here = {name: tuple(path for path in getattr(recipe, name) if path not in missing) for name in DATA}
    settings: dict[str, Any] = {**here, "name": "retrained", "corrections": tuple(corrections)}
    if start != RECIPE:
        settings |= {**FINE_TUNING, "start_from": start}
    settings |= given
    settings["negatives"] = (*settings["negatives"], *corrected_negatives)
    config = replace(recipe, **settings)
    return replace(config, patience=max(config.patience, config.epochs))


def count_repeats(images: int, corrections: int) -> int:
    """How often each correction is trained on in an epoch, so that they are `SHARE_OF_CORRECTIONS` of it.

    Args:
        images: Other images that are trained on.
        corrections: Corrections.
    """
    if not corrections:
        return 1
    return int(
        min(MAX_REPEATS, max(1, round(SHARE_OF_CORRECTIONS / (1 - SHARE_OF_CORRECTIONS) * images / corrections)))
    )
