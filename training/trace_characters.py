"""Trace the letters of many scripts from fonts, and write them as drawn characters for training.render_negatives."""

import argparse
import sys
from pathlib import Path

import numpy as np

from digitrec.cli.parser import CommandParser, whole_number
from digitrec.errors import DatasetError
from digitrec.files import check_output
from training.command import add_seed, run_command

UNIT = 105
"""The longer side of a drawing."""


def main(argv: list[str] | None = None, prog: str = "python -m training.trace_characters") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("out", type=Path, metavar="CHARACTERS", help="the file to write, JSON lines, .gz or not")
    parser.add_argument(
        "--fonts",
        type=Path,
        action="append",
        required=True,
        metavar="DIR",
        help="a folder of fonts, searched through, as Debian's fonts-noto-core; may be given several times",
    )
    parser.add_argument(
        "--letters", type=whole_number(1), default=60, metavar="N", help="at most so many of each script (default: 60)"
    )
    parser.add_argument(
        "--drawings", type=whole_number(1), default=6, metavar="N", help="drawings of each letter (default: 6)"
    )
    add_seed(parser)
    arguments = parser.parse_args(argv)
    return run_command(lambda: _trace(arguments))


def _trace(arguments: argparse.Namespace) -> None:
    from digitrec.learning.negatives.alphabets import Character, write_characters
    from digitrec.learning.strokes.handwriting import perturb_strokes
    from digitrec.learning.strokes.recordings import begins_with
    from digitrec.learning.strokes.tracing import find_letters, trace_letter

    check_output(arguments.out, [], lambda path: begins_with(path, ("alphabet", "strokes")))
    rng = np.random.default_rng(arguments.seed)
    drawings = []
    for letter in find_letters(arguments.fonts, arguments.letters, rng):
        strokes = trace_letter(letter)
        if not strokes:
            continue
        for _ in range(arguments.drawings):
            drawn = perturb_strokes(strokes, rng)
            low = np.concatenate(drawn).min(0)
            points = [np.rint(UNIT * (stroke - low)) for stroke in drawn]
            drawings.append(Character(letter.script, f"U+{ord(letter.sign):04X}", points, traced=True))
    if not drawings:
        raise DatasetError(
            f"no letters of other scripts in the fonts below {', '.join(map(str, arguments.fonts))}; install more, such"
            " as Debian's fonts-noto-core"
        )
    write_characters(drawings, arguments.out)
    scripts = {drawing.alphabet for drawing in drawings}
    print(f"wrote {len(drawings):,} drawings of letters of {len(scripts)} scripts to {arguments.out}")


if __name__ == "__main__":
    sys.exit(main())
