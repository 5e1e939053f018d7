"""The baseline: connected components of ink, each judged by `predict`, joined to numbers as the reader joins them."""

import numpy as np
from skimage.measure import label, regionprops

from digitrec.decoding import pixels_from
from digitrec.errors import BlankImageError
from digitrec.ink import ink_from_pixels
from digitrec.prediction import DOUBT_THRESHOLD
from digitrec.reader.numbers import join_digits
from digitrec.reader.reading import ReadDigit, Reading
from digitrec.recognizer import shared_recognizer

SMALLEST = 0.02
"""Components of less than this share of the largest one's area are dust."""


def read(picture: np.ndarray) -> Reading:
    """Read a picture (height, width), uint8."""
    try:
        ink = ink_from_pixels(pixels_from(picture))
    except BlankImageError:
        return Reading()
    regions = regionprops(label(ink > 0.3, connectivity=2))
    largest = max((region.area for region in regions), default=0)
    digits = []
    for region in regions[:400]:
        if region.area < SMALLEST * largest or region.area < 12:
            continue
        top, left, bottom, right = region.bbox
        own = np.zeros((bottom - top + 2, right - left + 2), np.float32)
        own[1:-1, 1:-1] = ink[top:bottom, left:right] * region.image
        answer = shared_recognizer().run(own[np.newaxis])
        if answer.doubt[0] < DOUBT_THRESHOLD:
            row = answer.probabilities[0]
            box = float(left), float(top), float(right), float(bottom)
            doubt, frame = float(answer.doubt[0]), answer.model_input[0]
            digits.append(ReadDigit(int(row.argmax()), float(row.max()), row, doubt, box, frame))
    return join_digits(digits)
