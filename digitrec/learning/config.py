"""TrainConfig: all settings of a run, with their help, ranges and known values. Needs no Keras."""

import operator
from dataclasses import asdict, dataclass, field, fields
from typing import Any

AUGMENTATIONS = ("layers", "imagedatagenerator", "none")
OPTIMIZERS = ("adamw", "adam", "sgd")
SCHEDULES = ("cosine", "plateau")
KEPT = ("best", "last")
ARCHITECTURES = ("digitrec", "classic")
PRECISIONS = ("float32", "mixed_bfloat16")

_BOUNDS = {
    "ge": (operator.ge, "at least"),
    "gt": (operator.gt, "above"),
    "le": (operator.le, "at most"),
    "lt": (operator.lt, "below"),
}


def config_field(
    default: Any,
    help: str,
    *,
    choices: tuple[str, ...] = (),
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    metavar: str = "FILE",
    none: str = "all",
) -> Any:
    """Make a field, with what the command line and the dashboard show of it.

    Args:
        default: Its value where none is given; its type decides the type of all values.
        help: A phrase that says what it is.
        choices: The values it may have; any where empty.
        ge: Values are greater than this or equal to it.
        gt: Values are greater than this.
        le: Values are less than this or equal to it.
        lt: Values are less than this.
        metavar: What a value of a field that takes several stands for.
        none: What a default of None stands for.
    """
    bounds = {"ge": ge, "gt": gt, "le": le, "lt": lt}
    return field(
        default=default, metadata={"help": help, "choices": choices, "metavar": metavar, "none": none, **bounds}
    )


def check_fields(config: Any) -> None:
    """Refuse a configuration with a value out of range.

    Args:
        config: A dataclass whose fields are made by `config_field`.

    Raises:
        ValueError: It names the field, its value and its limit.
    """
    for option in fields(config):
        value, meta = getattr(config, option.name), option.metadata
        if meta["choices"] and value not in meta["choices"]:
            raise ValueError(f"{option.name} is {value!r}; it must be one of {', '.join(meta['choices'])}")
        if value is None or isinstance(value, str | tuple):
            continue
        for bound, (holds, words) in _BOUNDS.items():
            # NaN is refused too: nothing holds of it.
            if meta[bound] is not None and not holds(value, meta[bound]):
                raise ValueError(f"{option.name} is {value}; it must be {words} {meta[bound]}")


ADDED = {
    "start_from": "",
    "allow_flawed_data": False,
    "keep": "best",
    "corrections": (),
    "correction_repeats": 1,
    "split_seed": None,
}
"""Settings that older configurations lack, with the value that says what was done before there was the setting."""


