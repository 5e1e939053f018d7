"""The recognizer that runs in the browser, for when the server is away: files that `make browser` built, if it did."""

from pathlib import Path

from flask import Flask, Response, send_from_directory, url_for

ENTRY = "local.js"
SCRIPTS = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
"""What the page's policy allows besides: WebAssembly."""


def find_assets(folder: Path | None) -> Path | None:
    """The newest version in a folder that `make browser` built; None where there is none."""
    if folder is None:
        return None
    entries = folder.absolute().glob(f"assets/*/{ENTRY}")
    newest = max(entries, key=lambda path: path.stat().st_mtime_ns, default=None)
    return newest.parent if newest else None


def init_app(app: Flask) -> None:
    """Serve the files under an address with their version, and name it to the page."""
    assets = find_assets(app.config["DIGITREC_BROWSER_FOLDER"])
    if assets is None:
        return
    address = f"/browser/{assets.name}"

    @app.get(f"{address}/<path:name>", endpoint="browser_files")
    def browser_files(name: str) -> Response:
        response = send_from_directory(assets, name)
        response.cache_control.immutable = True
        return response

    app.context_processor(lambda: {"local_url": url_for("browser_files", name=ENTRY)})
