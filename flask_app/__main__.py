"""`python -m flask_app`: serve the app with waitress, which also runs on Windows."""

import os
import sys

from digitrec.cli.parser import CommandParser
from digitrec.errors import DigitrecError
from flask_app import ConfigError, create_app
from flask_app.image_views import max_body_bytes
from flask_app.settings.environment import bind_address, read_settings
from flask_app.waitress_channel import make_server

MAX_THREADS = 4
"""Waitress reads a request before it hands it to a thread, so no slow client occupies one; more threads than these
would wait for each other."""


def main() -> None:
    """Serve until interrupted. A setting or model that cannot be used ends it with one line."""
    try:
        threads = min(read_settings(os.environ)["DIGITREC_THREADS"], MAX_THREADS)
        app = create_app({"DIGITREC_THREADS": threads})
    except (ConfigError, DigitrecError) as error:
        sys.exit(f"digitrec cannot start: {error}")
    address = bind_address(app.config)
    try:
        server = make_server(
            app,
            listen=address,
            threads=threads,
            # The app refuses what is too large, with its own message; this limits what waitress buffers before.
            max_request_body_size=2 * max_body_bytes(app.config["DIGITREC_MAX_BATCH_MB"]),
            # ProxyFix evaluates forwarded headers if DIGITREC_TRUSTED_PROXIES says so.
            clear_untrusted_proxy_headers=not app.config["DIGITREC_TRUSTED_PROXIES"],
            ident="digitrec",
        )
        print(f"digitrec listens on http://{address} (Ctrl+C stops it)", flush=True)
        server.run()
    except OSError as error:
        sys.exit(f"digitrec cannot listen on {address}: {error.strerror or error}")


if __name__ == "__main__":
    CommandParser(
        prog="python -m flask_app",
        description="Serve the web app with waitress.",
        epilog="Settings are variables; docs/web-app.md has them. `digitrec serve` takes --host and --port.",
    ).parse_args()
    main()
