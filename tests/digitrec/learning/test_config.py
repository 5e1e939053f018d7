import argparse
import math
from dataclasses import fields, replace

import pytest

from digitrec.learning.config import AUGMENTATIONS, OPTIMIZERS, SCHEDULES, TrainConfig
from training.options import add_config_flags, given_config
from training.train import main


def test_a_configuration_survives_writing_and_reading():
    config = TrainConfig(csv=("a.csv", "b.csv"), limit=500, augment="none")
    assert TrainConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize(
    ("name", "known"), [("augment", AUGMENTATIONS), ("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)]
)
def test_an_unknown_value_is_refused_with_the_known_ones(name, known, capsys):
    with pytest.raises(ValueError, match=", ".join(known)):
        TrainConfig(**{name: "magic"})
    with pytest.raises(SystemExit):
        main([f"--{name}", "magic"])
    message = capsys.readouterr().err
    assert all(value in message for value in known)


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"dropout": 1.0},
        {"learning_rate": math.nan},
        {"validation_fraction": 0},
        {"limit": 3},
        {"zoom": -1},
    ],
)
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TrainConfig(**wrong)


def test_unknown_settings_are_refused_by_name():
    with pytest.raises(ValueError, match="unknown settings epoch; known are name, seed, epochs"):
        TrainConfig.from_dict({**TrainConfig().to_dict(), "epoch": 3})


def test_a_missing_setting_is_not_filled_with_todays_default():
    values = TrainConfig().to_dict()
    del values["augment"]
    with pytest.raises(ValueError, match="the settings augment are missing"):
        TrainConfig.from_dict(values)


def test_a_setting_that_older_runs_lack_is_at_its_default():
    values = TrainConfig().to_dict()
    del values["allow_flawed_data"]
    assert TrainConfig.from_dict(values) == TrainConfig()


def test_a_recipe_of_an_earlier_version_gets_the_defaults_of_later_settings():
    assert TrainConfig.from_older({"epochs": 3, "csv": ["a.csv"]}) == TrainConfig(epochs=3, csv=("a.csv",))
    with pytest.raises(ValueError, match="unknown settings epoch"):
        TrainConfig.from_older({"epoch": 3})


def test_every_field_has_a_flag_with_help_and_default(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for option in fields(TrainConfig):
        assert "--" + option.name.replace("_", "-") in text
        assert option.metadata["help"] in text
        if not isinstance(option.default, tuple | bool):
            shown = option.metadata["none"] if option.default is None else option.default
            shown = "none" if shown == "" else shown
            assert f"{option.metadata['help']} (default: {shown})" in text


def test_resume_takes_no_other_configuration(capsys):
    with pytest.raises(SystemExit):
        main(["--resume", "x", "--batch-size", "3"])
    assert "leave out --batch-size" in capsys.readouterr().err


def test_the_flags_of_a_configuration_make_it_again():
    config = TrainConfig(name="b", limit=40, augment="none", csv=("a b.csv", "c.csv"), learning_rate=1e-5)
    config = replace(config, allow_flawed_data=True)
    parser = argparse.ArgumentParser()
    add_config_flags(parser)
    assert TrainConfig(**given_config(parser.parse_args(config.to_flags()))) == config
    assert TrainConfig().to_flags() == []
