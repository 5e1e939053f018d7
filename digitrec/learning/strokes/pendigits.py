"""UCI's pen digits: thirty people wrote 7,494 digits on a tablet.

Fourteen others wrote the test part, which is not read here. The archive's files `pendigits.tra` and `.tes` hold eight
points a digit; the pen's whole path is in `pendigits-orig.tra.Z`.

Two checksums pin them. `sha256` is that of the archive, as several unrelated public projects that use this address
state it; it was not computed for this project. `digest` was computed here, from a conversion of these recordings that
had been made before this module was written; it covers each label, writer and point. A download must match both.
"""

import io

import uncompresspy

from digitrec.errors import DatasetError
from digitrec.learning.strokes.archives import Source
from digitrec.learning.strokes.recordings import PenDigit
from digitrec.learning.strokes.unipen import parse_unipen

MAX_TEXT = 16 * 2**20
"""Bytes that the recordings may unpack to. The real ones have about 3.3 million."""


def parse_pendigits(packed: bytes) -> list[PenDigit]:
    """Read UNIPEN text that Unix' compress packed; writers are named `train-` and their number.

    Raises:
        DatasetError: Not packed so, larger than `MAX_TEXT`, or not UNIPEN.
    """
    try:
        with uncompresspy.open(io.BytesIO(packed), warn_truncation=False) as unpacked:  # the digest would tell
            text = unpacked.read(MAX_TEXT + 1)
    except (ValueError, EOFError, OSError) as error:
        raise DatasetError(f"the archive holds no pen digits that can be unpacked: {error}") from error
    if len(text) > MAX_TEXT:
        raise DatasetError(f"the pen digits unpack to more than {MAX_TEXT:,} bytes")
    return parse_unipen(text.decode("ascii", "replace"), "train-")


PENDIGITS = Source(
    name="pendigits",
    address="https://archive.ics.uci.edu/static/public/81/pen+based+recognition+of+handwritten+digits.zip",
    size=1_668_118,
    sha256="1e02bea023613c2b11c9492f6f34caf975420455934f3527d270cee9a1f03b64",
    member="pendigits-orig.tra.Z",
    parse=parse_pendigits,
    digest="8441e64c1e72216da4f7e4545a21a462c502dfee6519f23d2a3bc756be8686c9",
    out="pendigits_train_strokes.jsonl.gz",
    citation="E. Alpaydin and F. Alimoglu, Pen-Based Recognition of Handwritten Digits, UCI Machine Learning"
    " Repository, 1996, https://doi.org/10.24432/C5MG6K",
)
