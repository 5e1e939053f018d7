"""Cells of photographed sudokus: real paper, print and pencil, with the digit's box found inside of each."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CELLS = "sudoku_cells_train.npz"
PHOTOS = "sudoku_photos"

VALIDATION_SHARE = 4
"""One in so many puzzles, with all photographs of it, serves validation; and one in so many of the cells."""

SAME = 0.98
"""Correlation from which on a cell is taken for the same one as a photograph's."""

SEVERAL = 10
"""The label of a cell with several small digits; 0 to 9 are digits, -1 is a blank one."""


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell.

    Attributes:
        picture: Shape (64, 64), uint8.
        label: 1 to 9, `SEVERAL`, or -1.
        box: Shape (4,), float32: left, top, right, bottom of the digit in pixels; None where it was not found.
    """

    picture: NDArray[np.uint8]
    label: int
    box: NDArray[np.float32] | None


@dataclass(frozen=True, eq=False)
class Photo:
    """A photographed sudoku.

    Attributes:
        name: Of its file.
        picture: Shape (height, width), uint8.
        to_picture: Shape (3, 3): from the grid's coordinates, 0 to 9 from its upper left corner, to pixels.
        cells: The 81 cells, row by row.
    """

    name: str
    picture: NDArray[np.uint8]
    to_picture: NDArray[np.float64]
    cells: list[Cell]

    def place(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """From the grid's coordinates (n, 2) to pixels (n, 2)."""
        return _projected(self.to_picture, points)

    def box_of(self, number: int) -> NDArray[np.float64]:
        """The box of a cell's digit, or of the cell where it has none, in pixels of the picture: (4, 2) corners."""
        row, column = divmod(number, 9)
        box = self.cells[number].box
        left, top, right, bottom = (0.15, 0.15, 0.85, 0.85) if box is None else box / 64
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]]) + np.array([column, row])
        return self.place(corners)


def is_validation(number: int) -> bool:
    """Whether the cell or puzzle of this number, in their order, serves validation."""
    return number % VALIDATION_SHARE == VALIDATION_SHARE - 1


def read_cells(folder: Path, part: str) -> list[Cell]:
    """Read the cells of a part; none where there is no such file.

    The file does not say which photographs its cells come from. So those that look like a cell of a photograph of
    validation are trained on in no case.
    """
    if not (folder / CELLS).is_file():
        return []
    with np.load(folder / CELLS) as file:
        pictures, names = file["x"], file["y"]
    labels = [int(name) if name.isdigit() else SEVERAL if name == "candidates" else -1 for name in names]
    chosen = np.array([is_validation(number) for number in range(len(pictures))])
    if part == "train":
        seen = [cell.picture for photo in read_photos(folder, "validation") for cell in photo.cells]
        chosen = ~chosen & ~_resembles(pictures, seen)
    return [
        Cell(pictures[number], labels[number], digit_box(pictures[number]) if 0 < labels[number] < SEVERAL else None)
        for number in np.flatnonzero(chosen)
    ]


def _resembles(pictures: NDArray[np.uint8], others: list[NDArray[np.uint8]]) -> NDArray[np.bool_]:
    """Whether each of the pictures, all (64, 64), is much the same as one of the others. Returns (n,)."""
    if not others:
        return np.zeros(len(pictures), bool)
    mine, theirs = (_standard(np.stack(list(group))) for group in (pictures, others))
    closest: NDArray[np.float32] = (mine @ theirs.T).max(1) / mine.shape[1]
    return closest > SAME


