"""The candidates: the shipped model, and the network of tutorials with and without our preparation of the picture."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.special import softmax

from benchmarks.accuracy.pictures import Pictures
from digitrec import BlankImageError, Prediction, Recognizer
from digitrec.ink import ink_from
from digitrec.learning.batches import scale_images
from digitrec.learning.layers.frame_ink import FRAME
from digitrec.learning.models.checkpoints import load_cnn
from digitrec.learning.runs.run import Run
from digitrec.learning.strokes.rendering import frame_inks
from digitrec.training_rows import NOT_A_DIGIT

AT_ONCE = 500
PIXELS_AT_ONCE = 8_000_000
"""Most pictures, and most pixels of ink, that are answered together."""


@dataclass(frozen=True, eq=False)
class Classifications:
    """What a candidate says of pictures.

    Attributes:
        probabilities: Shape (n, 10), float32; all 0 where it refused to answer.
        refused: Shape (n,), bool: it found no ink in the picture.
        doubt: Shape (n,), float32, 0 to 1, and 1 where it refused; None from a candidate that knows no doubt.
    """

    probabilities: NDArray[np.float32]
    refused: NDArray[np.bool_]
    doubt: NDArray[np.float32] | None = None

    @property
    def unsureness(self) -> NDArray[np.float32]:
        """1 - confidence, the doubt of candidates without one of their own. Shape (n,), 1 where it refused."""
        unsure: NDArray[np.float32] = 1 - self.probabilities.max(1)
        return unsure


class Candidate(Protocol):
    """A recognizer that is compared with others.

    Attributes:
        name: As the table has it.
    """

    name: str

    def classify(self, pictures: Pictures) -> Classifications:
        """Classify them all."""
        ...


class Shipped:
    """A model as it is served: from the picture to the answer by `digitrec` alone."""

    name = "digitrec"

    def __init__(self, recognizer: Recognizer | None = None) -> None:
        """Take a recognizer, by default that of the shipped model."""
        self.recognizer = recognizer or Recognizer()

    def classify(self, pictures: Pictures) -> Classifications:
        """Classify as `predict` does."""
        predictions: list[Prediction | None] = []
        for start in range(0, len(pictures), AT_ONCE):
            some = list(pictures.images[start : start + AT_ONCE])
            try:
                predictions += self.recognizer.predict_batch(some)
            except BlankImageError:  # of one of them; the others are still to be answered
                predictions += [self._answer_or_refuse(image) for image in some]
        refused = np.array([prediction is None for prediction in predictions])
        probabilities = np.stack([np.zeros(10, np.float32) if p is None else p.probabilities for p in predictions])
        doubt = np.array([1.0 if prediction is None else prediction.doubt for prediction in predictions], np.float32)
        return Classifications(probabilities, refused, doubt)

    def _answer_or_refuse(self, image: NDArray[np.uint8]) -> Prediction | None:
        try:
            return self.recognizer.predict(image)
        except BlankImageError:
            return None


class RawCanvas:
    """A network as tutorials use it: the whole canvas is made 28x28, and that is all."""

    name = "classic, raw canvas"

    def __init__(self, network: Any) -> None:
        """Take a Keras network from (n, 28, 28, 1) to (n, 11) logits, the last of which it never learned."""
        self.network = network

    def classify(self, pictures: Pictures) -> Classifications:
        """Classify all; this candidate never refuses."""
        frames = np.stack([shrunk(image) for image in pictures.images])
        return Classifications(
            probabilities_of(self.network, 255 - frames if pictures.white_paper else frames),
            np.zeros(len(frames), np.bool_),
        )


def probabilities_of(network: Any, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Compute a network's probabilities (n, 10) for images (n, 28, 28), uint8, 255 full ink on 0."""
    logits = [
        network.predict_on_batch(scale_images(frames[start : start + AT_ONCE]))
        for start in range(0, len(frames), AT_ONCE)
    ]
    return np.asarray(softmax(np.concatenate(logits)[:, :NOT_A_DIGIT], axis=1), np.float32)


def shrunk(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture made 28x28, each pixel the mean of those it covers. Shape (h, w) to (28, 28), uint8."""
    if image.shape == (FRAME, FRAME):
        return image
    return np.asarray(Image.fromarray(image).resize((FRAME, FRAME), Image.Resampling.BOX))


class Framed:
    """The same network behind `digitrec`'s own ink and frame."""

    name = "classic, our frame"

    def __init__(self, network: Any) -> None:
        """Take a Keras network from (n, 28, 28, 1) to (n, 11) logits, the last of which it never learned."""
        self.network = network

    def classify(self, pictures: Pictures) -> Classifications:
        """Classify those in which there is ink."""
        answers = Classifications(np.zeros((len(pictures), 10), np.float32), np.zeros(len(pictures), np.bool_))
        step = max(1, min(AT_ONCE, PIXELS_AT_ONCE // pictures.images[0].size))
        for start in range(0, len(pictures), step):
            inks, positions = [], []
            for position, image in enumerate(pictures.images[start : start + step], start):
                try:
                    inks.append(ink_from(image))
                    positions.append(position)
                except BlankImageError:
                    answers.refused[position] = True
            if inks:
                answers.probabilities[positions] = probabilities_of(self.network, frame_inks(inks))
        return answers


def load_candidates(classic: Run | None = None) -> list[Candidate]:
    """The shipped model; and where there is a run of the classic network, that network in two places.

    Raises:
        DatasetError: The run has no checkpoint.
    """
    if classic is None:
        return [Shipped()]
    network = load_cnn(classic)
    return [Shipped(), RawCanvas(network), Framed(network)]
