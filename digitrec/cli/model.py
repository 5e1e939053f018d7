"""Show the card of a model: where it comes from, and how good it is."""

import json
from pathlib import Path
from typing import Any

from digitrec.artifacts import models_dir, read_card
from digitrec.cli.parser import CommandParser
from digitrec.errors import ModelIntegrityError


def main(argv: list[str] | None = None, prog: str = "python -m digitrec model") -> int:
    """Run the command. Returns the exit status: 0.

    Raises:
        ModelNotFoundError: No card there.
        ModelIntegrityError: The card cannot be read.
    """
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("--models", type=Path, metavar="DIR", help="the folder of the model (default: the shipped one)")
    parser.add_argument("--json", action="store_true", help="print the whole card")
    arguments = parser.parse_args(argv)
    folder = arguments.models or models_dir()
    card = read_card(folder)
    try:
        print(json.dumps(card, indent=2) if arguments.json else "\n".join(card_lines(card, folder)))
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # another program's card, or an older one
        raise ModelIntegrityError(f"the model card in {folder} lacks what is shown ({error!r}); try --json") from error
    return 0


def card_lines(card: dict[str, Any], folder: Path) -> list[str]:
    """What a card says in a few lines: files, origin, figures.

    Args:
        card: As `read_card` returns it.
        folder: Where it lies.
    """
    lines = [f"{card['name']}: {card['task']}; {card['parameters']:,} weights; licence {card['licence']}", ""]
    lines += [
        f"{folder / name}  {entry['bytes']:,} bytes  sha256 {entry['sha256'][:12]}"
        for name, entry in card["artifacts"].items()
    ]
    training, export = card["training"], card["export"]
    lines += [
        "",
        f"trained by   {training['command']}",
        f"             at commit {training['commit'][:12]}, on {training['data']['train']:,} images",
        f"exported by  {export['command']}",
        f"             at commit {export['commit'][:12]}",
        "",
    ]
    figures = {name: figure for name, figure in card["figures"].items() if "accuracy" in figure}
    width = max(map(len, figures), default=0)
    lines += [
        f"{name.ljust(width)}  {figure['accuracy']:7.2%} of {figure['count']:,} right"
        f" (95 % interval {figure['interval_95'][0]:.2%} to {figure['interval_95'][1]:.2%}); {figure['command']}"
        for name, figure in figures.items()
    ]
    return lines
