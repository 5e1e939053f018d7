"""Pixels to ink: the drawing without its background, whatever the colours of both.

Ink is a float32 array of shape (height, width), 0 where the background is and 1 at full ink. Size and position are
left as they are: putting a drawing into the network's frame is the model's own work
(`digitrec.learning.layers.frame_ink`).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.decoding import ImageLike, Pixels, full_scale, pixels_from
from digitrec.errors import BlankImageError

MIN_CONTRAST = 0.1
"""Least difference from the background, of 1 for black on white, that counts as ink. A pencil reaches 0.2."""


def ink_from(image: ImageLike) -> NDArray[np.float32]:
    """Separate the ink of a drawing from its background.

    The background is what the border mostly shows; ink is whatever differs from it, in any colour or in opacity. A
    noisy background (paper, JPEG) is cut away at a level measured on the border; on a clean one nothing is cut, so
    that MNIST's own images pass unchanged but for their brightest pixel becoming 1.

    Args:
        image: What `digitrec.predict` takes.

    Returns:
        Shape (height, width), float32, 0 background to 1 full ink. A side longer than `MAX_SIDE` has been averaged
        down by a whole factor, the other side with it.

    Raises:
        InvalidImageError: Not a picture, or of a kind that is not read.
        ImageTooLargeError: More bytes or pixels than allowed, or too costly to decode.
        OverloadedError: The machine has no time or memory left to decode it now.
        BlankImageError: No pixel differs from the background by more than `MIN_CONTRAST`.
    """
    return ink_from_pixels(pixels_from(image))


def ink_from_pixels(pixels: Pixels, *, margins: bool = True) -> NDArray[np.float32]:
    """As `ink_from`, of pixels that `pixels_from` returned.

    Args:
        pixels: The picture.
        margins: Whether what surrounds the drawing is kept; see `cut_margins`.

    Raises:
        BlankImageError: No pixel differs from the background by more than `MIN_CONTRAST`.
    """
    cut = pixels if margins else cut_margins(pixels)
    grey = cut if cut.ndim == 2 else _grey_sheet(cut)
    if grey is not None and cut is not pixels:  # its border is of one colour: there is no noise to measure
        difference, noise = _distance(grey, grey[0, 0]), 0.0
    else:
        difference = _difference_from_background(cut, grey)
        noise = 2.0 * _noise_level(difference)
    largest = np.float32(difference.max())
    peak = float(largest / np.float32(full_scale(difference)))
    if peak - noise <= MIN_CONTRAST:
        flaw = "stands out from its background"
        if pixels.shape[2:] == (4,) and not pixels[..., 3].any() and (pixels != pixels[0, 0]).any():
            flaw = "can be seen, as all of it is transparent (alpha 0); drop the alpha channel if its colours are meant"
        raise BlankImageError(
            f"no ink: nothing in this {pixels.shape[1]}x{pixels.shape[0]} picture {flaw}"
            "; draw a digit, or use a picture with more contrast"
        )
    if noise > 0:
        difference = _unit_range(difference)
        largest = np.float32(float(difference.max()) - noise)
        difference = np.maximum(difference - np.float32(noise), np.float32(0))
    return np.divide(difference, largest, dtype=np.float32)


def cut_margins(pixels: Pixels) -> Pixels:
    """Cut off what surrounds a drawing in one colour, all but a pixel of it: the less is left, the faster all else.

    What is left has the same ink. A picture that is drawn on to its edge, or whose background is not all of one colour,
    comes back as it is; so does one of (h, w, 3), for it is mostly a photograph.
    """
    edges = find_margins(pixels)
    return pixels if edges is None else pixels[edges[0] : edges[1], edges[2] : edges[3]]


def find_margins(pixels: Pixels) -> tuple[int, int, int, int] | None:
    """Where `cut_margins` cuts: its first row, the row behind its last one, and the columns; None if nowhere."""
    if pixels.ndim == 3 and not is_rgba(pixels):
        return None
    plane = pixels if pixels.ndim == 2 else words(pixels)
    inked = plane != plane[0, 0]
    rows = np.flatnonzero(inked.any(1))
    if not rows.size or rows[0] == 0 or rows[-1] == len(plane) - 1:
        return None
    columns = np.flatnonzero(inked[rows[0] : rows[-1] + 1].any(0))
    if columns[0] == 0 or columns[-1] == len(plane[0]) - 1:
        return None
    return int(rows[0]) - 1, int(rows[-1]) + 2, int(columns[0]) - 1, int(columns[-1]) + 2


def _difference_from_background(pixels: Pixels, grey: Pixels | None) -> Pixels:
    """How far each pixel is from the background.

    Args:
        pixels: Shape (h, w), (h, w, 3) or (h, w, 4).
        grey: The same as one plane, (h, w), where one plane has all of it.

    Returns:
        Shape (h, w), in the pixels' own units or, where transparency matters, float32 from 0 to 1.
    """
    if grey is not None:
        return _distance(grey, _border_median(grey))
    planes = _planes(pixels)
    if len(planes) == 3 or _is_even(planes[3]):
        return _largest_distance(planes[:3])
    alpha = _unit_range(planes[3])
    if _border_median(alpha) >= 0.5:  # an opaque sheet: where it has a hole, the sheet's colour counts
        return alpha * _unit_range(_largest_distance(planes[:3]))
    card = _opaque_card(planes)
    if card is None:
        return alpha
    difference = np.zeros_like(alpha)
    difference[card] = _unit_range(_largest_distance([plane[card] for plane in planes[:3]]))
    return difference


def _is_even(alpha: Pixels) -> bool:
    """Whether all of a picture is equally opaque: then its opacity says nothing of the ink."""
    lowest = alpha.min()
    return bool(lowest == full_scale(alpha) or (lowest > 0 and lowest == alpha.max()))


def _grey_sheet(pixels: Pixels) -> Pixels | None:
    """The one plane of an opaque canvas on which all is grey, as most are, (h, w) uint8; None for other pictures.

    Two or three times the speed of looking at each plane, and half the steps: at each, NumPy lets go of the
    interpreter's lock, and another thread may take it.
    """
    if not is_rgba(pixels):
        return None
    together = words(pixels)
    plane = together.astype(np.uint8)
    return plane if np.array_equal(together, plane * np.uint32(0x010101) + np.uint32(0xFF000000)) else None


def is_rgba(pixels: Pixels) -> bool:
    """Whether a picture is (h, w, 4) uint8, as a browser's canvas gives it."""
    return pixels.ndim == 3 and pixels.dtype == np.uint8 and pixels.shape[2] == 4