def _standard(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The middles of pictures at half size, each with a mean of 0 and a deviation of 1. Returns (n, 576)."""
    plain = pictures[:, 8:56:2, 8:56:2].reshape(len(pictures), -1).astype(np.float32)
    plain -= plain.mean(1, keepdims=True)
    return np.asarray(plain / (plain.std(1, keepdims=True) + np.float32(1e-6)))


def digit_box(cell: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """Find the one digit in a cell: the ink near the middle, without lines at the edges. None if there is too little.

    Args:
        cell: Shape (64, 64), uint8, darker ink.

    Returns:
        Left, top, right and bottom in pixels, float32.
    """
    inner = cell[6:58, 6:58].astype(np.float32)
    paper = np.median(inner)
    depth = (paper - inner).clip(0)
    ink = _without_lines(depth > 0.4 * np.percentile(depth, 99))
    spans = [_span(ink.any(axis) & (ink.sum(axis) > 1), ink.sum(axis)) for axis in (0, 1)]
    if any(span is None for span in spans):
        return None
    (left, right), (top, bottom) = spans  # type: ignore[misc]
    if bottom - top < 14 or right - left < 4:
        return None
    return np.array([left + 6, top + 6, right + 6, bottom + 6], np.float32)


def _without_lines(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Ink without the rows and columns along the edges that are mostly inked. Takes and returns (52, 52)."""
    ink = ink.copy()
    for turn in range(4):
        view = np.rot90(ink, turn)
        filled = view.mean(1) > 0.6
        view[: len(filled) if filled.all() else int(np.argmin(filled))] = False
    return ink


def _span(inked: NDArray[np.bool_], weight: NDArray[np.int64]) -> tuple[int, int] | None:
    """The run of places with ink, gaps of up to two among them, that holds the most ink; runs at an edge come last."""
    runs: list[list[int]] = []
    for place in np.flatnonzero(inked):
        if runs and place - runs[-1][1] <= 3:
            runs[-1][1] = int(place)
        else:
            runs.append([int(place), int(place)])
    inner = [run for run in runs if (run[0] > 0 and run[1] < len(inked) - 1) or run[1] - run[0] > len(inked) // 2]
    if not inner:
        return None
    first, last = max(inner, key=lambda run: int(weight[run[0] : run[1] + 1].sum()))
    return first, last + 1


def read_photos(folder: Path, part: str) -> list[Photo]:
    """Read the photographs of a part, in the order of their names; none where there is no such folder.

    A name begins with the puzzle's, its day: all photographs of a puzzle are in the same part.
    """
    if not (folder / PHOTOS / "labels.json").is_file():
        return []
    labels = json.loads((folder / PHOTOS / "labels.json").read_text(encoding="utf-8"))["photos"]
    puzzles = sorted({name[:5] for name in labels})
    return [
        _photo(folder / PHOTOS / name, labels[name])
        for name in sorted(labels)
        if is_validation(puzzles.index(name[:5])) == (part == "validation")
    ]


def _photo(path: Path, label: dict[str, Any]) -> Photo:
    with Image.open(path) as file:
        picture = file.convert("L")
    corners = np.array([label["corners"][name] for name in ("top_left", "top_right", "bottom_right", "bottom_left")])
    matrix = homography(np.array([[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 9.0]]), corners)
    cells = []
    for number, digit in enumerate(np.array(label["digits"]).reshape(-1)):
        row, column = divmod(number, 9)
        to_cell = matrix @ np.array([[1 / 64, 0, column], [0, 1 / 64, row], [0, 0, 1]])
        coefficients = (to_cell / to_cell[2, 2]).reshape(-1)[:8]
        how = Image.Transform.PERSPECTIVE, list(coefficients), Image.Resampling.BILINEAR
        cut = np.asarray(picture.transform((64, 64), *how))
        known = int(digit) if digit else -1
        cells.append(Cell(cut, known, digit_box(cut) if 0 < known < SEVERAL else None))
    return Photo(path.name, np.asarray(picture), matrix, cells)


def homography(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The projective map that takes four points (4, 2) to four others, shape (3, 3)."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    solved = np.linalg.solve(np.array(rows), target.reshape(-1))
    return np.append(solved, 1.0).reshape(3, 3)


def _projected(matrix: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    result = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    return result[:, :2] / result[:, 2:]
