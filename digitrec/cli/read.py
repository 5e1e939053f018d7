"""Read every digit in each picture: whole numbers, sheets and photographs."""

from pathlib import Path

from digitrec.cli.parser import CommandParser
from digitrec.cli.pictures import add_picture_arguments, print_answers, write_answers
from digitrec.reader import Reader, Reading


def main(argv: list[str] | None = None, prog: str = "python -m digitrec read") -> int:
    """Run the command. Returns the exit status: 0 all read, 1 at least one picture could not be.

    Raises:
        DigitrecError: A model, a table or the output cannot be used.
    """
    parser = CommandParser(prog=prog, description=__doc__)
    add_picture_arguments(parser)
    parser.add_argument("--model", type=Path, metavar="ONNX", help="the detector (default: the shipped one)")
    arguments = parser.parse_args(argv)
    if not arguments.out:
        return print_answers(arguments, Reader(arguments.model).read, describe_reading)
    from digitrec.bulk.tasks import ReadTask

    return write_answers(arguments, ReadTask(arguments.model))


def describe_reading(reading: Reading) -> str:
    """Put a reading on one line: its lines of writing with a slash between."""
    return " / ".join(reading.text.splitlines()) or "no digit found"
