"""`python -m demos.browser`: build the page without a server and serve it on this machine."""

import argparse
import functools
import http.server
import sys
from pathlib import Path

from demos.browser.assemble import ROOT, assemble, clear
from demos.browser.packages import PackagesError
from digitrec.cli.parser import CommandParser
from digitrec.errors import DigitrecError


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files as a static host does; quietly, and never from an old cache."""

    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".webmanifest": "application/manifest+json",
        ".xz": "application/x-xz",
    }

    def end_headers(self) -> None:
        """Let browsers ask each time whether a file has changed."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Log nothing."""


def serve(folder: Path, port: int) -> http.server.ThreadingHTTPServer:
    """A server of a folder on this machine alone; it runs once `serve_forever()` is called."""
    handler = functools.partial(Handler, directory=str(folder))
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)


def main(arguments: list[str] | None = None) -> None:
    """Build the folder, and serve it until Ctrl-C."""
    parser: argparse.ArgumentParser = CommandParser(
        prog="python -m demos.browser", description="Build the page without a server and serve it on this machine."
    )
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "browser", help="folder (default: build/browser/)")
    parser.add_argument("--port", type=int, default=8000, help="port (default: 8000)")
    parser.add_argument("--server", help="address of a digitrec web app that takes the corrections (default: none)")
    parser.add_argument("--build-only", action="store_true", help="build the folder and serve nothing")
    options = parser.parse_args(arguments)
    try:
        clear(options.out)
        assemble(options.out, server=options.server, front_matter=False)
    except (PackagesError, DigitrecError) as error:
        sys.exit(f"the page cannot be built: {error}")
    print(f"{options.out} holds plain files for any web server, such as GitHub Pages")
    if options.build_only:
        return
    with serve(options.out, options.port) as server:
        print(f"http://127.0.0.1:{server.server_address[1]} (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
