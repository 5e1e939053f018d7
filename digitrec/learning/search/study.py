"""Studies: what a search has tried, in a database that several processes and machines share. Needs no Keras.

A study is Optuna's. What we add to it are attributes: the space it searches, and how often it was asked to stop.
"""

import os
from pathlib import Path
from typing import Any

import optuna
from filelock import FileLock
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from digitrec.learning.runs.run import check_name
from digitrec.learning.search.space import SearchError, Space

STORAGE = "DIGITREC_SEARCH_DATABASE_URL"
"""Environment variable with the address of the database of studies."""

HIDDEN = ".search"
"""Folder beside the runs for what belongs to searches: the database, locks, logs."""

SPACE, STOPS = "space", "stops"

MAX_NAME = 56
"""Characters of a study's name: those of its runs have the number of the trial behind it."""

STARTUP_TRIALS = 5
"""Trials that none is compared with yet: the first are never pruned."""


def search_dir(root: Path) -> Path:
    """The folder for what belongs to searches, made if it is not there.

    Args:
        root: The folder of run directories.
    """
    folder = root / HIDDEN
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def storage_url(root: Path) -> str:
    """The address of the database: the one that `STORAGE` names, else an SQLite file beside the runs."""
    return os.environ.get(STORAGE) or f"sqlite:///{search_dir(root) / 'studies.db'}"


def open_storage(url: str, root: Path) -> Any:
    """Open the database of studies. One that is empty gets its tables.

    Args:
        url: An address of SQLite or PostgreSQL, as SQLAlchemy takes it.
        root: The folder of run directories.

    Returns:
        An `optuna.storages.RDBStorage`.

    Raises:
        SearchError: Another kind of database, one that cannot be reached, or a driver that is not installed.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise SearchError(f"{url[:80]!r} is no address of a database, such as sqlite:///studies.db") from error
    kind = address.drivername.partition("+")[0]
    if kind not in ("sqlite", "postgres", "postgresql") or (
        kind == "sqlite" and address.database in (None, ":memory:")
    ):
        raise SearchError(
            f"studies are kept in an SQLite file or in PostgreSQL, not in {address.render_as_string()};"
            " give sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"
        )
    if kind == "sqlite":
        options: dict[str, Any] = {"connect_args": {"timeout": 60}}  # of several processes, one writes at a time
    else:
        address = address.set(drivername="postgresql+psycopg")
        options = {"pool_pre_ping": True}  # a connection may have been lost while a trial trained
    shown = address.render_as_string()
    optuna.logging.set_verbosity(optuna.logging.WARNING)  # it would report each trial a second time
    try:
        with FileLock(search_dir(root) / "studies.lock"):  # two processes would make the same tables
            return optuna.storages.RDBStorage(address.render_as_string(hide_password=False), options)
    except ImportError as error:
        raise SearchError(
            'PostgreSQL needs the package psycopg; get it with: python -m pip install "digitrec[postgres]"'
        ) from error
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise SearchError(f"the database of studies, {shown}, cannot be used: {reason}") from error


def open_study(storage: Any, name: str) -> Any:
    """Open a study that is there.

    Raises:
        SearchError: There is none of that name, or it is another program's.
    """
    try:
        study = optuna.load_study(study_name=name, storage=storage, pruner=_pruner())
    except KeyError:
        raise SearchError(
            f"there is no study {name!r}; there are {', '.join(list_studies(storage)) or 'none'}"
        ) from None
    if SPACE not in study.user_attrs:
        raise SearchError(f"the study {name!r} was not made by training.search; choose another name by --study")
    return study


def begin_study(storage: Any, name: str, space: Space) -> Any:
    """Open a study that searches this space, or begin one.

    Raises:
        SearchError: The name belongs to a study that searches another space, or does not belong in a file name.
    """
    try:
        check_name(name)
    except ValueError as error:
        raise SearchError(str(error).replace("run name", "study name")) from error
    if len(name) > MAX_NAME:
        raise SearchError(f"the study's name has {len(name)} characters; at most {MAX_NAME} are used")
    if name not in list_studies(storage):
        study = optuna.create_study(study_name=name, storage=storage, direction="maximize", load_if_exists=True)
        if SPACE not in study.user_attrs:
            study.set_user_attr(SPACE, space.to_dict())
    study = open_study(storage, name)
    if study.user_attrs[SPACE] != space.to_dict():
        raise SearchError(
            f"the study {name!r} searches another space, and its trials would not be comparable; choose another name"
            " by --study"
        )
    return study


def list_studies(storage: Any) -> list[str]:
    """The names of all studies, the newest first."""
    return list(reversed(optuna.get_all_study_names(storage)))


def space_of(study: Any) -> Space:
    """The space that a study searches."""
    return Space(**study.user_attrs[SPACE])


def request_stop(study: Any) -> None:
    """Ask all processes that train trials of a study, on every machine, to stop. They look after each epoch."""
    study.set_user_attr(STOPS, count_stops(study) + 1)


def count_stops(study: Any) -> int:
    """How often the study was asked to stop. A process that finds more than when it began stops."""
    return int(study.user_attrs.get(STOPS, 0))


def _pruner() -> Any:
    """What ends trials early: at an epoch, the lower half by the best validation accuracy until then.

    The median rule needs no more settings than how many trials it waits for. Hyperband, which divides trials among
    budgets, pays off only with hundreds of them.
    """
    return optuna.pruners.MedianPruner(n_startup_trials=STARTUP_TRIALS)
