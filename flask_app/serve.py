"""Serve the web app: with gunicorn, or with waitress on Windows."""

import os
from pathlib import Path

from digitrec.cli.parser import CommandParser, port_number
from digitrec.cli.processes import become
from flask_app import __main__ as with_waitress

CONFIG = Path(__file__).with_name("gunicorn.conf.py")
APP = "flask_app:create_app()"


def main(argv: list[str] | None = None, prog: str = "python -m flask_app.serve") -> None:
    """Serve until interrupted. Settings are those of docs/web-app.md; the flags come before them.

    On POSIX this process becomes gunicorn: signals reach it, and its exit status is the command's.
    """
    parser = CommandParser(
        prog=prog, description=__doc__, epilog="Everything else is set by variables; docs/web-app.md has them."
    )
    parser.add_argument("--host", metavar="NAME", help="address to listen on, as DIGITREC_HOST (default: 127.0.0.1)")
    parser.add_argument("--port", type=port_number, metavar="N", help="port, as DIGITREC_PORT (default: 5000)")
    arguments = parser.parse_args(argv)
    if arguments.host is not None:
        os.environ["DIGITREC_HOST"] = arguments.host
    if arguments.port is not None:
        os.environ["DIGITREC_PORT"] = str(arguments.port)
    if os.name == "posix":
        become("gunicorn", "--config", str(CONFIG), APP)
    with_waitress.main()


if __name__ == "__main__":
    main()
