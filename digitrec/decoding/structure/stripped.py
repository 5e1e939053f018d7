"""A picture file with nothing left in it but what its pixels need, and the refusals that all formats share."""

from dataclasses import dataclass

from digitrec.decoding.limits import MAX_FILE_SIDE, MAX_PIXELS
from digitrec.errors import ImageTooLargeError, InvalidImageError


@dataclass(frozen=True, slots=True)
class Stripped:
    """A file that a decoder may see.

    Attributes:
        kind: Pillow's name of the format.
        data: The file, without metadata, further frames and anything else that no pixel depends on.
        size: Width and height as stored, before it is turned. A decoder that finds another size is not believed.
        orientation: How to turn it, as EXIF numbers it: 1 to 8, 1 for upright.
        light: Whether decoding costs so little that it is done in the caller's own process.
    """

    kind: str
    data: bytes
    size: tuple[int, int]
    orientation: int = 1
    light: bool = False


def check_size(width: int, height: int, most: int = MAX_PIXELS) -> None:
    """Refuse a picture by its size.

    Raises:
        ImageTooLargeError: More than `most` pixels, or a side longer than `MAX_FILE_SIDE`.
        InvalidImageError: No pixels.
    """
    if width * height > most:
        raise ImageTooLargeError(
            f"the picture has {width}x{height} pixels; at most {most:,} are read, so scale it down first"
        )
    if width * height == 0:
        raise InvalidImageError(f"the picture has {width}x{height} pixels; it needs at least one")
    if max(width, height) > MAX_FILE_SIDE:
        raise ImageTooLargeError(
            f"the picture has {width}x{height} pixels; a side of at most {MAX_FILE_SIDE:,} is read, so crop it first"
        )


def check_unpacked(count: int, most: int) -> None:
    """Refuse a picture by the bytes it unpacks to.

    Raises:
        ImageTooLargeError: More than `most`.
    """
    if count > most:
        megabytes = -(-count // 10**6)
        raise ImageTooLargeError(
            f"the picture unpacks to {megabytes:,} MB; at most {most // 10**6:,} are read, so scale it down first"
        )


def broken(kind: str, flaw: str) -> InvalidImageError:
    """The refusal of a file that is not as its format says."""
    return InvalidImageError(f"this {kind} is broken: {flaw}; pass one that opens elsewhere, or save it again as PNG")


def too_many(kind: str, parts: str, most: int) -> ImageTooLargeError:
    """The refusal of a file in too many parts."""
    return ImageTooLargeError(f"this {kind} has more than {most:,} {parts}; save it again, as PNG or JPEG")
