"""List the models that were published, publish another one, or roll back to an earlier one."""

import argparse
import json
from pathlib import Path

from digitrec.artifacts import models_dir
from digitrec.cli.parser import CommandParser
from digitrec.errors import DigitrecError
from digitrec.publication.card_diff import Change, format_figure
from digitrec.publication.replace import roll_back
from digitrec.publication.versions import ModelVersion, list_versions

SHOWN = 12
"""Digits of a SHA-256 that are shown."""


def main(argv: list[str] | None = None, prog: str = "python -m digitrec models") -> int:
    """Run the command. Returns the exit status: 0 done.

    Raises:
        DigitrecError: There is no such model, or it may not be published.
    """
    parser = CommandParser(prog=prog, description=__doc__)
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="list the versions, the one that serves marked by *")
    listing.add_argument("--json", action="store_true", help="print a JSON object a line")
    listing.set_defaults(run=_list)
    publishing = actions.add_parser("publish", help="check a model, show what changes, and let it serve")
    publishing.add_argument("model", metavar="MODEL", help="the folder of an exported model, or a version")
    publishing.add_argument(
        "--accept-worse", action="store_true", help="publish it although a measured figure is worse than before"
    )
    publishing.set_defaults(run=_publish)
    rolling = actions.add_parser("roll-back", help="let the version before serve again, or another one")
    rolling.add_argument("version", nargs="?", default="", metavar="VERSION", help="(default: the one before)")
    rolling.set_defaults(run=_roll_back)
    for action in (listing, publishing, rolling):
        action.add_argument(
            "--models", type=Path, metavar="DIR", help="the folder of models (default: the one that serves)"
        )
    arguments = parser.parse_args(argv)
    try:
        arguments.run(arguments, arguments.models or models_dir())
    except OSError as error:
        raise DigitrecError(
            f"{error.filename or 'a file'} cannot be written: {error.strerror or error}; name another folder with"
            " --models or DIGITREC_MODELS_DIR"
        ) from error
    return 0


def _list(arguments: argparse.Namespace, folder: Path) -> None:
    versions = list_versions(folder)
    if arguments.json:
        for one in versions:
            described = {"version": one.id, "network": one.network, "serves": one.serves, "published": one.published}
            print(json.dumps(described | {"folder": str(one.folder), "run": run_of(one)}))
        return
    if not versions:
        print(f"no model in {folder}")
        return
    print(f"  {'version':{SHOWN}}  {'network':{SHOWN}}  {'published':25}  MNIST test  run")
    for one in versions:
        mark = "*" if one.serves else " "
        accuracy = f"{accuracy_of(one):10.2%}" if accuracy_of(one) is not None else f"{'unknown':>10}"
        print(
            f"{mark} {one.id[:SHOWN]}  {one.network[:SHOWN]:{SHOWN}}  {one.published or 'unknown':25}  {accuracy}"
            f"  {run_of(one)}"
        )


def run_of(version: ModelVersion) -> str:
    """The run that a version was exported from; empty where its card does not say."""
    training = version.card.get("training")
    return str(training.get("run", "")) if isinstance(training, dict) else ""


def accuracy_of(version: ModelVersion) -> float | None:
    """The accuracy of a version on MNIST's test images, 0 to 1; None where its card does not say."""
    try:
        return float(version.card["figures"]["mnist_test"]["accuracy"])
    except (LookupError, TypeError, ValueError):
        return None


def _publish(arguments: argparse.Namespace, folder: Path) -> None:
    from digitrec.publication.candidate import check_candidate, publish  # loads ONNX Runtime

    candidate = check_candidate(folder, arguments.model)
    for change in candidate.changes:
        if change.new is not None and change.verdict != "same" and change.new != change.old:
            print(describe_change(change))
    if candidate.not_measured:
        print(f"{len(candidate.not_measured)} figures of the model that serves were not measured for this one")
    if candidate.worse and not arguments.accept_worse:
        worse = ", ".join(change.name for change in candidate.worse)
        raise DigitrecError(f"not published: worse in {worse}; to publish it all the same, add --accept-worse")
    now = publish(folder, candidate)
    print(f"{folder} serves version {now.id[:SHOWN]} now, network {now.network[:SHOWN]}")
    print("undo it with: digitrec models roll-back")


def describe_change(change: Change) -> str:
    """A figure before and after, on a line."""
    outcome = ", ".join(filter(None, (change.difference, change.verdict)))
    before, after = (format_figure(value, change.unit) for value in (change.old, change.new))
    return f"{change.name}: {before} -> {after}" + (f" ({outcome})" if outcome else "")


def _roll_back(arguments: argparse.Namespace, folder: Path) -> None:
    before, now = roll_back(folder, arguments.version)
    print(f"{folder} serves version {now.id[:SHOWN]} again, network {now.network[:SHOWN]}")
    print(f"version {before.id[:SHOWN]} is kept; let it serve with: digitrec models roll-back {before.id[:SHOWN]}")
