"""`python -m demos.space.assemble`: build the folders that are pushed to Hugging Face Spaces."""

import shutil
import sys
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from demos.browser import packages
from demos.browser.packages import PackagesError
from demos.space.lock import LockError, lock, read_pins
from digitrec.cli.parser import CommandParser

ROOT = Path(__file__).parents[2]
CONSTRAINTS = ROOT / "constraints.txt"
GRADIO_NEEDS = ["gradio[mcp]", "numpy", "pillow", "onnxruntime", "filelock"]
"""What `demos.gradio_app` and the serving part of `digitrec` import."""

FLASK_EXTRAS = ("web", "postgres", "redis")
"""The extras of the web app."""

ATTRIBUTES = "*.onnx filter=lfs diff=lfs merge=lfs -text\n"
"""Spaces accept binary files only through Git LFS."""


def assemble_gradio(target: Path) -> None:
    """Build the Gradio Space: app.py, README.md with its front matter, requirements.txt, the packages, the model.

    Args:
        target: The folder; what it holds is deleted, except `.git`.

    Raises:
        LockError: The packages cannot be pinned.
    """
    python_version = _python_version()
    requirements = lock(GRADIO_NEEDS, CONSTRAINTS, python_version)
    _empty(target)
    source = ROOT / "demos" / "space" / "gradio"
    readme = (source / "README.md").read_text(encoding="utf-8")
    readme = readme.replace("{sdk_version}", read_pins(requirements)["gradio"]).replace(
        "{python_version}", python_version
    )
    _write(target / "README.md", readme)
    _write(target / "requirements.txt", requirements)
    _write(target / ".gitattributes", ATTRIBUTES)
    shutil.copy(source / "app.py", target / "app.py")
    shutil.copy(ROOT / "LICENSE", target / "LICENSE")
    _copy_core(target)
    modules = ("__init__.py", "boxes.py", "corrections.py", "gradio_app.py", "wording.py")
    _copy((ROOT / "demos" / name for name in modules), target / "demos")
    sketchpad = ROOT / "demos" / "sketchpad"
    _copy(
        (path for path in sketchpad.iterdir() if path.suffix in (".py", ".css", ".js")), target / "demos" / "sketchpad"
    )


def assemble_flask(target: Path) -> None:
    """Build the Docker Space: Dockerfile, README.md with its front matter, requirements.txt, the packages, the model.

    Args:
        target: The folder; what it holds is deleted, except `.git`.

    Raises:
        LockError: The packages cannot be pinned.
    """
    requirements = lock(_flask_needs(), CONSTRAINTS, _python_version())
    _empty(target)
    _write(target / "requirements.txt", requirements)
    _write(target / ".gitattributes", ATTRIBUTES)
    source = ROOT / "demos" / "space" / "flask"
    _copy((source / name for name in ("Dockerfile", "README.md")), target)
    shutil.copy(ROOT / "LICENSE", target / "LICENSE")
    _copy_core(target)
    ignored = shutil.ignore_patterns("__pycache__", "*.ini", "*.mako")
    shutil.copytree(ROOT / "flask_app", target / "flask_app", ignore=ignored)


def assemble_static(target: Path) -> None:
    """Build the static Space: the page that recognizes in the browser, see `demos.browser`.

    Args:
        target: The folder; what it holds is deleted, except `.git`.

    Raises:
        PackagesError: npm is missing, or fails.
    """
    from demos.browser.assemble import assemble  # needs Jinja, which the other folders do not

    packages.install()
    _empty(target)
    assemble(target)


SPACES: dict[str, Callable[[Path], None]] = {
    "space-gradio": assemble_gradio,
    "space-flask": assemble_flask,
    "space-static": assemble_static,
}
"""The folders, each with what builds it."""


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def _flask_needs() -> list[str]:
    project = _project()
    extras = [need for extra in FLASK_EXTRAS for need in project["optional-dependencies"][extra]]
    return [need for need in (*project["dependencies"], *extras) if not need.startswith("waitress")]  # gunicorn serves


def _python_version() -> str:
    """The oldest Python that the project supports; its pinned versions are tested with that."""
    return str(_project()["requires-python"].removeprefix(">="))


def _empty(folder: Path) -> None:
    """Make a folder, or empty it except for `.git`, the history of earlier pushes."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _copy_core(target: Path) -> None:
    """Copy the serving part of `digitrec`, and the model."""
    ignored = shutil.ignore_patterns("__pycache__", "learning")
    shutil.copytree(ROOT / "digitrec", target / "digitrec", ignore=ignored, dirs_exist_ok=True)
    _copy(
        (ROOT / "models" / name for name in ("digitrec.onnx", "reader.onnx", "explanation.onnx", "card.json")),
        target / "digitrec" / "models",
    )


def _copy(files: Iterable[Path], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in files:
        shutil.copy(path, folder / path.name)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def main(arguments: list[str] | None = None) -> None:
    """Build the folders and print where they are."""
    parser = CommandParser(prog="python -m demos.space.assemble", description="Build the Spaces' folders.")
    parser.add_argument("--out", type=Path, default=ROOT / "build", help="where to put them (default: build/)")
    parser.add_argument("--only", choices=SPACES, help="which one to build (default: all)")
    options = parser.parse_args(arguments)
    out = options.out
    for name, assemble in SPACES.items():
        if options.only not in (None, name):
            continue
        try:
            assemble(out / name)
        except LockError as error:
            sys.exit(f"{name} cannot be built: {error}")
        except PackagesError as error:
            if options.only:
                sys.exit(f"{name} cannot be built: {error}")
            print(f"{name} is left out: {error}")  # the others need no npm
            continue
        print(f"{out / name} is ready to push; docs/hosting.md says how")


if __name__ == "__main__":
    main()
