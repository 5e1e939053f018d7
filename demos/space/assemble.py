"""`python -m demos.space.assemble`: build the folders that are pushed to Hugging Face Spaces."""

import shutil
import sys
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from demos.space.requirements import UnpinnedError, pinned, read_pins
from digitrec.cli.parser import CommandParser

ROOT = Path(__file__).parents[2]
GRADIO_NEEDS = ["gradio[mcp]", "numpy", "pillow", "onnxruntime", "filelock"]
"""What `demos.gradio_app` and the top floor of `digitrec` import; nothing that trains."""

FLASK_EXTRAS = ("web", "postgres", "redis")
"""What `flask_app` needs, besides `digitrec`'s top floor."""

ATTRIBUTES = "*.onnx filter=lfs diff=lfs merge=lfs -text\n"
"""Spaces take binary files through Git LFS alone."""


def assemble_gradio(target: Path) -> None:
    """Build the Gradio Space: app.py, README.md with its front matter, requirements.txt, the packages, the model.

    Args:
        target: The folder, which is made anew.

    Raises:
        UnpinnedError: A package has no version in `constraints.txt`, or is not installed here.
    """
    pins = read_pins(ROOT / "constraints.txt")
    python_version = _python_version()
    requirements = pinned(GRADIO_NEEDS, pins, python_version)
    _make_anew(target)
    source = ROOT / "demos" / "space" / "gradio"
    readme = (source / "README.md").read_text(encoding="utf-8")
    readme = readme.replace("{sdk_version}", pins["gradio"]).replace("{python_version}", python_version)
    _write(target / "README.md", readme)
    _write(target / "requirements.txt", "".join(f"{line}\n" for line in requirements))
    _write(target / ".gitattributes", ATTRIBUTES)
    shutil.copy(source / "app.py", target / "app.py")
    shutil.copy(ROOT / "LICENSE", target / "LICENSE")
    _copy_core(target)
    _copy((ROOT / "demos" / name for name in ("__init__.py", "gradio_app.py", "wording.py")), target / "demos")
    sketchpad = ROOT / "demos" / "sketchpad"
    _copy(
        (path for path in sketchpad.iterdir() if path.suffix in (".py", ".css", ".js")), target / "demos" / "sketchpad"
    )


def assemble_flask(target: Path) -> None:
    """Build the Docker Space: Dockerfile, README.md with its front matter, requirements.txt, the packages, the model.

    Args:
        target: The folder, which is made anew.

    Raises:
        UnpinnedError: A package has no version in `constraints.txt`, or is not installed here.
    """
    requirements = pinned(_flask_needs(), read_pins(ROOT / "constraints.txt"), _python_version())
    _make_anew(target)
    _write(target / "requirements.txt", "".join(f"{line}\n" for line in requirements))
    _write(target / ".gitattributes", ATTRIBUTES)
    source = ROOT / "demos" / "space" / "flask"
    _copy((source / name for name in ("Dockerfile", "README.md")), target)
    shutil.copy(ROOT / "LICENSE", target / "LICENSE")
    _copy_core(target)
    ignored = shutil.ignore_patterns("__pycache__", "*.ini", "*.mako")
    shutil.copytree(ROOT / "flask_app", target / "flask_app", ignore=ignored)


SPACES: dict[str, Callable[[Path], None]] = {"space-gradio": assemble_gradio, "space-flask": assemble_flask}
"""The folders, each with what builds it."""


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def _flask_needs() -> list[str]:
    project = _project()
    extras = [need for extra in FLASK_EXTRAS for need in project["optional-dependencies"][extra]]
    return [need for need in (*project["dependencies"], *extras) if not need.startswith("waitress")]  # gunicorn serves


def _python_version() -> str:
    """The oldest Python that the project runs on, which its pinned versions are tested with."""
    return str(_project()["requires-python"].removeprefix(">="))


def _make_anew(folder: Path) -> None:
    """Empty a folder, but for the history of what was pushed from it before."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _copy_core(target: Path) -> None:
    """The serving part of `digitrec`, and the model."""
    ignored = shutil.ignore_patterns("__pycache__", "learning")
    shutil.copytree(ROOT / "digitrec", target / "digitrec", ignore=ignored, dirs_exist_ok=True)
    _copy((ROOT / "models" / name for name in ("digitrec.onnx", "card.json")), target / "digitrec" / "models")


def _copy(files: Iterable[Path], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in files:
        shutil.copy(path, folder / path.name)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def main(arguments: list[str] | None = None) -> None:
    """Build every folder and say where it is."""
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
        except UnpinnedError as error:
            sys.exit(f"{name} cannot be built: {error}")
        print(f"{out / name} is ready to push; docs/hosting.md says how")


if __name__ == "__main__":
    main()
