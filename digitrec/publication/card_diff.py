"""The difference of two model cards, figure by figure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NOT_FIGURES = ("count", "bins", "interval_95")
"""Numbers on a card that are not figures of the model."""


@dataclass(frozen=True)
class Change:
    """A figure of both cards.

    Attributes:
        name: What it is.
        old: Of the shipped model; None if its card lacks it.
        new: Of the model that would replace it; None if it has not been measured.
        more_is_better: Whether a larger value is better; None if neither is.
        unit: How it is written: "share", "count", "bytes" or "plain".
        command: The command that measures it, if there is one.
    """

    name: str
    old: float | None
    new: float | None
    more_is_better: bool | None
    unit: str = "plain"
    command: str = ""

    @property
    def verdict(self) -> str:
        """`better`, `worse`, `same`, `not measured`, or empty if neither is better."""
        if self.new is None:
            return "not measured"
        if self.old is None or self.more_is_better is None:
            return ""
        if self.new == self.old:
            return "same"
        return "better" if (self.new > self.old) == self.more_is_better else "worse"

    @property
    def difference(self) -> str:
        """The new value minus the old one, with its sign; empty if one is missing or both are equal."""
        if self.old is None or self.new is None:
            return ""
        change = self.new - self.old
        amount = (
            f"{abs(100 * change):.2f} percentage points"
            if self.unit == "share"
            else format_figure(abs(change), self.unit)
        )
        return "" if change == 0 else f"{'+' if change > 0 else '-'}{amount}"


def format_figure(value: float | None, unit: str) -> str:
    """Write a figure with its unit.

    Args:
        value: None if it is not known.
        unit: As `Change.unit`.
    """
    if value is None:
        return "not known"
    if unit == "share":
        return f"{100 * value:.2f} %"
    if unit == "bytes":
        return f"{value / 1000:,.1f} kB"
    if unit == "count":
        return f"{value:,.0f}"
    return f"{value:.4g}"


def list_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """List every figure of two cards, the most important first.

    Args:
        old: The card of the shipped model.
        new: The card of the model that would replace it.
    """
    return [*_of_test_images(old, new), *_of_validation(old, new), *_of_files(old, new), *_of_the_rest(old, new)]


def intervals_overlap(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool | None:
    """Whether the 95 % intervals of the accuracy on MNIST's test images overlap; None if one is not known."""
    intervals = [_at(card, "figures", "mnist_test", "interval_95") for card in (old, new)]
    if not all(isinstance(one, list) and len(one) == 2 for one in intervals):
        return None
    (low, high), (other_low, other_high) = intervals
    return bool(low <= other_high and other_low <= high)


def differing_settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """List the training settings in which two models differ: name, old and new value."""
    before, after = (_at(card, "training", "config") or {} for card in (old, new))
    names = [*after, *(name for name in before if name not in after)]
    return [(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


def best_epoch(card: Mapping[str, Any]) -> Mapping[str, Any]:
    """Find the epoch whose network was kept: the first with the highest validation accuracy, or the last.

    Empty if there is none.
    """
    history = _at(card, "training", "history") or []
    if history and (_at(card, "training", "config") or {}).get("keep") == "last":
        return dict(history[-1])
    return max(history, key=lambda row: row.get("val_accuracy", 0.0), default={})


def _of_test_images(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    command = "python -m training.evaluate"
    for key, name, better, unit in (
        ("accuracy", "test accuracy", True, "share"),
        ("errors", "test images wrong", False, "count"),
        ("loss", "test loss", False, "plain"),
        ("ece", "test calibration error", False, "plain"),
        ("doubted", "test images doubted", False, "share"),
    ):
        path = ("figures", "mnist_test", key)
        yield Change(name, _number(old, *path), _number(new, *path), better, unit, command)


def _of_validation(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, after = best_epoch(old), best_epoch(new)
    same_data = _at(old, "training", "data", "sha256") == _at(new, "training", "data", "sha256")
    # Figures on different validation data cannot be compared.
    better, where = (True, "validation") if same_data else (None, "own validation")
    for key, name, unit in (
        ("val_accuracy", f"{where} accuracy", "share"),
        ("val_mnist_accuracy", f"{where} accuracy, MNIST", "share"),
        ("val_csv_accuracy", f"{where} accuracy, CSV files", "share"),
        ("val_doubt_auroc", f"{where} AUROC of doubt", "plain"),
    ):
        if key in after:
            yield Change(name, _number(before, key), _number(after, key), better, unit)


def _of_files(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for kind, name in (("onnx", "ONNX"), ("keras", "Keras")):
        path = ("artifacts", f"digitrec.{kind}", "bytes")
        yield Change(f"{name} file size", _number(old, *path), _number(new, *path), False, "bytes")
    yield Change("weights", _number(old, "parameters"), _number(new, "parameters"), None, "count")
    trained = ("training", "data", "train")
    yield Change("images trained on", _number(old, *trained), _number(new, *trained), None, "count")
    gap = ("export", "largest_difference")
    yield Change("Keras and ONNX differ by", _number(old, *gap), _number(new, *gap), None)


def _of_the_rest(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """All other figures on either card."""
    before, after = (dict(_leaves(card.get("figures") or {})) for card in (old, new))
    for path in [*before, *(path for path in after if path not in before)]:
        if path[0] == "mnist_test":
            continue
        kind = path[-1]
        better: bool | None = {"accuracy": True, "error": False, "errors": False, "ece": False, "loss": False}.get(kind)
        if kind == "doubted":  # few digits should be doubted, and all non-digits
            better = path[-2].startswith("no_digit")
        unit = "share" if kind in ("accuracy", "error", "doubted") else "count" if kind == "errors" else "plain"
        figure = (old.get("figures") or {}).get(path[0]) or (new.get("figures") or {}).get(path[0]) or {}
        name = ": ".join(part.replace("_", " ") for part in path)
        yield Change(name, before.get(path), after.get(path), better, unit, str(figure.get("command", "")))


def _leaves(value: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _leaves(inner, (*above, name))
        elif isinstance(inner, int | float) and not isinstance(inner, bool) and name not in NOT_FIGURES:
            yield (*above, name), float(inner)


def _at(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _number(value: Any, *path: str) -> float | None:
    found = _at(value, *path)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
