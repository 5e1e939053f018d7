import math
from dataclasses import fields

import pytest

from demos.dashboard.runs import settings_form
from digitrec.learning.config import TrainConfig


def test_every_field_of_a_run_has_one_place():
    placed = [
        *settings_form.USUAL,
        *settings_form.FILES,
        *(name for names in settings_form.field_groups().values() for name in names),
    ]
    assert sorted(placed) == sorted(option.name for option in fields(TrainConfig))


def test_a_field_that_nobody_placed_is_shown_all_the_same(monkeypatch):
    monkeypatch.setitem(settings_form.FIELDS, "flux", settings_form.FIELDS["patience"])
    assert "flux" in list(settings_form.field_groups().values())[-1]


def test_every_field_has_a_group():
    named = [
        *settings_form.USUAL,
        *settings_form.FILES,
        *(name for names in settings_form.RARE.values() for name in names),
    ]
    assert sorted(named) == sorted(settings_form.FIELDS)


@pytest.mark.parametrize(
    ("name", "value", "can"),
    [
        ("epochs", 7, True), ("epochs", "many", False), ("epochs", 0, False), ("epochs", 2.5, False),
        ("epochs", True, False), ("epochs", None, False), ("limit", None, True), ("learning_rate", 1, True),
        ("learning_rate", math.inf, False), ("dropout", 1.5, False), ("schedule", "cosine", True),
        ("schedule", "lunar", False), ("csv", ("a.csv",), True), ("csv", "a.csv", False), ("csv", (1,), False),
        ("name", {"a": 1}, False),
    ],
)  # fmt: skip
def test_values_from_a_file_are_checked_against_their_field(name, value, can):
    assert settings_form.is_valid(settings_form.FIELDS[name], value) == can


def test_what_a_setting_needs_exists():
    for name, (needed, value) in settings_form.NEEDS.items():
        assert name in settings_form.FIELDS
        assert value in settings_form.FIELDS[needed].metadata["choices"]


@pytest.mark.parametrize(
    ("name", "step"),
    [("learning_rate", 0.001), ("ema_momentum", 0.001), ("rotation", 10), ("dropout", 0.1), ("erasing", 0.01),
     ("elastic", 0.1), ("warmup_epochs", 1)],
)  # fmt: skip
def test_steps_are_of_the_order_of_the_default(name, step):
    assert settings_form.float_range(settings_form.FIELDS[name])["step"] == pytest.approx(step)


def test_the_ends_of_every_range_are_what_a_run_takes():
    for name, option in settings_form.FIELDS.items():
        if not isinstance(option.default, float):
            continue
        bounds = settings_form.float_range(option)
        ends = [end for end in (bounds["min_value"], bounds["max_value"]) if end is not None]
        for end in ends:
            assert getattr(TrainConfig(**{name: end}), name) == end
        if bounds["max_value"] is not None:
            with pytest.raises(ValueError, match=r"must be (below|at most)"):
                TrainConfig(**{name: math.nextafter(bounds["max_value"], math.inf)})
