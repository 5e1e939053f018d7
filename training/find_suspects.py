"""Find recordings whose label is doubtful, by the out-of-fold probabilities of networks that never saw the writer."""

import dataclasses
import shlex
import sys
from pathlib import Path

from digitrec.cli.parser import CommandParser
from digitrec.files import check_output, readable_by
from digitrec.learning.backend import import_keras
from digitrec.learning.runs.provenance import current_commit, package_versions
from digitrec.learning.strokes.recordings import digest, read_strokes
from digitrec.learning.strokes.suspects import Rule, SuspectList, find_suspects, read_suspects
from training.command import run_command

COMMAND = "python -m training.find_suspects"

HELP = {
    "threshold": "mean probability of another digit from which on a recording is suspect",
    "folds": "number of parts that the writers are split into",
    "drawings": "drawings of each recording, for training and for its probabilities",
    "mnist": "MNIST training images that each network is also trained on",
    "epochs": "epochs that each network is trained for",
    "width": "width of the networks",
    "seed": "seed of drawings, folds and networks",
}


def main(argv: list[str] | None = None, prog: str = "python -m training.find_suspects") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("strokes", type=Path, metavar="STROKES", help="JSON lines: label, writer, strokes; .gz or not")
    parser.add_argument("out", type=Path, metavar="OUT", help="the file to write, JSON")
    for option in dataclasses.fields(Rule):
        if option.name in HELP:
            kind, shown = type(option.default), f"{HELP[option.name]} (default: {option.default})"
            parser.add_argument(f"--{option.name}", type=kind, default=option.default, metavar="N", help=shown)
    given = sys.argv[1:] if argv is None else argv
    arguments = parser.parse_args(given)
    try:
        rule = Rule(**{name: getattr(arguments, name) for name in HELP})
    except ValueError as error:
        parser.error(str(error))
    command = shlex.join([*COMMAND.split(), *given])
    return run_command(lambda: _write_suspects(arguments.strokes, arguments.out, rule, command))


def _write_suspects(strokes: Path, out: Path, rule: Rule, command: str) -> None:
    check_output(out, [strokes], readable_by(read_suspects))
    found = _find(strokes, rule, command)
    found.save(out)
    print(f"wrote {len(found.suspects)} suspects to {out}")


def _find(strokes: Path, rule: Rule, command: str) -> SuspectList:
    import_keras()
    from digitrec.learning.cross_validation import out_of_fold_probabilities
    from digitrec.learning.data.mnist import load_mnist

    commit = current_commit()  # now: the checkout may change while the networks learn
    digits = read_strokes(strokes)
    mnist, _ = load_mnist()
    probabilities = out_of_fold_probabilities(digits, mnist, rule, report=lambda line: print(line, flush=True))
    origin = {"recordings": len(digits), "command": command, "commit": commit, "packages": package_versions()}
    return SuspectList(digest(digits), find_suspects(rule, digits, probabilities), rule, origin)


if __name__ == "__main__":
    sys.exit(main())
