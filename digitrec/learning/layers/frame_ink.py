"""FrameInk: a drawing of any size, put into MNIST's frame by the model itself."""

from typing import Any

import keras
from keras import ops

FRAME = 28
"""Side of the frame, in pixels."""

BOX = 20
"""Longest side of the drawing in it, in pixels."""

CENTRE = 14
"""Row and column of the frame that the drawing's centre of mass comes nearest to, as in all 70,000 MNIST images."""

BOX_THRESHOLD = 0.1
"""Share of the strongest ink that still counts as part of the drawing when its bounding box is found."""

SPECK = 0.1
"""Share of all ink that may lie beyond a gap and not count when the box is found: a slip of the pen, dust, a spot. A
stray dot of the brush's own size has 7 % of the ink of a 1, and less of any other digit's."""


@keras.saving.register_keras_serializable(package="digitrec")
class FrameInk(keras.layers.Layer):
    """Put drawings of any size into MNIST's frame: (n, height, width) to (n, 28, 28, 1), ink in [0, 1].

    The bounding box is scaled to 20 pixels on its longer side, its proportions kept; the centre of mass goes to the
    middle, by whole pixels, as LeCun, Cortes and Burges did when they made MNIST; the strongest ink becomes 1, so
    that a thin pen is as black as a thick one. An MNIST image comes out as it went in.

    A stray dot would make the box, and with it the digit, another size. So what lies beyond a blank row or column and
    is less than a tenth of the ink does not count for box and centre. It is not wiped out either: the bar of a 5 that
    floats above it is still seen.

    Scaling and shifting along the axes are separable, so all of it is two matrix products,
    `out = A @ ink @ transpose(B)`. Row i of A (28 x height) is a triangle kernel centred on the source row that frame
    row i looks at; its half width is the scale, which makes it an anti-aliasing filter when the drawing shrinks and
    linear interpolation when it grows. Nothing here slices or depends on a static size: the layer runs on every
    Keras backend and exports to ONNX.
    """

    def call(self, ink: Any) -> Any:
        """Frame the ink. Takes (n, h, w) in [0, 1], returns (n, 28, 28, 1); a blank drawing stays blank."""
        return self.frame_and_place(ink)[0]

    def frame_and_place(self, ink: Any) -> tuple[Any, Any]:
        """Frame the ink, and say where the frame lies on the drawing.

        Args:
            ink: Shape (n, h, w), in [0, 1].

        Returns:
            The framed drawings, (n, 28, 28, 1); and the places of the frames, (n, 3): top, left and scale. Position u
            of a frame, from 0 to 28, is position `top + u * scale` or `left + u * scale` of its drawing, in pixels.
        """
        strongest = ops.max(ink, axis=(1, 2), keepdims=True)  # (n, 1, 1)
        ink = ink / ops.maximum(strongest, 1e-6)
        rows = self._without_specks(ops.max(ink, axis=2), ops.sum(ink, axis=2))  # (n, h), 1 where the drawing is
        # A speck beside the drawing is found on one axis only, and must not count on the other.
        of_rows = ink * ops.expand_dims(rows, 2)
        column_mass = ops.sum(of_rows, axis=1)  # (n, w)
        columns = self._without_specks(ops.max(of_rows, axis=1), column_mass)
        of_columns = ink * ops.expand_dims(columns, 1)
        row_mass = ops.sum(of_columns, axis=2)  # (n, h)
        rows = self._without_specks(ops.max(of_columns, axis=2), row_mass)
        top, bottom = self._extent(rows)  # (n, 1) each, in pixels of the drawing
        left, right = self._extent(columns)
        scale = ops.maximum(bottom - top, right - left) / BOX  # (n, 1) drawing pixels to a frame pixel
        top = top - scale * self._shift(row_mass * rows, top, bottom, scale)
        left = left - scale * self._shift(column_mass * columns, left, right, scale)
        down = self._kernels(row_mass, top, scale)  # (n, 28, h)
        across = self._kernels(column_mass, left, scale)  # (n, 28, w)
        framed = ops.matmul(ops.matmul(down, ink), ops.transpose(across, (0, 2, 1)))  # (n, 28, 28)
        framed = framed / ops.maximum(ops.max(framed, axis=(1, 2), keepdims=True), 1e-6)
        return ops.expand_dims(framed, -1), ops.concatenate([top, left, scale], axis=1)

    @staticmethod
    def _without_specks(strongest: Any, mass: Any) -> Any:
        """Where the drawing is along one axis: 1 from its first inked place to its last, but for gaps; else 0.

        Takes the strongest ink and the sum of the ink in each row or column, both (n, length); returns (n, length).
        """
        position = _positions(mass)
        inked = strongest > BOX_THRESHOLD
        upto = ops.cumsum(mass, axis=1)
        total = ops.sum(mass, axis=1, keepdims=True)
        # The last gap with no more than a speck before it, and the first with no more than a speck behind it.
        begin = ops.where(ops.logical_or(inked, upto > SPECK * total), -1.0, position)
        end = ops.where(ops.logical_or(inked, total - upto > SPECK * total), 1e9, position)
        after = position > ops.max(begin, axis=1, keepdims=True)
        before = position < ops.min(end, axis=1, keepdims=True)
        return ops.cast(ops.logical_and(inked, ops.logical_and(after, before)), "float32")

    @staticmethod
    def _extent(within: Any) -> tuple[Any, Any]:
        """First and last edge of where `within`, (n, length), is 1; returns two (n, 1)."""
        position = _positions(within)
        first = ops.min(ops.where(within > 0, position, 1e9), axis=1, keepdims=True)
        last = ops.max(ops.where(within > 0, position, -1.0), axis=1, keepdims=True) + 1.0
        return ops.minimum(first, last - 1.0), last  # the minimum keeps a blank drawing at one pixel

    @staticmethod
    def _shift(mass: Any, first: Any, last: Any, scale: Any) -> Any:
        """Frame pixels before the drawing's box along one axis. Takes (n, length) ink sums and three (n, 1)."""
        position = _positions(mass)  # (n, length), pixel p covers p to p + 1
        middle = ops.sum(mass * (position + 0.5), axis=1, keepdims=True) / ops.maximum(
            ops.sum(mass, axis=1, keepdims=True), 1e-6
        )
        # A whole number of frame pixels, so that a drawing already at this scale is not resampled; and never so far
        # that the box leaves the frame.
        shift = ops.round(CENTRE + 0.5 - (middle - first) / scale)
        return ops.clip(shift, 0.0, FRAME - ops.ceil((last - first) / scale - 1e-3))

    @staticmethod
    def _kernels(along: Any, start: Any, scale: Any) -> Any:
        """The triangle kernels along one axis.

        Takes something of shape (n, length), and where the frame starts and its scale, both (n, 1); returns
        (n, 28, length).
        """
        position = _positions(along)
        frame = ops.cast(ops.arange(FRAME), "float32")  # (28,)
        looks_at = start + (frame + 0.5) * scale - 0.5  # (n, 28) source pixel in each one's middle
        reach = ops.expand_dims(ops.maximum(scale, 1.0), -1)  # (n, 1, 1)
        distance = ops.abs(ops.expand_dims(position, 1) - ops.expand_dims(looks_at, -1))  # (n, 28, length)
        return ops.relu(1.0 - distance / reach) / reach

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(n, h, w) to (n, 28, 28, 1)."""
        return (input_shape[0], FRAME, FRAME, 1)


def _positions(along: Any) -> Any:
    """0, 1, 2, ... along the last axis, whatever its length: a running sum needs no static size."""
    return ops.cumsum(ops.ones_like(along), axis=1) - 1.0
