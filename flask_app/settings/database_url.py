"""The address of a database, checked before anything connects to it."""

import re
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

SQLITE = ("sqlite", "sqlite+pysqlite")
POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def parse_database_url(value: str) -> str:
    """An address of SQLite or PostgreSQL that can be used, or nothing.

    A database that is away is not refused: it may come back. An address that can never work is.

    Raises:
        ValueError: Another kind of database, an asynchronous driver, a database in memory, a directory, a host in the
            address of a file, or an option that the driver does not know.
    """
    if not value:
        return value
    try:
        url = make_url(value)  # raises ValueError for a port that is not a number
    except ArgumentError as error:
        raise ValueError from error
    if url.drivername in SQLITE:
        file = url.database or ""
        # A database in memory, which is what no name means too, is lost at the end, and differs between threads.
        if url.host or url.query or not file or file.startswith(("file:", ":")) or "\0" in file:
            raise ValueError
        if file.endswith(("/", "\\")) or Path(file).is_dir():
            raise ValueError
    elif url.drivername in POSTGRESQL:
        if url.port is not None and not 1 <= url.port <= 65_535:
            raise ValueError
        if url.host and not re.fullmatch(r"[A-Za-z0-9_.:%-]+", url.host):
            raise ValueError
        _check_postgresql_options(dict(url.query))
    else:
        raise ValueError
    return value


def _check_postgresql_options(options: dict[str, object]) -> None:
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import make_conninfo
    except ImportError:  # said when the database is opened, with the extra that brings it
        return
    if options.get("sslmode", "prefer") not in SSL_MODES:
        raise ValueError
    try:
        make_conninfo("", **{name: str(option) for name, option in options.items()})
    except ProgrammingError as error:
        raise ValueError from error
