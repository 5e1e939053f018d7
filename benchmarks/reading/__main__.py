"""How well numbers and photographs are read, by layout and paper, beside a baseline of connected components."""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from benchmarks.command import check_json, report
from benchmarks.reading import baseline
from benchmarks.reading.pictures import LAYOUTS, PAPERS, Shown, numbers_on_canvas, photographs
from benchmarks.reading.scores import Figures, Row, Score, Scores
from benchmarks.reading.sudoku import predict_cells, read_photographs
from digitrec import read
from digitrec.artifacts import CARD_NAME, models_dir, read_card
from digitrec.errors import DigitrecError
from digitrec.files import write_json
from digitrec.learning.data.mnist import data_dir
from digitrec.learning.negatives.source_digits import WRITERS
from digitrec.learning.reader.cells import read_cells, read_photos
from digitrec.learning.reader.hands import Hand, pen_hands
from digitrec.learning.reader.sources import PENDIGITS
from digitrec.learning.runs.provenance import current_commit
from digitrec.learning.strokes.recordings import choose_writers, read_strokes
from digitrec.learning.strokes.suspects import drop_suspects

PHOTOGRAPHS = (*PAPERS, "circled", "highlighter", "chalk")


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark. Returns the exit status: 0 done, 1 impossible."""
    flags = _flags(argv)
    try:
        tables = measure(flags.part, flags.count)
    except DigitrecError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    report(tables, flags)
    if flags.write_card:
        card = read_card()
        content = [table.to_dict() for table in tables]
        card["reader"]["figures"] = {"command": flags.command, "commit": current_commit(), "tables": content}
        write_json(models_dir() / CARD_NAME, card)
    return 0


def _flags(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.add_argument(
        "--part", choices=("validation", "test"), default="test", help="whose writers' digits are shown (default: test)"
    )
    parser.add_argument("--count", type=int, default=200, metavar="N", help="pictures of each kind (default: 200)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the tables to a file too")
    parser.add_argument("--write-card", action="store_true", help="put the figures on models/card.json")
    flags = parser.parse_args(argv)
    check_json(parser, flags.json)
    chosen = [f"--part {flags.part}"] * (flags.part != "test") + [f"--count {flags.count}"] * (flags.count != 200)
    flags.command = " ".join([parser.prog, *chosen])
    return flags


def measure(part: str, count: int) -> list[Scores | Figures]:
    """All tables.

    Args:
        part: `validation` or `test`; nobody trained on the writers of either. The sudokus are validation's in both.
        count: Pictures of each kind.

    Raises:
        DatasetError: There are no recordings.
    """
    folder = data_dir()
    if folder is None:
        raise DigitrecError("set DIGITREC_DATA_DIR to the folder of the recordings")
    recordings = choose_writers(drop_suspects(read_strokes(folder / PENDIGITS)), only=WRITERS[part])
    hands = pen_hands(recordings, seed=0)
    canvases = [_row(name, numbers_on_canvas(hands, name, count, 1)) for name in (*LAYOUTS, "two lines")]
    numbers = [_row(paper, photographs(hands, paper, (2, 6), count, 2)) for paper in PHOTOGRAPHS]
    singles = [_row(paper, photographs(hands, paper, (1, 1), count, 3)) for paper in PHOTOGRAPHS]
    return [
        Scores("Numbers of 2 to 6 digits on canvases", canvases),
        Scores("Numbers of 2 to 6 digits on synthetic photographs of 640x480", numbers),
        Scores("One digit on synthetic photographs of 640x480", singles),
        _sudoku(),
        _latency(hands),
    ]


def _row(what: str, pictures: Iterable[Shown]) -> Row:
    known = list(pictures)
    start = time.perf_counter()
    pairs: dict[str, list[tuple[str, str]]] = {
        name: [(way(one.picture).text, one.text) for one in known]
        for name, way in (("reader", read), ("baseline", baseline.read))
    }
    print(f"{what}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    return Row(what, Score.of(pairs["reader"]), Score.of(pairs["baseline"]))


def _sudoku() -> Figures:
    folder = data_dir()
    if folder is None:
        return Figures("Sudokus: none here", {})
    figures = {}
    photos = read_photos(folder, "validation")
    for name, way in (("reader", read), ("baseline", baseline.read)):
        for what, value in read_photographs(way, photos).items():
            figures[f"{name}, {what}"] = f"{value:.1%}" if what == "right" else f"{value:g}"
    right, doubted = predict_cells(read_cells(folder, "validation"))
    figures["cells alone, by predict: right"] = f"{right:.1%}"
    figures["cells alone, by predict: doubted"] = f"{doubted:.1%}"
    return Figures(f"{len(photos)} photographs of sudokus", figures)


def _latency(hands: list[Hand]) -> Figures:
    canvas = next(numbers_on_canvas(hands, "apart", 1, 5)).picture[:, :280]
    wide = np.concatenate([canvas, canvas], 1)
    small = next(photographs(hands, "ruled", (4, 4), 1, 6)).picture
    large = np.repeat(np.repeat(small, 5, 0), 5, 1)[::2, ::2]
    pictures = {"280x280 canvas": canvas, "560x280 canvas": wide, "1600x1200 photograph": large}
    return Figures(
        "Milliseconds, one thread, the median of 15",
        {name: f"{1000 * _median(lambda shown=shown: read(shown)):.1f}" for name, shown in pictures.items()},  # type: ignore[misc]
    )


def _median(call: Callable[[], object]) -> float:
    call()
    times = []
    for _ in range(15):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
