"""Command-line flags made from the fields of a configuration, so that none is forgotten and no default is repeated."""

import argparse
from dataclasses import fields
from typing import Any, TypeVar

from digitrec.cli.parser import whole_number
from digitrec.errors import DatasetError
from digitrec.learning.config import TrainConfig
from digitrec.learning.devices import Devices
from digitrec.learning.reader.config import ReaderConfig
from digitrec.learning.runs.run import Run, check_name

AnyConfig = type[TrainConfig] | type[ReaderConfig]
Config = TypeVar("Config", TrainConfig, ReaderConfig)


def add_config_flags(parser: argparse.ArgumentParser, config: AnyConfig = TrainConfig) -> None:
    """Add a flag for every field of a configuration. Flags not given leave nothing in the parsed arguments."""
    group = parser.add_argument_group("settings; models/card.json has those of the shipped models")
    for option in fields(config):
        help_text = option.metadata["help"]
        flag = "--" + option.name.replace("_", "-")
        if isinstance(option.default, tuple):
            group.add_argument(
                flag,
                action="append",
                metavar=option.metadata["metavar"],
                default=argparse.SUPPRESS,
                help=f"{help_text}; may be repeated",
            )
            continue
        if isinstance(option.default, bool):
            group.add_argument(flag, action="store_true", default=argparse.SUPPRESS, help=help_text)
            continue
        kind = int if option.default is None else type(option.default)
        shown = option.metadata["none"] if option.default is None else option.default
        group.add_argument(
            flag,
            type=kind,
            choices=option.metadata["choices"] or None,
            metavar=None if option.metadata["choices"] else kind.__name__.upper(),
            default=argparse.SUPPRESS,
            help=f"{help_text} (default: {'none' if shown == '' else shown})",
        )


def given_config(arguments: argparse.Namespace, config: AnyConfig = TrainConfig) -> dict[str, Any]:
    """The fields of a configuration that were given on the command line."""
    names = {option.name for option in fields(config)}
    given = {name: value for name, value in vars(arguments).items() if name in names}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


def add_resume_flag(parser: argparse.ArgumentParser) -> None:
    """Add the flag that continues a run."""
    parser.add_argument(
        "--resume",
        metavar="RUN",
        help="continue an interrupted run, as if it had never stopped; start one that has only a configuration; or"
        " lengthen one, with --epochs",
    )


def check_resume(parser: argparse.ArgumentParser, resume: str | None, given: dict[str, Any]) -> None:
    """Exit with a message where --resume stands beside a setting; only --epochs may, to lengthen the run.

    Args:
        parser: The command's.
        resume: The value of --resume.
        given: What `given_config` returned.
    """
    others = [name for name in given if name != "epochs"]
    if resume and others:
        flag = "--" + others[0].replace("_", "-")
        parser.error(f"--resume continues with the run's own configuration, but for --epochs; leave out {flag}")


def read_config(parser: argparse.ArgumentParser, kind: type[Config], run: Run | None, given: dict[str, Any]) -> Config:
    """The configuration to train with, a new run's or that of the run to resume; exits where a flag has a bad value.

    Args:
        parser: The command's.
        kind: TrainConfig or ReaderConfig.
        run: The run to resume; None for a new one.
        given: What `given_config` returned.

    Raises:
        DatasetError: The run's own configuration cannot be used.
    """
    try:
        config = kind(**given) if run is None else kind.from_dict({**run.config, **given})
        check_name(config.name)
    except ValueError as error:
        if run is not None:
            raise DatasetError(f"{run.path / 'config.json'} cannot be resumed from: {error}") from error
        parser.error(str(error))
    return config


def add_device_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say what trains; they are no settings, since the run is the same."""
    group = parser.add_argument_group("devices, with KERAS_BACKEND=jax; docs/devices.md says when they pay")
    group.add_argument(
        "--devices", type=whole_number(1, 4096), metavar="N", help="devices that share each batch (default: one)"
    )
    group.add_argument(
        "--processes",
        type=whole_number(1, 4096),
        default=1,
        metavar="N",
        help="processes that train the run together, on one machine or on several; start each with the same flags",
    )
    group.add_argument(
        "--process", type=whole_number(0), default=0, metavar="I", help="which of them this is; 0 writes the run"
    )
    group.add_argument("--coordinator", default="", metavar="HOST:PORT", help="where process 0 listens for the others")


def given_devices(arguments: argparse.Namespace) -> Devices:
    """What the flags of `add_device_flags` name.

    Raises:
        DevicesError: Numbers that do not go together.
    """
    return Devices(arguments.devices, arguments.processes, arguments.process, arguments.coordinator)