def words(pixels: Pixels) -> NDArray[np.uint32]:
    """The four bytes of each pixel of a uint8 canvas as one number, red lowest."""
    as_words: NDArray[np.uint32] = np.ascontiguousarray(pixels).view("<u4")[..., 0]
    return as_words


def _planes(pixels: Pixels) -> list[Pixels]:
    """The channels, each lying together in memory: ten times as fast to work on as a last axis of 3 or 4."""
    if is_rgba(pixels):  # its four bytes are moved as one word
        together = words(pixels)
        return [(together >> np.uint32(8 * channel)).astype(np.uint8) for channel in range(4)]
    return [np.ascontiguousarray(pixels[..., channel]) for channel in range(pixels.shape[2])]


def _opaque_card(planes: list[Pixels]) -> tuple[slice, slice] | None:
    """Where a drawing on an opaque sheet lies amid transparency; None if the ink itself is what is opaque."""
    opaque = _unit_range(planes[3]) > 0.5
    if not opaque.any():
        return None
    rows, columns = np.flatnonzero(opaque.any(1)), np.flatnonzero(opaque.any(0))
    card = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
    filled = float(_border(opaque[card]).mean()) > 0.9
    # A straight stroke fills its own box as a sheet does, but is of one colour.
    drawn_on = filled and _unit_range(_largest_distance([plane[card] for plane in planes[:3]])).max() > MIN_CONTRAST
    return card if drawn_on else None


def _largest_distance(planes: list[Pixels]) -> Pixels:
    """The largest distance from the background in any of the colour planes, in their own units."""
    red, green, blue = planes
    if np.array_equal(red, green) and np.array_equal(red, blue):  # grey, as most canvases are: a third of the work
        return _distance(red, _border_median(red))
    red, green, blue = (_distance(plane, _border_median(plane)) for plane in planes)
    return np.maximum(np.maximum(red, green), blue)


def _distance(plane: Pixels, level: np.generic) -> Pixels:
    """|plane - level| without leaving uint8, where a difference would wrap around."""
    if level == 0:
        return plane
    if level == full_scale(plane):
        return np.subtract(level, plane)
    levels = np.full_like(plane, level)  # of an array and a scalar, np.maximum is ten times as slow
    distance: Pixels = np.maximum(plane, levels) - np.minimum(plane, levels)
    return distance


def _unit_range(plane: Pixels) -> NDArray[np.float32]:
    """uint8 0-255 and uint16 0-65535 to float32 0-1; floats are there already."""
    if plane.dtype.kind == "u":
        return np.multiply(plane, np.float32(1 / full_scale(plane)), dtype=np.float32)
    return plane.astype(np.float32, copy=False)


def _noise_level(difference: Pixels) -> float:
    """The 90th percentile of those border pixels that are too near to the background to be ink; 0 on a clean page.

    With normal noise this is 1.6 standard deviations, and still 1.3 on paper so bright that half the noise is cut off.
    """
    border = np.sort(_unit_range(_border(difference)))
    paper = border[: np.searchsorted(border, MIN_CONTRAST, side="right")]
    return float(paper[paper.size * 9 // 10]) if paper.size else 0.0


def _border_median(plane: Pixels) -> Any:
    """The median of the outermost pixels (the upper one of two), in the plane's own units."""
    border = np.sort(_border(plane))
    return border[border.size // 2]


def _border(plane: NDArray[Any]) -> NDArray[Any]:
    """The outermost pixels of (h, w), shape (n,)."""
    return np.concatenate([plane[0], plane[-1], plane[1:-1, 0], plane[1:-1, -1]])
