"""Reader: the detector finds digits, the single-digit network judges each, and what both agree on is read."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.decoding import ImageLike, sized_pixels_from
from digitrec.detection.detector import Detector
from digitrec.detection.grey import grey_from_pixels
from digitrec.detection.judgement import judge, least_doubts, may_be_cut_off
from digitrec.detection.maps import DIGIT, MINUS, POINT
from digitrec.detection.second_look import is_canvas
from digitrec.forks import ForkableLock
from digitrec.prediction import DOUBT_THRESHOLD
from digitrec.reader.numbers import Sign, join_digits
from digitrec.reader.parts import separate_digits
from digitrec.reader.reading import Box, ReadDigit, Reading, ReadNumber
from digitrec.recognizer import Recognizer, shared_recognizer
from digitrec.sheets import on_its_sheet

SIGN_SCORE, POINT_SCORE = 0.6, 0.4
"""Least scores of a sign, and of a point where no more are found than numbers have: one for two digits, and one more.
Points count only low between two digits. At 0.4, not 0.6, 92 % of decimal numbers on blank paper by validation's
writers are read, not 80 %; on dotted paper 88 % of whole ones, not 92 %."""


class Reader:
    """Reads whole numbers and photographs; safe to share between threads."""

    def __init__(
        self, path: str | Path | None = None, *, recognizer: Recognizer | None = None, threads: int = 1
    ) -> None:
        """Load a reader.

        Args:
            path: The detector, an ONNX file made by `training.export_reader`; the recognizer's by default.
            recognizer: Judges each digit; the shipped one by default.
            threads: Threads for one picture, where a path is given.

        Raises:
            ModelNotFoundError: No such file.
            ModelIntegrityError: Not the file its card describes, or no detector.
        """
        self.recognizer = recognizer or shared_recognizer()
        self.detector = self.recognizer.detector if path is None else Detector(Path(path), threads=threads)
        self._given = path, threads

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by paths: unpickling loads the files again, since ONNX Runtime's sessions cannot be copied."""
        path, threads = self._given
        return _loaded, (path, self.recognizer, threads)

    def read(self, image: ImageLike) -> Reading:
        """Read every digit in a picture.

        Args:
            image: Anything `digitrec.predict` takes: a canvas, a scan, a photograph, of any size. A side longer than
                1024 pixels is averaged down first, so that digits must be 12 pixels tall after that.

        Returns:
            What was read; an empty reading where there is no digit. Boxes are in pixels of the picture as it is shown.

        Raises:
            InvalidImageError: Not a picture.
            ImageTooLargeError: More bytes or pixels than allowed.
            OverloadedError: The machine has no time or memory left to decode it now.
        """
        pixels, (width, height) = sized_pixels_from(image)
        across, down = width / pixels.shape[1], height / pixels.shape[0]
        pixels = on_its_sheet(pixels)
        apart = separate_digits(pixels, self.recognizer)
        if apart is not None:
            return join_digits([replace(one, box=_box(np.array(one.box), across, down)) for one in apart])
        picture = grey_from_pixels(pixels)
        if picture is None:
            return Reading()
        found = self.detector.find(picture)
        likely = (found.kinds == DIGIT) & (least_doubts(found.scores) < DOUBT_THRESHOLD)
        judged = judge(picture, found.take(likely), self.recognizer.run)
        digits = [
            ReadDigit(int(row.argmax()), float(row.max()), row, float(doubt), _box(box, across, down), frame)
            for row, doubt, box, frame in zip(
                judged.probabilities, judged.doubts, judged.boxes, judged.frames, strict=True
            )
            if doubt < DOUBT_THRESHOLD
        ]
        points = found.kinds == POINT
        dotted_paper = points.sum() > likely.sum() / 2 + 1
        least = np.where(points, SIGN_SCORE if dotted_paper else POINT_SCORE, SIGN_SCORE)
        others = found.take((found.kinds != DIGIT) & (found.scores >= least))
        signs = [
            Sign("-" if kind == MINUS else ".", _box(box, across, down), float(score))
            for kind, box, score in zip(others.kinds, others.boxes, others.scores, strict=True)
        ]
        reading = join_digits(digits, signs)
        return reading if is_canvas(pixels) else _without_what_is_cut_off(reading, (height, width))


def _without_what_is_cut_off(reading: Reading, shape: tuple[int, int]) -> Reading:
    """A photograph's reading without strokes alone at its edge, if there are other numbers."""

    def cut(number: ReadNumber) -> bool:
        boxes = np.array([digit.box for digit in number.digits], np.float32)
        labels = np.array([digit.digit for digit in number.digits])
        return number.text == "1" and bool(may_be_cut_off(boxes, labels, shape).all())  # `-1` is no pen

    kept = [tuple(number for number in line if not cut(number)) for line in reading.lines]
    return Reading(tuple(line for line in kept if line)) if any(kept) else reading


def _box(box: NDArray[Any], across: float, down: float) -> Box:
    left, top, right, bottom = box.tolist()
    return left * across, top * down, right * across, bottom * down


def _loaded(path: str | Path | None, recognizer: Recognizer, threads: int) -> Reader:
    """A reader as it was before it was pickled."""
    return Reader(path, recognizer=recognizer, threads=threads)


_shared: Reader | None = None
_shared_lock = ForkableLock()


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
