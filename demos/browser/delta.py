"""A file as its difference from another one: two graphs of one network have their weights in common, sent once.

A delta begins with numbers of 32 bits, little-endian: the count of its parts, and for each part how many bytes to take
from the delta, from where in the other file to copy, and how many bytes. Behind them are the bytes to take.
`page/delta.js` puts the file together again.
"""

import struct

BLOCK = 64
"""Bytes that must be equal for a copy to be looked for."""


def make_delta(known: bytes, wanted: bytes) -> bytes:
    """What somebody who has one file needs to make another one.

    Args:
        known: The file that is there.
        wanted: The file that is to be made.
    """
    places = {known[at : at + BLOCK]: at for at in range(0, len(known) - BLOCK + 1, BLOCK)}
    parts, literals = [], []
    at = start = 0
    while at < len(wanted):
        place = places.get(wanted[at : at + BLOCK])
        if place is None:
            at += 1
            continue
        length = _common(known, place, wanted, at)
        parts.append((at - start, place, length))
        literals.append(wanted[start:at])
        at = start = at + length
    parts.append((len(wanted) - start, 0, 0))
    literals.append(wanted[start:])
    numbers = [len(parts), *(number for part in parts for number in part)]
    return struct.pack(f"<{len(numbers)}I", *numbers) + b"".join(literals)


def _common(one: bytes, here: int, other: bytes, there: int) -> int:
    """How many bytes from these places on are the same in both."""
    length = BLOCK
    while one[here + length : here + length + BLOCK] == other[there + length : there + length + BLOCK]:
        if here + length + BLOCK > len(one) or there + length + BLOCK > len(other):
            break
        length += BLOCK
    return length
