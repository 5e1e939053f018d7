"""What is asked of the Hub, and its errors in one line. The library is imported when it is used, not before."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from digitrec.errors import DigitrecError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")


class HubError(DigitrecError):
    """The Hub cannot be reached, or refuses."""


class Hub(Protocol):
    """What is used of `huggingface_hub.HfApi`."""

    def create_repo(self, repo_id: str, *, repo_type: str, private: bool, exist_ok: bool) -> Any:
        """Make a repository, unless it exists."""

    def upload_folder(
        self, *, repo_id: str, repo_type: str, folder_path: Path, commit_message: str, delete_patterns: list[str]
    ) -> Any:
        """Commit the files of a folder, and delete others that fit the patterns."""

    def snapshot_download(
        self, repo_id: str, *, revision: str | None, local_dir: Path, allow_patterns: list[str]
    ) -> Any:
        """Download the files of a repository."""


def check_repository(name: str) -> str:
    """The name of a repository as it is.

    Raises:
        HubError: It is not OWNER/NAME.
    """
    if not NAME.fullmatch(name):
        raise HubError(f"{name[:80]!r} is no repository of the Hub; write OWNER/NAME, such as ada/digits")
    return name


def connect() -> Hub:
    """The Hub, with the token of `hf auth login` or of the variable `HF_TOKEN`."""
    try:
        from huggingface_hub import HfApi
    except ModuleNotFoundError as error:
        raise HubError(
            f'the package {error.name} is not installed; get it with: python -m pip install "digitrec[hub]"'
        ) from error
    api: Hub = HfApi(library_name="digitrec")
    return api


@contextmanager
def hub_errors(action: str) -> Iterator[None]:
    """Turn what goes wrong with the Hub within the block into a `HubError`.

    Args:
        action: What is not done then, such as "ada/digits was not pushed".
    """
    try:
        yield
    except (DigitrecError, KeyboardInterrupt):
        raise
    except Exception as error:  # the library's own, its HTTP client's and the system's have no common base
        lines = [line for line in str(error).splitlines() if line.strip()]
        reason = lines[0] if lines else type(error).__name__
        raise HubError(
            f"{action}: {reason[:300]}; is there a network, and are you logged in (hf auth login)? --dry-run shows what"
            " would be done without either"
        ) from error
