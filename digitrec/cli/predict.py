"""Recognize the digit in each picture: a line a picture."""

import json
import sys
from typing import Any

from digitrec.cli.parser import CommandParser
from digitrec.display import describe
from digitrec.errors import DigitrecError
from digitrec.recognizer import Prediction, Recognizer

STDIN = "-"


def main(argv: list[str] | None = None, prog: str = "python -m digitrec predict") -> int:
    """Run the command. Returns the exit status: 0 all answered, 1 at least one picture could not be.

    Raises:
        DigitrecError: The model cannot be loaded.
    """
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE", help="a picture; - for standard input")
    parser.add_argument("--json", action="store_true", help="print a JSON object a line, with all ten probabilities")
    parser.add_argument("--model", metavar="ONNX", help="the model (default: the shipped one)")
    arguments = parser.parse_args(argv)
    recognizer = Recognizer(arguments.model)
    failed = 0
    for name in arguments.files:
        try:
            answer = recognizer.predict(sys.stdin.buffer if name == STDIN else name)
        except DigitrecError as error:
            failed += 1
            _print_error(name, error, arguments.json)
        else:
            print(json.dumps({"path": name, **answer.to_dict()}) if arguments.json else answer_line(name, answer))
    return 1 if failed else 0


def answer_line(name: str, answer: Prediction) -> str:
    """A picture's name and what it shows, on one line whatever the name holds."""
    return f"{printable(name)}: {describe(answer)}"


def printable(name: str) -> str:
    """A file's name without what would break the line or steer a terminal."""
    return name if name.isprintable() else ascii(name)


def _print_error(name: str, error: DigitrecError, as_json: bool) -> None:
    if as_json:
        failure: dict[str, Any] = {"path": name, "error": str(error)}
        print(json.dumps(failure))
    print(f"error: {printable(name)}: {error}", file=sys.stderr)
