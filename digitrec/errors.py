"""The errors digitrec raises on purpose.

Each message says what arrived and what to do about it, so a front end may show it as it is. All derive from
`ValueError`: the caller handed over something that cannot be answered. What a server answers to them:

=====================  ======  =====================================================================
error                  status  means
=====================  ======  =====================================================================
`InvalidImageError`    400     The picture: broken, or of a kind that is not read.
`ImageTooLargeError`   413     The picture: too many bytes or pixels, or too costly to decode.
`BlankImageError`      422     The picture: nothing is drawn on it.
`OverloadedError`      503     The server, for now: the same picture may be answered in a moment.
`MemoryError`          503     The server: Python's own error, which digitrec never calls a picture's.
all others             500     The installation.
=====================  ======  =====================================================================
"""


class DigitrecError(ValueError):
    """Base of every error that digitrec raises on purpose."""


class BlankImageError(DigitrecError):
    """The picture holds no ink: nothing differs from its background."""


class InvalidImageError(DigitrecError):
    """Not an image: corrupt, of an unknown format, or an array of a wrong shape, dtype or range."""


class ImageTooLargeError(DigitrecError):
    """More bytes, pixels or work than `digitrec.decoding.limits` allow; decompression bombs included."""


class OverloadedError(DigitrecError):
    """The machine has no time or no memory left to decode the picture now; not the picture's fault, so try again."""


class ModelNotFoundError(DigitrecError):
    """No model file at the given path."""


class ModelIntegrityError(DigitrecError):
    """A model file that is corrupt, is no digit recognizer, or is not the file its card describes."""


class DatasetError(DigitrecError):
    """Training or test data that cannot be used; the message names file, row and column."""
