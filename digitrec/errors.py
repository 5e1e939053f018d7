"""The errors digitrec raises on purpose.

Each message says what arrived and what to do about it, so a front end may show it as it is. All derive from
`ValueError`: the caller handed over something that cannot be answered.
"""


class DigitrecError(ValueError):
    """Base of every error that digitrec raises on purpose."""


class BlankImageError(DigitrecError):
    """The picture holds no ink: nothing differs from its background."""


class InvalidImageError(DigitrecError):
    """Not an image: corrupt, of an unknown format, or an array of a wrong shape, dtype or range."""


class ImageTooLargeError(DigitrecError):
    """More bytes or pixels than the limits in `digitrec.decoding` allow; decompression bombs included."""


class ModelNotFoundError(DigitrecError):
    """No model file at the given path."""


class ModelIntegrityError(DigitrecError):
    """A model file that is corrupt, is no digit recognizer, or is not the file its card describes."""


class DatasetError(DigitrecError):
    """Training or test data that cannot be used; the message names file, row and column."""
