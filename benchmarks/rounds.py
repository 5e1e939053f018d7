"""Rounds in which every candidate has a turn, so that a noisy neighbour hits all of them alike."""

import random
from collections.abc import Callable, Mapping
from typing import TypeVar

Figure = TypeVar("Figure")


def measure_in_rounds(turns: Mapping[str, Callable[[], Figure]], rounds: int) -> dict[str, list[Figure]]:
    """Give each candidate one turn a round, in a newly shuffled order, so that none always follows the same other.

    Args:
        turns: What is measured, and the function that measures it once.
        rounds: How often each has its turn.

    Returns:
        What each turn returned: for each candidate one figure a round, in the order of `turns`.
    """
    figures: dict[str, list[Figure]] = {what: [] for what in turns}
    order = random.Random(0)
    for _ in range(rounds):
        for what in order.sample(list(turns), len(turns)):
            figures[what].append(turns[what]())
    return figures
