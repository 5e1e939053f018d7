"""Reader: the detector finds digits, the single-digit network judges each, and what they agree on is read."""

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitrec.artifacts import reader_path
from digitrec.decoding import ImageLike, Pixels, full_scale, pixels_from
from digitrec.errors import BlankImageError
from digitrec.ink import ink_from_pixels
from digitrec.reader.crops import inks_of
from digitrec.reader.detector import Detector
from digitrec.reader.maps import DIGIT, MINUS, Floats, Found
from digitrec.reader.numbers import Sign, reading_of
from digitrec.reader.reading import ReadDigit, Reading
from digitrec.recognizer import DOUBT_THRESHOLD, Recognizer, shared_recognizer

WEIGHT_OF_DETECTOR, WEIGHT_OF_NETWORK = 0.6, 0.6
"""Powers to which the probabilities of both are raised before they are multiplied."""

DOUBT_OF_SCORE, DOUBT_OF_NETWORK, DOUBT_BIAS = 1.0, 0.35, 0.0
"""How the detector's score and the single-digit network's doubt, both as logits, make one doubt."""

SIGN_SCORE = 0.4
"""Least score of a minus sign or a point."""

_AT_ONCE = 100
"""Crops that go through the single-digit network together."""


class Reader:
    """Reads whole numbers and photographs; safe to share between threads."""

    def __init__(
        self, path: str | Path | None = None, *, recognizer: Recognizer | None = None, threads: int = 1
    ) -> None:
        """Load a reader.

        Args:
            path: The detector, an ONNX file made by `training.export_reader`; the shipped one by default.
            recognizer: Judges each digit; the shipped one by default.
            threads: Threads for one picture.

        Raises:
            ModelNotFoundError: No such file.
            ModelIntegrityError: Not the file its card describes, or no detector.
        """
        self.recognizer = recognizer or shared_recognizer()
        self.detector = Detector(Path(path) if path is not None else reader_path(), threads=threads)

    def read(self, image: ImageLike) -> Reading:
        """Read every digit in a picture.

        Args:
            image: Anything `digitrec.predict` takes: a canvas, a scan, a photograph, of any size.

        Returns:
            What was read; an empty reading where there is no digit.

        Raises:
            InvalidImageError: Not a picture.
            ImageTooLargeError: More bytes or pixels than allowed.
        """
        return self.read_pixels(pixels_from(image))

    def read_pixels(self, pixels: Pixels) -> Reading:
        """As `read`, of pixels that `pixels_from` returned. Boxes are in these pixels."""
        picture = grey_of(pixels)
        if picture is None:
            return Reading()
        found = self.detector.find(picture)
        digits = self._judged(picture, found.take(found.kinds == DIGIT))
        others = found.take((found.kinds != DIGIT) & (found.scores >= SIGN_SCORE))
        signs = [
            Sign("-" if kind == MINUS else ".", _box(box), float(score))
            for kind, box, score in zip(others.kinds, others.boxes, others.scores, strict=True)
        ]
        return reading_of(digits, signs)

    def _judged(self, picture: NDArray[np.uint8], found: Found) -> list[ReadDigit]:
        """The digits that both networks together do not doubt."""
        if not len(found):
            return []
        inks = inks_of(picture, found.boxes)
        answers = [self.recognizer.run(inks[start : start + _AT_ONCE]) for start in range(0, len(inks), _AT_ONCE)]
        network, doubt = (np.concatenate([one[place] for one in answers]) for place in (0, 1))
        probabilities = combined(found.logits, network)
        doubts = combined_doubt(found.scores, doubt)
        return [
            ReadDigit(int(row.argmax()), float(row.max()), row, float(one), _box(box))
            for row, one, box in zip(probabilities, doubts, found.boxes, strict=True)
            if one < DOUBT_THRESHOLD
        ]


def combined(logits: Floats, network: Floats) -> Floats:
    """The detector's logits (n, 10) and the single-digit network's probabilities (n, 10) as one, (n, 10)."""
    logs = logits - logits.max(1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(1, keepdims=True))
    logs = WEIGHT_OF_DETECTOR * logs + WEIGHT_OF_NETWORK * np.log(network.clip(1e-6))
    logs = np.exp(logs - logs.max(1, keepdims=True))
    return np.asarray(logs / logs.sum(1, keepdims=True), np.float32)


def combined_doubt(scores: Floats, doubts: Floats) -> Floats:
    """The detector's scores (n,) and the single-digit network's doubts (n,) as one doubt, (n,)."""
    score, doubt = (np.log(one.clip(1e-4, 1 - 1e-4) / (1 - one.clip(1e-4, 1 - 1e-4))) for one in (scores, doubts))
    against = DOUBT_OF_NETWORK * doubt - DOUBT_OF_SCORE * score + DOUBT_BIAS
    return np.asarray(1 / (1 + np.exp(-against)), np.float32)


def _box(box: Floats) -> tuple[float, float, float, float]:
    left, top, right, bottom = box.tolist()
    return left, top, right, bottom


def grey_of(pixels: Pixels) -> NDArray[np.uint8] | None:
    """A picture's brightness, (height, width); None where nothing stands out from a plain background.

    On a canvas, whose border is all of one colour, it is how much each pixel differs from that, so that ink of any
    colour, or only of opacity, is seen. On a photograph it is the brightness itself.
    """
    if has_plain_border(pixels):
        try:
            return np.rint(255 * (1 - ink_from_pixels(pixels))).astype(np.uint8)
        except BlankImageError:
            return None
    if pixels.dtype != np.uint8:
        pixels = np.rint(pixels * np.float32(255 / full_scale(pixels))).astype(np.uint8)
    if pixels.ndim == 2:
        return np.ascontiguousarray(pixels)
    picture = Image.fromarray(pixels)
    if picture.mode == "RGBA":
        paper = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(paper, picture)
    grey: NDArray[np.uint8] = np.asarray(picture.convert("L"))
    return grey


def has_plain_border(pixels: Pixels) -> bool:
    """Whether all outermost pixels are of one colour, as those of a canvas are and of a photograph are not."""
    corner = pixels[0, 0]
    return bool(
        (pixels[0] == corner).all()
        and (pixels[-1] == corner).all()
        and (pixels[:, 0] == corner).all()
        and (pixels[:, -1] == corner).all()
    )


_shared: Reader | None = None
_shared_lock = threading.Lock()


def shared_reader() -> Reader:
    """The shipped reader, loaded at first use and kept."""
    global _shared
    if _shared is None:
        with _shared_lock:
            if _shared is None:
                _shared = Reader()
    return _shared


def read(image: ImageLike) -> Reading:
    """Read every digit in a picture with the shipped models; see `Reader.read`."""
    return shared_reader().read(image)
