"""Command-line flags made from the fields of TrainConfig, so that none is forgotten and no default is repeated."""

import argparse
from dataclasses import fields
from typing import Any

from digitrec.cli.parser import whole_number
from digitrec.learning.config import TrainConfig
from digitrec.learning.devices import Devices


def add_config_flags(parser: argparse.ArgumentParser) -> None:
    """Add a flag for every field of TrainConfig. Flags that are not given leave nothing in the parsed arguments."""
    group = parser.add_argument_group("settings; models/README.md has those of the shipped model")
    for option in fields(TrainConfig):
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
        shown = "all" if option.default is None else option.default
        group.add_argument(
            flag,
            type=int if option.default is None else type(option.default),
            choices=option.metadata["choices"] or None,
            metavar=None if option.metadata["choices"] else type(shown if shown != "all" else 0).__name__.upper(),
            default=argparse.SUPPRESS,
            help=f"{help_text} (default: {shown})",
        )


def given_config(arguments: argparse.Namespace) -> dict[str, Any]:
    """The TrainConfig fields that were given on the command line."""
    names = {option.name for option in fields(TrainConfig)}
    given = {name: value for name, value in vars(arguments).items() if name in names}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


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
