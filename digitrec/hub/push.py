"""Push the model that serves, or accepted corrections, to the Hugging Face Hub."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from digitrec.artifacts import models_dir
from digitrec.cli.parser import CommandParser
from digitrec.errors import DatasetError
from digitrec.exported_corrections import export_corrections
from digitrec.hub import connection
from digitrec.hub.correction_repository import CORRECTIONS, describe_corrections
from digitrec.hub.model_repository import write_model_repository
from digitrec.training_rows import negatives_path

STALE = ["*.onnx", "*.keras", "*.csv"]
"""Files of an earlier push that are deleted, unless they are pushed again."""


def main(argv: list[str] | None = None, prog: str = "python -m digitrec.hub.push") -> int:
    """Run the command. Returns the exit status: 0 done.

    Raises:
        DigitrecError: There is nothing to push, or the Hub cannot be reached or refuses.
    """
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("repository", metavar="OWNER/NAME", help="the repository; it is made if it is missing")
    parser.add_argument(
        "--models", type=Path, metavar="DIR", help="the folder of the model (default: the one that serves)"
    )
    parser.add_argument(
        "--corrections",
        nargs="?",
        const="",
        metavar="CSV",
        help="push a data set of accepted corrections instead: those of DIGITREC_DATABASE_URL, or of a file that was"
        " exported before",
    )
    parser.add_argument("--licence", default="other", metavar="NAME", help="of the data set (default: other)")
    parser.add_argument("--private", action="store_true", help="make a repository that only you see")
    parser.add_argument("--dry-run", action="store_true", help="show what would be pushed; needs no network")
    arguments = parser.parse_args(argv)
    repository = connection.check_repository(arguments.repository)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if arguments.corrections is None:
            write_model_repository(arguments.models or models_dir(), folder, repository)
        else:
            _collect_corrections(arguments.corrections, folder, repository, arguments.licence)
        kind = "model" if arguments.corrections is None else "dataset"
        for path in sorted(folder.iterdir()):
            print(f"{path.stat().st_size:12,}  {path.name}")
        if arguments.dry_run:
            print((folder / "README.md").read_text(encoding="utf-8"))
            print(f"dry run: nothing was pushed to the {kind} repository {repository}")
            return 0
        _push(folder, repository, kind, is_private=arguments.private)
    return 0


def _collect_corrections(csv: str, folder: Path, repository: str, licence: str) -> None:
    out = folder / CORRECTIONS
    if csv:
        for source, target in ((Path(csv), out), (negatives_path(Path(csv)), negatives_path(out))):
            try:
                if source == Path(csv) or source.exists():
                    shutil.copyfile(source, target)
            except OSError as error:
                raise DatasetError(f"{source} cannot be read: {error.strerror or error}") from error
    else:
        export_corrections(out)
    describe_corrections(out, folder, repository, licence)


def _push(folder: Path, repository: str, kind: str, *, is_private: bool) -> None:
    with connection.hub_errors(f"{repository} was not pushed"):
        hub = connection.connect()
        hub.create_repo(repository, repo_type=kind, private=is_private, exist_ok=True)
        hub.upload_folder(
            repo_id=repository,
            repo_type=kind,
            folder_path=folder,
            commit_message="Push from digitrec",
            delete_patterns=STALE,
        )
    print(f"pushed to https://huggingface.co/{'datasets/' if kind == 'dataset' else ''}{repository}")
