"""Show why: colour each picture by what speaks for its digit, or for another one, and what against."""

import itertools
import json
import re
import sys
from pathlib import Path

from digitrec.cli.parser import CommandParser, whole_number
from digitrec.cli.pictures import EPILOG, print_error, printable
from digitrec.errors import DatasetError, DigitrecError
from digitrec.explanation import Explainer


def main(argv: list[str] | None = None, prog: str = "python -m digitrec explain") -> int:
    """Run the command. Returns the exit status: 0 all explained, 1 at least one picture could not be.

    Raises:
        DigitrecError: A model, a table or the folder cannot be used.
    """
    parser = CommandParser(prog=prog, description=__doc__, epilog=EPILOG)
    parser.add_argument("files", nargs="+", metavar="FILE", help="a picture, or something that holds pictures")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the PNG files to write")
    parser.add_argument(
        "--digit", type=whole_number(0, 9), metavar="N", help="the digit asked about (default: each picture's answer)"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object a line, with the 28x28 map")
    parser.add_argument("--column", metavar="NAME", help="column of a Parquet file that holds the pictures, or paths")
    parser.add_argument("--model", type=Path, metavar="ONNX", help="the model (default: the shipped one)")
    arguments = parser.parse_args(argv)
    from digitrec.bulk.remote import fetch_all
    from digitrec.bulk.sources import open_source

    explainer = Explainer(arguments.model)
    names = _Names()
    failed = 0
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        for source in arguments.files:
            items = open_source(source, arguments.column).items(lambda key: True)
            for key, content in itertools.chain.from_iterable(fetch_all([item]) for item in items):
                try:
                    if isinstance(content, DigitrecError):
                        raise content
                    explanation = explainer.explain(content, arguments.digit)
                except DigitrecError as error:
                    failed += 1
                    print_error(key, error, arguments.json)
                    continue
                path = arguments.out / names.take(key, explanation.digit)
                explanation.save(path)
                if arguments.json:
                    print(json.dumps({"path": key, "picture": str(path), **explanation.to_dict()}))
                else:
                    print(f"{printable(key)}: {explanation.describe()}; {printable(str(path))}")
                sys.stdout.flush()
    except OSError as error:
        raise DatasetError(f"{error.filename or arguments.out} cannot be written: {error.strerror or error}") from error
    return 1 if failed else 0


class _Names:
    """Names of the files to write: that of the picture, and the digit; a number besides where two would be the same."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, key: str, digit: int) -> str:
        stem = re.sub(r"[^\w.-]+", "_", Path(key).stem).strip("._") or "picture"
        candidates = itertools.chain([f"{stem}-{digit}.png"], (f"{stem}-{digit}-{n}.png" for n in itertools.count(2)))
        name = next(one for one in candidates if one.lower() not in self._taken)
        self._taken.add(name.lower())
        return name
