"""Finding digits: the detector's graph on a picture at several sizes, and what it finds on all of them as one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from PIL import Image

from digitrec.artifacts import READER_NAME, read_model, reader_path, sha256
from digitrec.detection.maps import CLASSES, DIGIT, HEATS, STRIDE, Found, found_in, suppress
from digitrec.errors import ModelIntegrityError, ModelNotFoundError
from digitrec.forks import ForkableLock, in_a_graph

OUTPUTS = HEATS + CLASSES + 4

MULTIPLE = 32
"""The graph takes pictures whose sides are multiples of this."""

STEP = 3
"""How many times smaller each size is than the one before."""

SMALLEST, LARGEST = 8.0, 100.0
"""Sides in pixels of digits that the detector knows; what lies beyond is found at another of the sizes."""

LEAST_SIDE, LAST_SIDE = 100, 110
"""A photograph whose longer side is below the first is looked at doubled too; what is within the second is not made
smaller."""

LEAST_INK, LAST_INK = 48, 80
"""The same for a canvas, whose ink may be that of one digit, without surroundings."""

MARGIN = 24
"""Pixels around a small picture, and around the ink of a canvas, so that a digit that fills it has surroundings."""

THRESHOLD = 0.2
"""Least score of what is found; what is read needs more."""


class Detector:
    """Finds digits, minus signs and decimal points; safe to share between threads."""

    def __init__(self, path: Path, *, threads: int = 1, model: bytes | None = None) -> None:
        """Load a detector.

        Args:
            path: An ONNX file made by `training.export_reader`.
            threads: Threads for one picture.
            model: What is in the file, if it was read before.

        Raises:
            ModelNotFoundError: No such file.
            ModelIntegrityError: Not the file its card describes, not ONNX, or not a detector.
        """
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Pictures come in all sizes: blocks kept for one size would be of no use to the next.
        options.enable_cpu_mem_arena = False
        model = read_model(path) if model is None else model
        try:
            with in_a_graph:
                self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
            names = [node.name for node in self._session.get_inputs()]
            shape = self.maps(np.zeros((1, 64, 96), np.float32)).shape
        except Exception as error:  # ONNX Runtime has its own exception for each way in which a file can be broken
            raise ModelIntegrityError(f"{path} is no detector of digits; restore it or export again") from error
        if names != ["pixels"] or shape != (1, 64 // STRIDE, 96 // STRIDE, OUTPUTS):
            raise ModelIntegrityError(f"{path} is no detector of digits: it gives {shape}; export again")

    def maps(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the graph: (n, h, w) brightness 0 to 1, sides multiples of `MULTIPLE`, to (n, h / 4, w / 4, OUTPUTS)."""
        with in_a_graph:
            maps: NDArray[np.float32] = self._session.run(None, {"pixels": pictures})[0]
        return maps

    def find(self, picture: NDArray[np.uint8]) -> Found:
        """Find what is in a picture of any size.

        Args:
            picture: Shape (height, width), grey.

        Returns:
            Digits and signs, the surest first, none on top of another; boxes in pixels of the picture.
        """
        page = _page_of(picture)
        found = []
        least, last = (LEAST_INK, LAST_INK) if page.plain else (LEAST_SIDE, LAST_SIDE)
        for scale, smaller in _sizes(Image.fromarray(page.picture), least, last):
            margin = MARGIN if page.plain or max(smaller.size) < 2 * LAST_SIDE else 0
            bright = _padded(np.asarray(smaller), margin, page.paper)
            here = found_in(self.maps(bright[np.newaxis])[0], THRESHOLD)
            sides = (here.boxes[:, 2:] - here.boxes[:, :2]).max(1)
            known = (sides <= LARGEST) & ((sides >= SMALLEST) | (here.kinds != DIGIT))
            moved = Found(here.boxes - np.float32(margin), here.scores, here.kinds, here.logits)
            found.append(moved.take(known).scaled(scale))
        return _inside(suppress(_together(found)).moved(page.left, page.top), picture.shape)


