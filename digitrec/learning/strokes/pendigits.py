"""UCI's pen digits: their source, their licence, and the checksums that a download must match.

Thirty people wrote 7,494 digits on a tablet (and fourteen others the test part, which is not read here). The archive's
files `pendigits.tra` and `.tes` hold eight points a digit; the pen's whole path is in `pendigits-orig.tra.Z`.

Two checksums pin them. `Source.sha256` is that of the archive, as several unrelated public projects that use this
address state it; it was not computed for this project. `Source.digest` was computed here, from a conversion of these
recordings that had been made before this module was written; it covers each label, writer and point. A download must
match both.
"""

import http.client
import io
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass

import uncompresspy

from digitrec.artifacts import sha256
from digitrec.errors import DatasetError
from digitrec.learning.strokes.recordings import PenDigit, digest
from digitrec.learning.strokes.unipen import parse_unipen

LICENCE = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"

CITATION = (
    "E. Alpaydin and F. Alimoglu, Pen-Based Recognition of Handwritten Digits, UCI Machine Learning Repository, 1996,"
    " https://doi.org/10.24432/C5MG6K"
)

MAX_TEXT = 16 * 2**20
"""Bytes that the recordings may unpack to. The real ones have about 3.3 million."""


@dataclass(frozen=True)
class Source:
    """A public archive with pen recordings in it.

    Attributes:
        address: Where it is.
        size: Its bytes.
        sha256: Their SHA-256.
        member: The file in it, UNIPEN text packed by Unix' compress.
        writer_prefix: Put before the numbers of its writers.
        digest: `digitrec.learning.strokes.recordings.digest` of the recordings in it.
    """

    address: str
    size: int
    sha256: str
    member: str
    writer_prefix: str
    digest: str


PENDIGITS = Source(
    address="https://archive.ics.uci.edu/static/public/81/pen+based+recognition+of+handwritten+digits.zip",
    size=1_668_118,
    sha256="1e02bea023613c2b11c9492f6f34caf975420455934f3527d270cee9a1f03b64",
    member="pendigits-orig.tra.Z",
    writer_prefix="train-",
    digest="8441e64c1e72216da4f7e4545a21a462c502dfee6519f23d2a3bc756be8686c9",
)


def fetch(source: Source = PENDIGITS, *, timeout: float = 60.0) -> list[PenDigit]:
    """Download an archive and read the recordings in it.

    Args:
        source: What to download.
        timeout: Seconds without a byte after which to give up.

    Raises:
        DatasetError: No answer, or another archive or other recordings than the pinned ones.
    """
    return recordings_in(download(source, timeout=timeout), source)


def download(source: Source, *, timeout: float) -> bytes:
    """The archive's bytes, at most `source.size` of them and only if they are the pinned ones.

    Raises:
        DatasetError: No answer, or other bytes.
    """
    request = urllib.request.Request(source.address, headers={"User-Agent": "digitrec"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            data: bytes = response.read(source.size + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise DatasetError(f"{source.address}: the server answers {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:  # URLError and timeouts are OSErrors
        raise DatasetError(f"{source.address} cannot be downloaded: {error}; try again later") from error
    if len(data) > source.size:
        raise DatasetError(f"{source.address} is larger than the {source.size:,} bytes that the archive had")
    if len(data) < source.size:
        raise DatasetError(f"{source.address} ended after {len(data):,} of {source.size:,} bytes; try again")
    if sha256(data) != source.sha256:
        raise DatasetError(
            f"{source.address} is another archive than the pinned one: its sha256 is {sha256(data)}, not"
            f" {source.sha256}"
        )
    return data


def recordings_in(archive: bytes, source: Source = PENDIGITS) -> list[PenDigit]:
    """Read the recordings in an archive.

    Raises:
        DatasetError: It does not hold them, or holds others than the pinned ones.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened, opened.open(source.member) as packed:
            compressed = packed.read(MAX_TEXT)
        with uncompresspy.open(io.BytesIO(compressed), warn_truncation=False) as unpacked:  # the digest would tell
            text = unpacked.read(MAX_TEXT + 1)
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, OSError) as error:
        raise DatasetError(f"the archive holds no {source.member} that can be unpacked: {error}") from error
    if len(text) > MAX_TEXT:
        raise DatasetError(f"{source.member} unpacks to more than {MAX_TEXT:,} bytes")
    digits = parse_unipen(text.decode("ascii", "replace"), source.writer_prefix)
    if (found := digest(digits)) != source.digest:
        raise DatasetError(
            f"{source.member} holds other recordings than the pinned ones: their digest is {found}, not {source.digest}"
        )
    return digits
