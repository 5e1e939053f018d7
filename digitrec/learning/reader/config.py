"""ReaderConfig: everything that decides how a run of the reader's detector trains. Needs no Keras."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from digitrec.learning.config import PRECISIONS, check_fields, config_field


@dataclass(frozen=True)
class ReaderConfig:
    """How the detector trains. What the shipped one was trained with stands on its card.

    Raises:
        ValueError: A value out of range, or not one of the known ones.
    """

    name: str = config_field("reader", "what the run is called, in the name of its directory")
    seed: int = config_field(1, "seed of the scenes and the weights", ge=0)
    epochs: int = config_field(40, "validations; scenes are never repeated", ge=1)
    steps: int = config_field(400, "steps between two validations", ge=1)
    batch_size: int = config_field(32, "scenes in a step", ge=1)
    learning_rate: float = config_field(0.002, "highest learning rate", ge=0)
    weight_decay: float = config_field(0.02, "decoupled weight decay", ge=0)
    warmup_epochs: float = config_field(0.5, "epochs in which the learning rate rises from 0", ge=0)
    floor: float = config_field(0.01, "share of the highest learning rate that the cosine ends at", ge=0, lt=1)
    ema_momentum: float = config_field(0.999, "momentum of the weights' moving average; 0: no averaging", ge=0, lt=1)
    precision: str = config_field("float32", "what the network computes in", choices=PRECISIONS)
    width: int = config_field(32, "filters at stride 4", ge=2)
    photographs: float = config_field(
        0.1, "share of the scenes that are cut out of the labelled photographs, where there are any", ge=0, lt=1
    )
    clutter: int = config_field(3000, "things that are no digit, drawn once to be pasted into scenes", ge=1)
    validation_scenes: int = config_field(600, "scenes to validate on", ge=1)
    workers: int = config_field(1, "processes that compose scenes", ge=1)

    def __post_init__(self) -> None:
        """Refuse what no run could work with."""
        check_fields(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "ReaderConfig":
        """Read what `to_dict` wrote, all of it.

        Raises:
            ValueError: An unknown name, a missing one, or a value out of range.
        """
        names = {option.name for option in fields(cls)}
        if set(values) != names:
            raise ValueError(f"settings {', '.join(sorted(set(values) ^ names))} are unknown or missing")
        return cls(**values)
