"""The folder of the page without a server: the web app's page and modules, the runtime, and the graphs that ship."""

import hashlib
import json
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import jinja2

from demos.browser import packages
from demos.browser.delta import make_delta
from demos.browser.graphs import optimize
from demos.browser.icons import draw_icon
from demos.browser.sources import translate_recognizer
from digitrec.artifacts import EXPLANATION_NAME, list_published_figures, models_dir, read_card
from digitrec.errors import DigitrecError
from digitrec.explanation.graph import read_calibration

ROOT = Path(__file__).parents[2]
PAGE = Path(__file__).parent / "page"
WEB_APP = ROOT / "flask_app"

LARGE = ("ort.wasm", "digitrec.onnx", "reader.onnx")
"""What is sent packed, and unpacked in the browser: hosts do not compress all kinds of files."""

EXPLANATION = "explanation.delta"
"""How the graph that explains differs from the one that answers. It is packed too, and loaded when it is needed."""

UNUSED = ("docs.js", "docs.css", "review.js", "review.css")
"""Files of the web app's pages that are not here."""

ICONS = (192, 512)
PAGES = ("index.html", "about.html")

BUILT = ("sw.js", "manifest.webmanifest", ".nojekyll")
"""Files by which a folder that was built is known."""


def assemble(target: Path, *, server: str | None = None, front_matter: bool = True) -> None:
    """Build the folder.

    Args:
        target: An empty folder.
        server: Address of a digitrec web app that takes the corrections; None keeps them on the device.
        front_matter: Whether it is for a static Space: with a README.md that configures one.

    Raises:
        packages.PackagesError: What comes from npm is not there.
        TranslationError: The recognizer's sources use something that cannot be translated.
    """
    files = _assets()
    version = _version(files)
    folder = f"assets/{version}"
    packed = {name: packages.pack(files.pop(name), numbers=name.endswith(".onnx")) for name in LARGE}
    explains = EXPLANATION in files
    if explains:
        files[f"{EXPLANATION}.xz"] = packages.pack(files.pop(EXPLANATION))
    cache = f"digitrec-{version}"
    large = [{"name": name, "packed": len(data)} for name, data in packed.items()]
    temperature, threshold = read_calibration(read_card())
    constants = {"CACHE": cache, "FILES": large, "CALIBRATION": {"temperature": temperature, "threshold": threshold}}
    files["manifest.js"] = "".join(
        f"export const {name} = {json.dumps(value)};\n" for name, value in constants.items()
    ).encode()
    pages = _pages(folder, server, explains=explains)
    pages["manifest.webmanifest"] = _manifest()
    for side in ICONS:
        pages[f"icon-{side}.png"] = draw_icon(side)
    shell = [*pages, *(f"{folder}/{name}" for name in files)]
    build = f"const BUILD = {json.dumps({'cache': cache, 'folder': folder, 'files': shell})};\n"
    pages["sw.js"] = build.encode() + (PAGE / "sw.js").read_bytes()
    pages[".nojekyll"] = b""
    pages["LICENSE"] = (ROOT / "LICENSE").read_bytes()
    if front_matter:
        pages["README.md"] = (Path(__file__).parent / "space.md").read_bytes()
        pages[".gitattributes"] = (
            b"*.xz filter=lfs diff=lfs merge=lfs -text\n*.png filter=lfs diff=lfs merge=lfs -text\n"
        )
    for name, data in files.items():
        _write(target / folder / name, data)
    for name, data in packed.items():
        _write(target / folder / f"{name}.xz", data)
    for name, data in pages.items():
        _write(target / name, data)


def _assets() -> dict[str, bytes]:
    """The versioned files by name: the web app's, with the page's own in place of some, and those of the engine."""
    files = {path.name: path.read_bytes() for path in (WEB_APP / "static").iterdir() if path.name not in UNUSED}
    files["server-corrections.js"] = files["corrections.js"]
    files |= {
        path.relative_to(PAGE).as_posix(): path.read_bytes() for path in PAGE.rglob("*.*") if path.name != "sw.js"
    }
    files |= packages.runtime_files(packages.install())
    files["translated.js"] = translate_recognizer(ROOT).encode()
    files["digitrec.onnx"] = optimize(models_dir() / "digitrec.onnx")
    files["reader.onnx"] = (models_dir() / "reader.onnx").read_bytes()
    explanation = models_dir() / EXPLANATION_NAME
    if explanation.exists():  # models that were exported before there were explanations come without it
        files[EXPLANATION] = make_delta(files["digitrec.onnx"], optimize(explanation))
    return files


def _version(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + hashlib.sha256(files[name]).digest())
    # Pages are not among them, but made of these.
    for path in sorted([*(WEB_APP / "templates").iterdir(), *(Path(__file__).parent / "templates").iterdir()]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def _pages(folder: str, server: str | None, *, explains: bool) -> dict[str, bytes]:
    """The pages, made from the web app's templates."""
    addresses = {"pages.index": "./", "pages.about": "about.html"}

    def url_for(endpoint: str, filename: str = "", **_: object) -> str:
        if endpoint == "static":
            return f"{folder}/{filename}"
        if endpoint == "api_feedback.feedback" and server:
            return f"{server.rstrip('/')}/api/v1/feedback"
        return addresses.get(endpoint, "")

    loader = jinja2.FileSystemLoader([Path(__file__).parent / "templates", WEB_APP / "templates"])
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.ChainableUndefined)
    connect = f" {urlsplit(server).scheme}://{urlsplit(server).netloc}" if server else ""
    values = {
        "url_for": url_for,
        "in_browser": True,
        "explains": explains,
        "takes_feedback": True,
        "takes_corrections": server is not None,
        "max_upload_bytes": 50_000_000,
        "source_url": None,
        "figures": list_published_figures(read_card()),
        "policy": (
            "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:;"
            f" img-src 'self' data: blob:; connect-src 'self'{connect}; object-src 'none'; base-uri 'none'"
        ),
    }
    names = {"index.html": "page.html", "about.html": "about.html"}
    return {name: environment.get_template(source).render(values).encode() for name, source in names.items()}


def _manifest() -> bytes:
    icons = [
        {"src": f"icon-{side}.png", "sizes": f"{side}x{side}", "type": "image/png", "purpose": "any"} for side in ICONS
    ]
    manifest = {
        "name": "digitrec: draw a digit",
        "short_name": "digitrec",
        "description": "Draw a digit, and see which one the model recognizes, without a server.",
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": "#f4f1ea",
        "theme_color": "#f4f1ea",
        "icons": icons,
    }
    return json.dumps(manifest, indent=2).encode()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def clear(target: Path) -> None:
    """Make a folder, or empty one that `assemble` built, except for `.git`.

    Raises:
        DigitrecError: It holds something else.
    """
    target.mkdir(parents=True, exist_ok=True)
    names = {path.name for path in target.iterdir()} - {".git"}
    if names and not names.issuperset(BUILT):
        raise DigitrecError(f"{target} would be emptied, and holds something else; name another folder, or empty it")
    for path in target.iterdir():
        if path.name in names:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
