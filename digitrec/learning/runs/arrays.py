"""Read the .npz files of a run directory. Needs no Keras."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from digitrec.errors import DatasetError
from digitrec.learning.runs.archive_size import check_unpacked_size


@contextmanager
def read_arrays(path: Path, max_bytes: int, remedy: str) -> Iterator[Any]:
    """Open an .npz file for the block that reads it. Nothing in it is unpickled.

    Args:
        path: The file.
        max_bytes: Bytes that its arrays together may take.
        remedy: What to do about a file that is missing or broken, as the end of a sentence.

    Yields:
        The arrays by name; one that is missing raises KeyError.

    Raises:
        DatasetError: There is no such file, it is too large, or the block could not make sense of it: a KeyError,
            TypeError or ValueError there says that another program wrote the file.
    """
    try:
        check_unpacked_size(path, max_bytes)
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            yield arrays
    except FileNotFoundError:
        raise DatasetError(f"{path} is not there; {remedy}") from None
    except DatasetError:
        raise
    except (OSError, ValueError, KeyError, TypeError, EOFError, MemoryError, zipfile.BadZipFile) as error:
        raise DatasetError(f"{path} cannot be read ({error}); {remedy}") from error
