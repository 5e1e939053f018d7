"""Public archives with pen recordings: where each is, its licence, and the checksums that a download must match."""

import http.client
import io
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from digitrec.artifacts import sha256
from digitrec.errors import DatasetError
from digitrec.learning.strokes.recordings import PenDigit, digest

CC_BY = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"

MAX_MEMBER = 16 * 2**20
"""Bytes that the file in an archive may unpack to. The largest has about 6 million."""


@dataclass(frozen=True)
class Source:
    """A public archive with pen recordings in it.

    Attributes:
        name: Of the recordings, in one word.
        address: Where the archive is.
        sha256: SHA-256 of its bytes.
        member: The file in it that holds the recordings.
        parse: Reads that file; raises `DatasetError` where it is not what was expected.
        out: Name of the file that the strokes are written to.
        citation: Who made them.
        size: Its bytes, where they are known.
        limit: Bytes that it may have at most, where `size` is not known.
        digest: `digitrec.learning.strokes.recordings.digest` of the recordings, where they were at hand to compute it.
        licence: What they may be used for.
    """

    name: str
    address: str
    sha256: str
    member: str
    parse: Callable[[bytes], list[PenDigit]]
    out: str
    citation: str
    size: int | None = None
    limit: int = 8 * 2**20
    digest: str | None = None
    licence: str = CC_BY


def fetch(source: Source, *, timeout: float = 60.0) -> list[PenDigit]:
    """Download an archive and read the recordings in it.

    Args:
        source: What to download.
        timeout: Seconds without a byte after which to give up.

    Raises:
        DatasetError: No answer, or another archive or other recordings than the pinned ones.
    """
    return recordings_in(download(source, timeout=timeout), source)


def download(source: Source, *, timeout: float) -> bytes:
    """The archive's bytes, no more than it may have and only if they are the pinned ones.

    Raises:
        DatasetError: No answer, or other bytes.
    """
    most = source.size or source.limit
    request = urllib.request.Request(source.address, headers={"User-Agent": "digitrec"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            data: bytes = response.read(most + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise DatasetError(f"{source.address}: the server answers {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:  # URLError and timeouts are OSErrors
        raise DatasetError(f"{source.address} cannot be downloaded: {error}; try again later") from error
    if len(data) > most:
        raise DatasetError(f"{source.address} is larger than the {most:,} bytes that the archive may have")
    if source.size and len(data) < source.size:
        raise DatasetError(f"{source.address} ended after {len(data):,} of {source.size:,} bytes; try again")
    if sha256(data) != source.sha256:
        raise DatasetError(
            f"{source.address} is another archive than the pinned one: its sha256 is {sha256(data)}, not"
            f" {source.sha256}"
        )
    return data


def recordings_in(archive: bytes, source: Source) -> list[PenDigit]:
    """Read the recordings in an archive.

    Raises:
        DatasetError: It does not hold them, or holds others than the pinned ones.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened, opened.open(source.member) as member:
            content = member.read(MAX_MEMBER + 1)
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, OSError) as error:
        raise DatasetError(f"the archive holds no {source.member} that can be unpacked: {error}") from error
    if len(content) > MAX_MEMBER:
        raise DatasetError(f"{source.member} unpacks to more than {MAX_MEMBER:,} bytes")
    digits = source.parse(content)
    if source.digest and (found := digest(digits)) != source.digest:
        raise DatasetError(
            f"{source.member} holds other recordings than the pinned ones: their digest is {found}, not {source.digest}"
        )
    return digits
