"""Pull a model from the Hugging Face Hub by its name, and check it against its card."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from digitrec.artifacts import CARD_NAME, read_card
from digitrec.cli.parser import CommandParser
from digitrec.errors import ModelNotFoundError
from digitrec.hub import connection
from digitrec.publication.replace import replace_model
from digitrec.publication.versions import BESIDE, read_files

PATTERNS = [CARD_NAME, "*.onnx", "*.keras", *BESIDE]
"""What is downloaded."""


def main(argv: list[str] | None = None, prog: str = "python -m digitrec.hub.pull") -> int:
    """Run the command. Returns the exit status: 0 done.

    Raises:
        DigitrecError: There is no such model, or it is not what its card describes.
    """
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("repository", metavar="OWNER/NAME", help="the repository")
    parser.add_argument("--revision", metavar="NAME", help="a branch, a tag or a commit (default: the newest)")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where the files go (default: a folder named like the repository)"
    )
    arguments = parser.parse_args(argv)
    repository = connection.check_repository(arguments.repository)
    out: Path = arguments.out or Path(repository.rpartition("/")[2])
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with connection.hub_errors(f"{repository} was not pulled"):
            hub = connection.connect()
            hub.snapshot_download(repository, revision=arguments.revision, local_dir=folder, allow_patterns=PATTERNS)
        if not (folder / CARD_NAME).exists():
            raise ModelNotFoundError(f"{repository} has no {CARD_NAME}: it is no model of digitrec")
        card = read_card(folder)
        files = read_files(folder, card)
        out.mkdir(parents=True, exist_ok=True)
        replace_model(out, files, card)
        for name in BESIDE:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, out / name)
    print(f"pulled {repository} to {out}")
    print(f"next: digitrec models publish {out}")
    return 0