@dataclass(frozen=True)
class TrainConfig:
    """How a run trains. What the shipped model was trained with stands on its card.

    Raises:
        ValueError: A value out of range, or not one of the known ones.
    """

    name: str = config_field("cnn", "name of the run, part of the name of its directory")
    seed: int = config_field(1, "seed of the split, the data order, the weights and the distortions", ge=0)
    epochs: int = config_field(20, "passes over the training data", ge=1)
    batch_size: int = config_field(128, "images in a step", ge=1)
    optimizer: str = config_field("adamw", "algorithm that updates the weights", choices=OPTIMIZERS)
    learning_rate: float = config_field(0.002, "highest learning rate", ge=0)
    weight_decay: float = config_field(0.02, "decoupled weight decay of adamw", ge=0)
    schedule: str = config_field(
        "cosine", "cosine: decay to the floor over all epochs; plateau: cut on a plateau", choices=SCHEDULES
    )
    warmup_epochs: float = config_field(1.0, "epochs in which the learning rate rises from 0, with cosine", ge=0)
    floor: float = config_field(
        0.001,
        "share of the highest learning rate that the cosine ends at; well above 0 suits averaged weights",
        ge=0,
        lt=1,
    )
    plateau_patience: int = config_field(2, "epochs without a lower validation loss before the cut, with plateau", ge=1)
    plateau_factor: float = config_field(0.5, "factor on the learning rate at a cut", ge=0, lt=1)
    patience: int = config_field(10, "epochs without a better validation accuracy before stopping early", ge=1)
    keep: str = config_field(
        "best",
        "whose epoch's network is kept; best: the one with the highest validation accuracy; last: that of the last"
        " epoch, where the schedule ends low and the best is within chance",
        choices=KEPT,
    )
    ema_momentum: float = config_field(0.999, "momentum of the weights' moving average; 0: no averaging", ge=0, lt=1)
    precision: str = config_field(
        "float32",
        "number format the network computes in; mixed_bfloat16 is several times as fast on processors with units for it"
        " (AMX, AVX512-BF16), and slower on others",
        choices=PRECISIONS,
    )
    label_smoothing: float = config_field(0.0, "share of each label spread over all classes", ge=0, lt=1)
    teachers: tuple[str, ...] = config_field(
        (), "run whose network is distilled into this one: its probabilities are learned too", metavar="RUN"
    )
    distillation: float = config_field(
        0.7, "weight of the teachers' probabilities in the loss; the labels have the rest, with teachers", ge=0, le=1
    )
    architecture: str = config_field(
        "digitrec",
        "digitrec: the network that ships; classic: the network of most tutorials, as a baseline",
        choices=ARCHITECTURES,
    )
    width: int = config_field(32, "filters of the first convolutions of digitrec's network", ge=1)
    depth: int = config_field(2, "convolutions before each pooling of digitrec's network, 1 to 4", ge=1, le=4)
    dropout: float = config_field(0.3, "share of the features dropped before the last layer", ge=0, lt=1)
    augment: str = config_field(
        "layers",
        "how training images are distorted; layers: by the amounts below; imagedatagenerator: by Keras' class, with"
        " rotation 10 degrees, zoom 0.1, shifts 0.1",
        choices=AUGMENTATIONS,
    )
    rotation: float = config_field(10.0, "largest rotation, in degrees", ge=0)
    zoom: float = config_field(0.1, "largest change of size, as a share of it", ge=0, lt=1)
    shear: float = config_field(0.15, "largest slant, in pixels sideways for each upwards", ge=0)
    shift: float = config_field(0.08, "largest shift, as a share of the side", ge=0, lt=1)
    elastic: float = config_field(0.0, "standard deviation of the displacements that bend an image, in pixels", ge=0)
    thickness: float = config_field(
        0.0,
        "largest thickening of strokes, in pixels on each side, and twice the largest thinning",
        ge=0,
        le=1,
    )
    erasing: float = config_field(0.0, "share of the images that lose a random rectangle", ge=0, lt=1)
    corruption: float = config_field(
        0.0,
        "share of the images with noise, blur, lines, stains or bands in negative, in whole percents",
        ge=0,
        lt=1,
    )
    mixup: float = config_field(0.0, "parameter of the beta distribution by which images are mixed; 0: not mixed", ge=0)
    validation_fraction: float = config_field(0.08, "share of the training data held out for validation", gt=0, lt=1)
    split_seed: int | None = config_field(
        None,
        "seed of the split and of the limit alone, for runs that differ in their seed and validate on the same images",
        ge=0,
        none="the seed",
    )
    csv: tuple[str, ...] = config_field((), "further training data in Kaggle's CSV layout")
    validation_csv: tuple[str, ...] = config_field(
        (), "data of the same layout to validate on; then nothing is held out from the --csv files, only from MNIST"
    )
    negatives: tuple[str, ...] = config_field((), "non-digits, in the same layout with the label 10, to train doubt on")
    validation_negatives: tuple[str, ...] = config_field((), "non-digits, to validate doubt on")
    corrections: tuple[str, ...] = config_field(
        (), "corrections in the same layout: all are trained on, whatever the limit, and none is held out"
    )
    correction_repeats: int = config_field(1, "times that each correction is trained on in an epoch", ge=1)
    start_from: str = config_field(
        "", "a run or a .keras model whose weights training starts from; of the same architecture, width and depth"
    )
    limit: int | None = config_field(None, "number of images to use, chosen at random", ge=20)
    allow_flawed_data: bool = config_field(
        False, "train on CSV files whose images are blank, not 0-255, inverted or transposed, too"
    )

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        check_fields(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    def to_flags(self) -> list[str]:
        """The flags of `training.train` for this configuration: one for each field that is not at its default."""
        flags = []
        for option in fields(self):
            value = getattr(self, option.name)
            flag = "--" + option.name.replace("_", "-")
            if value is True:
                flags.append(flag)
            elif value != option.default:
                flags += [
                    text for one in (value if isinstance(value, tuple) else (value,)) for text in (flag, str(one))
                ]
        return flags

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "TrainConfig":
        """Read what `to_dict` wrote, all of it: a setting left out would silently become today's default.

        The settings in `ADDED` may be missing, as they are from older runs.

        Raises:
            ValueError: An unknown name, a missing one, or a value out of range.
        """
        values = {**ADDED, **values}
        names = [option.name for option in fields(cls)]
        unknown, missing = sorted(set(values) - set(names)), [name for name in names if name not in values]
        if unknown:
            raise ValueError(f"unknown settings {', '.join(unknown)}; known are {', '.join(names)}")
        if missing:
            raise ValueError(f"the settings {', '.join(missing)} are missing: another version wrote this configuration")
        plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
        return cls(**plain)

    @classmethod
    def from_older(cls, values: dict[str, Any]) -> "TrainConfig":
        """Read what `to_dict` of an earlier version wrote: settings that it did not have yet get their default.

        For a recipe that is trained again, or data that are loaded again. A run is resumed by `from_dict` alone.

        Raises:
            ValueError: An unknown name, or a value out of range.
        """
        return cls.from_dict({**cls().to_dict(), **values})
