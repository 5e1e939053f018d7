"""Files that are made for a client: written where Gradio serves them from, and deletes them after an hour."""

import hashlib
from pathlib import Path

from gradio.utils import get_upload_folder


def serve_file(name: str, content: bytes) -> str:
    """Write a file for a client. Returns its path.

    Args:
        name: What it is called when it is downloaded.
        content: Its bytes.
    """
    folder = Path(get_upload_folder()) / hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return str(path)
