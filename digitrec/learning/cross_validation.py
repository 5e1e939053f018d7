"""Cross-validation: each recording, or image, is classified by a network that was trained on others.

Recordings are split by writer, so that the network never saw the writer; images by their pixels, so that it never saw
the same image with another label.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from digitrec.errors import DatasetError
from digitrec.learning.batches import Batches, make_fit_input
from digitrec.learning.callbacks import ShuffleEachEpoch
from digitrec.learning.data.examples import Examples
from digitrec.learning.models.cnn import build_cnn, compute_logits, refresh_statistics
from digitrec.learning.strokes.recordings import PenDigit
from digitrec.learning.strokes.rendering import render_with_rows
from digitrec.learning.strokes.suspects import Rule
from digitrec.training_rows import NOT_A_DIGIT

_FOLD_STREAM, _MNIST_STREAM = 5, 6  # each use of the seed draws from a random stream of its own

STEPS, SMALLEST_BATCH = 16, 8
"""Least steps of an epoch on images, as far as batches of the second size allow."""

STATISTICS = 3_000
"""Images that batch statistics are measured on."""


def assign_folds(writers: Sequence[str], folds: int, seed: int) -> NDArray[np.intp]:
    """Assign the writers to folds, as evenly as their number allows.

    Args:
        writers: Who wrote each recording.
        folds: How many folds.
        seed: The same seed gives the same folds, whatever the order of the recordings.

    Returns:
        The fold of each recording, shape (n,), 0 to `folds` - 1.

    Raises:
        DatasetError: Fewer writers than folds.
    """
    names = sorted(set(writers))
    if len(names) < folds:
        raise DatasetError(f"{len(names)} writers cannot be split into {folds} folds; choose fewer folds")
    dealt = np.random.default_rng([seed, _FOLD_STREAM]).permutation(len(names))
    fold_of = {names[number]: place % folds for place, number in enumerate(dealt)}
    return np.array([fold_of[writer] for writer in writers], np.intp)


def out_of_fold_probabilities(
    digits: Sequence[PenDigit], mnist: Examples, rule: Rule, report: Callable[[str], None] = lambda line: None
) -> NDArray[np.float64]:
    """Compute the probabilities that networks trained on other writers give to each recording.

    Args:
        digits: The recordings.
        mnist: Images that every network is also trained on, `rule.mnist` of them.
        rule: Settings of the folds, drawings and networks.
        report: Called with a line of text after each step.

    Returns:
        Shape (n, 10): probabilities, averaged over the drawings of each recording. All equal for a recording of which
        no drawing left ink.

    Raises:
        DatasetError: Fewer writers than folds, or nothing to draw.
    """
    fold = assign_folds([digit.writer for digit in digits], rule.folds, rule.seed)
    drawings, rows = render_with_rows(digits, per_digit=rule.drawings, seed=rule.seed)
    report(f"drew {len(drawings):,} drawings of {len(digits):,} recordings")
    others = _choose_others(mnist, rule)
    probabilities = np.full((len(digits), NOT_A_DIGIT), 1 / NOT_A_DIGIT)
    for number in range(rule.folds):
        unseen = fold[rows] == number
        network = _train_network(_join(drawings.take(~unseen), others), rule, seed=rule.seed + number)
        means = _mean_by_row(_digit_probabilities(network, drawings.take(unseen)), rows[unseen], len(digits))
        here = ~np.isnan(means[:, 0])
        probabilities[here] = means[here]
        agreeing = (means[here].argmax(1) == np.array([digit.label for digit in digits])[here]).mean()
        report(f"fold {number + 1} of {rule.folds}: {agreeing:.2%} of {here.sum():,} recordings read as labelled")
    return probabilities


def out_of_fold_probabilities_of_images(
    examples: Examples, mnist: Examples, rule: Rule, report: Callable[[str], None] = lambda line: None
) -> NDArray[np.float64]:
    """Compute the probabilities that networks trained on other images give to each image of a data set.

    Args:
        examples: The data set, labels 0 to 9.
        mnist: Images that every network is also trained on, `rule.mnist` of them, but for those of the data set.
        rule: Settings of the folds and networks; `drawings` is not used.
        report: Called with a line of text after each step.

    Returns:
        Shape (n, 10).
    """
    digests = [hashlib.blake2b(image.tobytes(), digest_size=8).digest() for image in examples.images]
    fold = np.array([int.from_bytes(digest) % rule.folds for digest in digests], np.intp)
    inside = set(digests)
    is_new = [hashlib.blake2b(image.tobytes(), digest_size=8).digest() not in inside for image in mnist.images]
    others = _choose_others(mnist.take(np.array(is_new, bool)), rule)
    probabilities = np.full((len(examples), NOT_A_DIGIT), 1 / NOT_A_DIGIT)
    for number in range(rule.folds):
        unseen = fold == number
        if not unseen.any():
            continue
        known = _join(examples.take(~unseen), others)
        network = _train_network(known, _with_enough_steps(rule, len(known)), seed=rule.seed + number)
        # After few steps the moving statistics are still near where they began.
        refresh_statistics(network, known.images[:STATISTICS])
        probabilities[unseen] = _digit_probabilities(network, examples.take(unseen))
        agreeing = (probabilities[unseen].argmax(1) == examples.labels[unseen]).mean()
        report(f"fold {number + 1} of {rule.folds}: {agreeing:.2%} of {unseen.sum():,} images read as labelled")
    return probabilities


def _with_enough_steps(rule: Rule, images: int) -> Rule:
    """The rule with smaller batches where there are few images, so that an epoch has some steps."""
    return replace(rule, batch_size=min(rule.batch_size, max(SMALLEST_BATCH, images // STEPS)))


def _choose_others(mnist: Examples, rule: Rule) -> Examples:
    return mnist.take(np.random.default_rng([rule.seed, _MNIST_STREAM]).permutation(len(mnist))[: rule.mnist])


def _join(one: Examples, other: Examples) -> Examples:
    return Examples(np.concatenate([one.images, other.images]), np.concatenate([one.labels, other.labels]))


def _train_network(examples: Examples, rule: Rule, seed: int) -> Any:
    keras.utils.set_random_seed(seed)
    network = build_cnn(width=rule.width)
    batches = Batches(examples, rule.batch_size, seed)
    rate = keras.optimizers.schedules.CosineDecay(rule.learning_rate, rule.epochs * len(batches))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizer=keras.optimizers.Adam(rate), loss=loss)
    shuffle = ShuffleEachEpoch(batches)
    network.fit(make_fit_input(batches), epochs=rule.epochs, callbacks=[shuffle], verbose=0, shuffle=False)
    return network


def _digit_probabilities(network: Any, examples: Examples) -> NDArray[np.float64]:
    """Probabilities of the ten digits, shape (n, 10)."""
    return np.asarray(softmax(compute_logits(network, examples)[:, :NOT_A_DIGIT].astype(np.float64), axis=1))


def _mean_by_row(values: NDArray[np.float64], rows: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    """The mean of the values of each row, shape (count, 10); NaN where a row has none."""
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, rows, values)
    number = np.bincount(rows, minlength=count)[:, np.newaxis]
    return np.divide(sums, number, out=np.full_like(sums, np.nan), where=number > 0)
