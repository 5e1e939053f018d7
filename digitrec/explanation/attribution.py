"""Which ink speaks for a digit and which against it, and where ink that is missing does.

Ink: an order is searched in which the pixels matter. In each round the network sees only the ink that the order so far
puts first, and all but that ink; the gradient, times the ink, says what of it mattered there, and the sum over all
rounds is the order of the next. So a pixel ranks high if the digit's probability rises with it while most of the rest
is missing, and falls without it while the rest is there: what insertion and deletion measure (Petsiuk et al., 2018,
"RISE"). Of all rounds, the order counts whose first ink alone makes the digit most probable. One gradient at the whole
drawing says neither: a sure network is flat around it.

Missing ink: the gradient where nothing is drawn, averaged over drawings with a few spots of ink added.
"""

import numpy as np

from digitrec.explanation.graph import ExplanationGraph, Floats

ROUNDS = 8
"""Rounds of the search."""

KEPT, REMOVED = (0.15, 0.3, 0.5), (0.1,)
"""Shares of the ink that each round keeps alone, and that it removes. These and what follows were chosen on validation
images: `python -m benchmarks.explanation --part validation`."""

ALONE = 0.3
"""Share of the ink that is kept alone to compare the orders of the rounds: the best order counts."""

WEIGHT_OF_REMOVED = 0.1
"""How much of the comparison is by the log odds where ink is removed."""

SOFTNESS = 0.08
"""How gradually ink fades in around such a share, as a share of the ink."""

SMOOTHING = 0.7
"""Standard deviation, in pixels of the frame, by which what a round finds is smoothed: single pixels say little."""

ADDED, SPOTS, RADIUS = 6, 12, 1.6
"""Drawings with ink added, spots of ink in each, and the radius of a spot in pixels: an eighth of the frame."""

ADDED_SMOOTHING = 1.2
"""Standard deviation, in pixels, by which what is found of missing ink is smoothed."""

FAINT = 0.3
"""Share of the strongest that is taken off what is found of missing ink; what is weaker is noise."""

SCATTERED = (0.7548776662466927, 0.5698402909980532)
"""Steps down and across, as shares of a frame, from one spot to the next: they scatter evenly (Roberts, 2018, "The
unreasonable effectiveness of quasirandom sequences"). No random numbers: on one machine the same drawing
always has the same map. Elsewhere the network's rounding differs, in the browser too: where two pixels matter equally,
they may change places in the order of a round, and the maps then differ, by a few hundredths or, at worst,
by a third of the scale."""

_ROWS, _COLUMNS = np.arange(28, dtype=np.float32)[:, np.newaxis], np.arange(28, dtype=np.float32)
_FIRST_ORDER = np.asarray((_ROWS * SCATTERED[0] + _COLUMNS * SCATTERED[1]) % 1, np.float32)


def attribute(graph: ExplanationGraph, frame: Floats, digit: int) -> Floats:
    """Attribute a digit's log odds to the pixels of a framed drawing.

    Args:
        graph: The opened network.
        frame: Shape (28, 28), 0 to 1.
        digit: 0 to 9.

    Returns:
        Shape (28, 28), -1 to 1: above 0 what speaks for the digit, below 0 what speaks against it. The largest has the
        size 1. Where nothing is drawn, it is missing ink that does.
    """
    both = _attribute_ink(graph, frame, digit) + _attribute_missing_ink(graph, frame, digit)
    return np.asarray(both / max(float(np.abs(both).max()), 1e-6), np.float32)


def ink_ranks(frame: Floats, order: Floats) -> Floats:
    """The share of the ink that comes no later than each pixel, where the highest of `order` is first.

    Args:
        frame: Shape (28, 28), 0 to 1.
        order: Shape (28, 28); only its order among inked pixels counts.

    Returns:
        Shape (28, 28), above 0 to 1; 2 where there is no ink.
    """
    ink = frame.ravel()
    places = np.flatnonzero(ink > 0)
    places = places[np.argsort(-order.ravel()[places], kind="stable")]
    ranks = np.full(ink.shape, 2, dtype=np.float32)
    ranks[places] = np.cumsum(ink[places]) / max(float(ink.sum()), 1e-6)
    return ranks.reshape(frame.shape)


def _attribute_ink(graph: ExplanationGraph, frame: Floats, digit: int) -> Floats:
    """The map of the ink, its absolute values summing to 1: that of the best order of all rounds."""
    total, best = np.zeros_like(frame), np.zeros_like(frame)
    best_score = -np.inf
    for number in range(ROUNDS + 1):
        ranks = ink_ranks(frame, total + 1e-6 * _FIRST_ORDER)
        alone = (ranks <= ALONE).astype(np.float32)
        removed = [1 - _sigmoid((share - ranks) / SOFTNESS) for share in REMOVED]
        kept = [_sigmoid((share - ranks) / SOFTNESS) for share in KEPT]
        odds, gradients = graph.gradient(frame * np.stack([alone, *removed, *kept]), digit)
        score = float(odds[0] - WEIGHT_OF_REMOVED * odds[1 : 1 + len(REMOVED)].mean())
        if number and score > best_score:
            best, best_score = total, score
        total = total + _smooth(_in_shares(gradients[1:] * frame).sum(0), SMOOTHING) * (frame > 0)
    return np.asarray(_in_shares(best[np.newaxis])[0], np.float32)


def _attribute_missing_ink(graph: ExplanationGraph, frame: Floats, digit: int) -> Floats:
    _, gradients = graph.gradient(frame + (1 - frame) * _added_ink(), digit)
    size = np.abs(gradients * frame).sum((1, 2), keepdims=True)
    found = _smooth((gradients / np.maximum(size, 1e-6)).mean(0), ADDED_SMOOTHING)
    found = -found * (frame == 0)
    faint = FAINT * float(np.abs(found).max())
    return np.asarray(np.sign(found) * np.maximum(np.abs(found) - faint, 0), np.float32)


def _in_shares(maps: Floats) -> Floats:
    """Each map (28, 28) with its absolute values summing to 1, so that no round outweighs another."""
    return np.asarray(maps / np.maximum(np.abs(maps).sum((1, 2), keepdims=True), 1e-6), np.float32)


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x.clip(-30, 30))), np.float32)


def _smooth(picture: Floats, deviation: float) -> Floats:
    """Smooth (28, 28) by a normal distribution."""
    along = np.arange(28)
    kernel = np.exp(-(((along[:, np.newaxis] - along) / deviation) ** 2) / 2)
    kernel = (kernel / kernel.sum(1, keepdims=True)).astype(np.float32)
    return np.asarray(kernel @ picture @ kernel.T, np.float32)


def _spots(number: int) -> Floats:
    """Spots that are scattered over the frame, differently for each number. Returns (28, 28), 0 and 1."""
    inked = np.zeros((28, 28), np.float32)
    for spot in range(number * SPOTS + 1, (number + 1) * SPOTS + 1):
        row, column = 28 * (spot * SCATTERED[0] % 1), 28 * (spot * SCATTERED[1] % 1)
        inked = np.maximum(inked, ((_ROWS - row) ** 2 + (_COLUMNS - column) ** 2 < RADIUS**2).astype(np.float32))
    return inked


def _added_ink() -> Floats:
    """Spots of ink for each of the drawings with ink added. Returns (ADDED, 28, 28), 0 and 1."""
    return np.stack([_spots(number) for number in range(ADDED)])
