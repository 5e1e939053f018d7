"""Ablation of the framing: one network, its pictures prepared in four ways.

`python -m benchmarks.accuracy.framing`. The drawings are those of the writers that training validates on, so that
what is chosen by this table is not chosen on the test writers. The network is the shipped one, which was trained behind
the whole framing: the other ways would do somewhat better with a network trained behind them.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.pictures import Pictures, default_strokes, drawings
from benchmarks.accuracy.recognizers import shrunk
from benchmarks.command import machine
from benchmarks.tables import align
from digitrec.artifacts import models_dir
from digitrec.errors import DigitrecError
from digitrec.ink import ink_from
from digitrec.learning.layers.frame_ink import BOX_THRESHOLD, FRAME, FrameInk
from digitrec.learning.models.export import KERAS_NAME
from digitrec.learning.negatives.source_digits import WRITERS
from digitrec.learning.strokes.recordings import choose_writers, read_strokes
from digitrec.learning.strokes.suspects import drop_suspects
from digitrec.training_rows import NOT_A_DIGIT

AT_ONCE = 64

Frames = NDArray[np.float32]
"""Shape (n, 28, 28), 0 background to 1 full ink."""


class WithSpecks(FrameInk):
    """FrameInk that counts every speck of ink as a part of the drawing."""

    @staticmethod
    def _without_specks(strongest: Any, mass: Any) -> Any:
        from keras import ops

        return ops.cast(strongest > BOX_THRESHOLD, "float32")


def main(argv: list[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 done, 1 impossible."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy.framing", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="as little as shows that it works; figures mean nothing")
    flags = parser.parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    try:
        strokes = default_strokes()
        if strokes is None:
            raise DigitrecError(
                "set DIGITREC_DATA_DIR to a folder with the pen strokes in it; see benchmarks/README.md"
            )
        digits = choose_writers(drop_suspects(read_strokes(strokes)), only=WRITERS["validation"])
        model: Any = keras.models.load_model(models_dir() / KERAS_NAME, compile=False)
        print(table(list(drawings(digits[: 20 if flags.quick else None])), model.get_layer("cnn")))
    except DigitrecError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("\n" + "; ".join(f"{name} {value}" for name, value in machine().items() if value))
    return 0


def table(kinds: Sequence[Pictures], network: Any) -> str:
    """A row for each kind of drawing, a column for each way to prepare it: shares of right answers.

    Args:
        kinds: Labelled drawings.
        network: A Keras network from (n, 28, 28, 1) to (n, 11) logits.
    """
    lines = [["", *WAYS]]
    for kind in kinds:
        assert kind.labels is not None
        lines.append([kind.what])
        for prepare in WAYS.values():
            parts = range(0, len(kind), AT_ONCE)
            frames = np.concatenate([prepare(kind.images[start : start + AT_ONCE]) for start in parts])
            digits = network.predict_on_batch(frames[..., np.newaxis])[:, :NOT_A_DIGIT].argmax(1)
            lines[-1].append(f"{(digits == kind.labels).mean():.2%}")
    return "\n".join(align(lines))


def raw(images: NDArray[np.uint8]) -> Frames:
    """The whole canvas made 28x28, and nothing else."""
    return np.stack([1 - shrunk(image).astype(np.float32) / 255 for image in images])


def box_only(images: NDArray[np.uint8]) -> Frames:
    """The bounding box to 20 pixels, its middle to the middle."""
    frames = box_and_mass(images)
    for number, frame in enumerate(frames):
        shifts = []
        for axis in (0, 1):
            inked = np.flatnonzero(frame.max(1 - axis) > BOX_THRESHOLD)
            shifts.append(round(FRAME / 2 - (inked[0] + inked[-1] + 1) / 2))
        frames[number] = np.roll(frame, shifts, (0, 1))
    return frames


def box_and_mass(images: NDArray[np.uint8]) -> Frames:
    """The bounding box to 20 pixels, the centre of mass to the middle."""
    return _framed(WithSpecks(), images)


def ours(images: NDArray[np.uint8]) -> Frames:
    """The same without specks."""
    return _framed(FrameInk(), images)


WAYS: dict[str, Callable[[NDArray[np.uint8]], Frames]] = {
    "raw canvas": raw,
    "box": box_only,
    "box + centre of mass": box_and_mass,
    "+ specks ignored": ours,
}


def _framed(layer: Any, images: NDArray[np.uint8]) -> Frames:
    import keras

    frames: Frames = keras.ops.convert_to_numpy(layer(np.stack([ink_from(image) for image in images])))[..., 0]
    return frames


if __name__ == "__main__":
    sys.exit(main())
