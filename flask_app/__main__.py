"""`python -m flask_app`: serve the app with waitress, which runs on Windows too."""

import sys

from waitress import serve

from digitrec.errors import DigitrecError
from flask_app import ConfigError, create_app
from flask_app.settings.environment import address

THREADS = 4
"""Waitress keeps all its threads at work, and has read a request before it gives it to one of them: more would only
wait for each other, and no slow client holds any."""


def main() -> None:
    """Serve until interrupted; a setting or a model that cannot be used ends it in one line."""
    try:
        app = create_app()
    except (ConfigError, DigitrecError) as error:
        sys.exit(f"digitrec cannot start: {error}")
    where = address(app.config)
    print(f"digitrec listens on http://{where} (Ctrl+C stops it)", flush=True)
    try:
        serve(
            app,
            listen=where,
            threads=min(app.config["DIGITREC_THREADS"], THREADS),
            # The app refuses what is too large, in its own words; this only bounds what waitress
            # stores of a body before the app sees it.
            max_request_body_size=2 * app.config["MAX_CONTENT_LENGTH"],
            # Forwarded headers are ProxyFix's to judge, where DIGITREC_TRUSTED_PROXIES says so.
            clear_untrusted_proxy_headers=not app.config["DIGITREC_TRUSTED_PROXIES"],
            ident="digitrec",
        )
    except OSError as error:
        sys.exit(f"digitrec cannot listen on {where}: {error.strerror or error}")


if __name__ == "__main__":
    main()
