"""`python -m flask_app.check`: check that the web app can start; print its address and number of threads."""

import json
import sys

from digitrec.errors import DigitrecError
from flask_app import ConfigError, create_app
from flask_app.settings.environment import bind_address


def main() -> int:
    """Make the app. Returns the exit status: 0 with JSON on stdout, or 1 with the reason on one line of stderr."""
    try:
        settings = create_app().config
    except (ConfigError, DigitrecError) as error:
        print(f"digitrec cannot start: {error}", file=sys.stderr)
        return 1
    print(json.dumps({"bind": bind_address(settings), "threads": settings["DIGITREC_THREADS"]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
