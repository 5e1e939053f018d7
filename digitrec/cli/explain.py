"""Show why: colour each picture by what speaks for its digit, or for another one, and what against."""

import itertools
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from digitrec.cli.parser import CommandParser, whole_number
from digitrec.cli.pictures import EPILOG, print_error, printable
from digitrec.errors import DatasetError, DigitrecError
from digitrec.explanation import Explainer
from digitrec.explanation.picture import png_of
from digitrec.files import atomic_path


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
    names = _Names(arguments.out, arguments.files)
    failed = 0
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        for source in arguments.files:
            items = open_source(source, arguments.column).items(lambda key: not names.is_written(key))
            for key, content in itertools.chain.from_iterable(fetch_all([item]) for item in items):
                try:
                    if isinstance(content, DigitrecError):
                        raise content
                    explanation = explainer.explain(content, arguments.digit)
                except DigitrecError as error:
                    failed += 1
                    print_error(key, error, arguments.json)
                    continue
                path = names.write(key, explanation.digit, png_of(explanation.overlay()))
                if arguments.json:
                    print(json.dumps({"path": key, "picture": str(path), **explanation.to_dict()}))
                else:
                    print(f"{printable(key)}: {explanation.describe()}; {printable(str(path))}")
                sys.stdout.flush()
    except OSError as error:
        raise DatasetError(f"{error.filename or arguments.out} cannot be written: {error.strerror or error}") from error
    return 1 if failed else 0


class _Names:
    """Names of the files to write: that of the picture, and the digit; a number besides where the name is in use.

    A file that is there is somebody's picture, perhaps an input, unless it holds the very explanation.
    """

    def __init__(self, folder: Path, inputs: Iterable[str]) -> None:
        self.folder = folder
        self._written: set[str] = set()
        self._taken = {os.path.basename(one).lower() for one in inputs if self._is_in_folder(one)}

    def write(self, key: str, digit: int, png: bytes) -> Path:
        """Write an explanation, unless it is there already. Returns where it is."""
        stem = re.sub(r"[^\w.-]+", "_", Path(key).stem).strip("._") or "picture"
        candidates = itertools.chain([f"{stem}-{digit}.png"], (f"{stem}-{digit}-{n}.png" for n in itertools.count(2)))
        name = next(one for one in candidates if one.lower() not in self._taken and self._is_free(one, png))
        self._taken.add(name.lower())
        path = self.folder / name
        if not path.exists():
            with atomic_path(path) as temporary:
                temporary.write_bytes(png)
            self._written.add(name)
        return path

    def is_written(self, key: str) -> bool:
        """Whether a path is that of a file written just now: it is met where an input is a folder around this one."""
        return os.path.basename(key) in self._written and self._is_in_folder(key)

    def _is_in_folder(self, path: str) -> bool:
        return os.path.realpath(os.path.dirname(path)) == os.path.realpath(self.folder)

    def _is_free(self, name: str, png: bytes) -> bool:
        path = self.folder / name
        if not os.path.lexists(path):
            return True
        return path.is_file() and path.stat().st_size == len(png) and path.read_bytes() == png
