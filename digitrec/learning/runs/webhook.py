"""A notice to a web address when a run ends, such as an incoming webhook of a chat. Needs no Keras."""

import json
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from digitrec.errors import DigitrecError
from digitrec.learning.runs.run import Run
from digitrec.learning.runs.timeline import training_seconds

VARIABLE = "DIGITREC_WEBHOOK"
"""Environment variable with the address."""

TIMEOUT = 10.0
"""Seconds to wait for the other side."""


class WebhookError(DigitrecError):
    """An address that no notice can be sent to."""


def check_address(address: str) -> None:
    """Refuse an address that is none of the web.

    Raises:
        WebhookError: It is no http or https address. The message does not repeat it: it may hold a secret.
    """
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    if not is_web or not address.isascii() or any(letter.isspace() for letter in address):
        raise WebhookError("the webhook is no address that begins with http:// or https://")


def make_notice(run: Run) -> dict[str, Any]:
    """What is sent of a run: its name, state and best validation accuracy; `text` and `content` for chats."""
    status = run.status
    best = max((row.get("val_accuracy", float("nan")) for row in run.history()), default=None)
    known = best is not None and best == best  # not NaN
    seconds = training_seconds(run)
    words = f"{run.name} is {status.state}"
    words += f": {status.reason}" if status.reason else f", {best:.2%} right on validation" if known else ""
    return {
        "run": run.name,
        "state": status.state,
        "reason": status.reason,
        "val_accuracy": best if known else None,
        "seconds": seconds,
        "text": words,
        "content": words,
    }


def send_notice(run: Run, address: str) -> None:
    """Send a notice of a run that has ended; where that fails, say so on stderr.

    Args:
        run: The run.
        address: As `check_address` admits it.
    """
    body = json.dumps(make_notice(run)).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT):
            pass
    except (OSError, ValueError) as error:
        host = urlsplit(address).hostname
        print(f"warning: no notice was sent to {host}: {getattr(error, 'reason', None) or error}", file=sys.stderr)


@contextmanager
def notice_at_end(address: str) -> Iterator[list[Run]]:
    """Send a notice when the block ends, however it does.

    Args:
        address: Where to; empty for no notice.

    Yields:
        A list to put the run into as soon as there is one.

    Raises:
        WebhookError: The address is none.
    """
    if address:
        check_address(address)
    runs: list[Run] = []
    try:
        yield runs
    finally:
        if address:
            for run in runs:
                send_notice(run, address)
