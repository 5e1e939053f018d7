"""What every view that takes images does: the size of its body and of its images, and the turn of each image."""

import contextlib
import functools
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import current_app, g, request
from werkzeug.exceptions import UnsupportedMediaType

from digitrec import ImageTooLargeError
from digitrec.decoding.limits import CPU_SECONDS
from flask_app.extensions import get_admission
from flask_app.settings.environment import MEGABYTE


def max_body_bytes(megabytes: int) -> int:
    """Size of a request with images of this size: a data URL is a third longer, and a form adds headers."""
    return megabytes * MEGABYTE * 4 // 3 + 65_536


def takes_images(setting: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a view take a large body: `@takes_images("DIGITREC_MAX_UPLOAD_MB")`, with the setting of its size.

    The memory that such a body may take is held while the view runs. All other views take `api.MAX_OTHER_BODY` bytes.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def view_with_images(**arguments: Any) -> Any:
            request.max_content_length = max_body_bytes(current_app.config[setting])
            if request.content_encoding not in (None, "", "identity"):
                raise UnsupportedMediaType("The body has a Content-Encoding that is not read; send gzip, or none.")
            with get_admission().hold_body(request):
                return view(**arguments)

        return view_with_images

    return decorate


def check_size(image: bytes) -> None:
    """Refuse an image file over the limit for one, wherever in a request it came.

    Raises:
        ImageTooLargeError: It has too many bytes.
    """
    limit = current_app.config["DIGITREC_MAX_UPLOAD_MB"]
    if len(image) > limit * MEGABYTE:
        raise ImageTooLargeError(f"the image is larger than {limit} MB; send a smaller one")


@contextlib.contextmanager
def turn_of(image: bytes) -> Iterator[None]:
    """Wait for the turn of an image file, and charge the client with what another process computes for it.

    Raises:
        ServiceUnavailable: The server has too much to do.
        ClientClosedRequest: The client has hung up.
    """
    with get_admission().take_turn(image, request) as is_decoded_elsewhere:
        started = time.perf_counter()
        try:
            yield
        finally:
            if is_decoded_elsewhere:
                g.work.elsewhere += min(time.perf_counter() - started, CPU_SECONDS)