@dataclass(frozen=True, eq=False)
class _Page:
    """What of a picture is looked at.

    Attributes:
        picture: Shape (height, width), grey.
        left, top: Where it begins in the whole picture.
        paper: Brightness of what is around it, 0 to 255.
        plain: Whether nothing else is there, as on a canvas.
    """

    picture: NDArray[np.uint8]
    left: int
    top: int
    paper: float
    plain: bool


def _page_of(picture: NDArray[np.uint8]) -> _Page:
    """A canvas without its margins, so that a drawing is found alike wherever it stands on one; else the picture."""
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    inked = picture != border[0]
    rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    if (border != border[0]).any() or not rows.size:
        return _Page(picture, 0, 0, float(np.median(border)), plain=False)
    left, top, right, bottom = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    return _Page(picture[top:bottom, left:right], left, top, float(border[0]), plain=True)


def _sizes(picture: Image.Image, least: int, last: int) -> list[tuple[float, Image.Image]]:
    """A picture at all sizes that are looked at, each with the factor that leads back to the first one's pixels."""
    longer = max(picture.size)
    sizes, scale = [(1.0, picture)], 1
    if longer < least:  # a digit of 20 pixels is known better at 40
        sizes.append((0.5, picture.resize((2 * picture.width, 2 * picture.height), Image.Resampling.BILINEAR)))
    while longer / scale > last:
        scale *= STEP
        size = max(1, round(picture.width / scale)), max(1, round(picture.height / scale))
        sizes.append((float(scale), picture.resize(size, Image.Resampling.BOX)))
    return sizes


def _padded(picture: NDArray[np.uint8], margin: int, paper: float) -> NDArray[np.float32]:
    """Brightness 0 to 1, with so much around it that both sides are multiples of `MULTIPLE`.

    Beyond a large picture its edges go on; around a small one lies its paper, so that strokes and lines end where the
    picture does.
    """
    beyond = [(margin, margin + -(side + 2 * margin) % MULTIPLE) for side in picture.shape]
    bright = picture * np.float32(1 / 255)
    if not margin:
        return np.pad(bright, beyond, mode="edge")
    return np.pad(bright, beyond, constant_values=paper / 255)


def _together(found: list[Found]) -> Found:
    return Found(
        np.concatenate([one.boxes for one in found]),
        np.concatenate([one.scores for one in found]),
        np.concatenate([one.kinds for one in found]),
        np.concatenate([one.logits for one in found]),
    )


def _inside(found: Found, shape: tuple[int, ...]) -> Found:
    """What has its middle in the picture, boxes cut at its edges."""
    limits = np.array([shape[1], shape[0]] * 2, np.float32)
    middles = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    inside: NDArray[np.bool_] = np.all((middles >= 0) & (middles < limits[:2]), axis=1)
    kept = found.take(inside)
    return Found(kept.boxes.clip(0, limits), kept.scores, kept.kinds, kept.logits)


_loaded: WeakValueDictionary[str, Detector] = WeakValueDictionary()
"""The detectors that recognizers hold, by the SHA-256 of their file: recognizers with the same one share it."""
_loading = ForkableLock()


def detector_beside(folder: Path, card: Mapping[str, Any] | None = None) -> Detector:
    """The detector that belongs to a model: the one in its folder, else the shipped one.

    Args:
        folder: The folder of the model.
        card: The model's card; the one in the folder by default.

    Raises:
        ModelNotFoundError: No such file.
        ModelIntegrityError: Not the file its card describes, not ONNX, or not a detector.
    """
    path = folder / READER_NAME
    try:
        model = read_model(path, card)
    except ModelNotFoundError:
        path = reader_path(folder)
        model = read_model(path)
    digest = sha256(model)
    with _loading:
        detector = _loaded.get(digest)
        if detector is None:
            detector = _loaded[digest] = Detector(path, model=model)
        return detector
