"""How large the zip files of a run directory may be once they are unpacked: .npz and .keras files are such."""

import zipfile
from pathlib import Path

from digitrec.errors import DatasetError

MAX_MEMBERS = 100


def check_unpacked_size(path: Path, max_bytes: int) -> None:
    """Refuse a zip file that unpacks to more than it may, by its directory, before anything in it is read.

    zipfile reads no more of a member than the directory says.

    Args:
        path: The file.
        max_bytes: Bytes that all its members together may unpack to.

    Raises:
        DatasetError: It unpacks to more, or has more than `MAX_MEMBERS` members.
        OSError: It cannot be read.
        zipfile.BadZipFile: It is not a zip file.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    size = sum(member.file_size for member in members)
    if size > max_bytes or len(members) > MAX_MEMBERS:
        raise DatasetError(
            f"{path} unpacks to {size:,} bytes in {len(members)} files; at most {max_bytes:,} in {MAX_MEMBERS} are read"
        )
