"""Delete old corrections, a few at a time, and give their room back: on a full disk too, where it is needed most."""

import datetime
import sqlite3
from collections.abc import Callable

from sqlalchemy import delete, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from flask_app.corrections.database import Database, DatabaseUnavailableError, describe_cause
from flask_app.corrections.models import Correction
from flask_app.corrections.sqlite_file import SqliteFile

CHUNKS = (500, 20, 1)
"""Corrections deleted in one transaction: fewer where the disk has no room for the record of a larger one."""

LOCK_SECONDS = 60
"""How long PostgreSQL waits for others to let it rewrite the table."""

OVERWRITTEN_PAGES = 500
"""Pages of SQLite that are given back in one transaction."""

INCREMENTAL = 2
"""SQLite's number of the mode in which a file can shrink without a copy of it."""

FULL_AND_BUSY = (
    "the disk is full, and the server has the database open: stop the server, run the same command again, and start it"
)


def purge(database: Database, before: datetime.datetime, states: tuple[str, ...]) -> int:
    """Delete corrections.

    Args:
        database: Where they are.
        before: Those that arrived before this time.
        states: Those in one of these states.

    Returns:
        How many.

    Raises:
        DatabaseUnavailableError: The database cannot be reached or written to. What was deleted until then is deleted.
    """
    try:
        if database.file is not None:
            return _purge_sqlite(database.file, before, states)
        return _purge_postgresql(database, before, states)
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise DatabaseUnavailableError(describe_cause(error)) from error


def _purge_postgresql(database: Database, before: datetime.datetime, states: tuple[str, ...]) -> int:
    old = select(Correction.id).where(Correction.created < before, Correction.state.in_(states)).limit(CHUNKS[0])
    deleted = 0
    while True:
        with database.session() as session:
            session.execute(text("SET LOCAL statement_timeout = 0"))
            result = session.execute(delete(Correction).where(Correction.id.in_(old)))
            count = int(result.rowcount)  # type: ignore[attr-defined]  # a delete's result has it
        deleted += count
        if count < CHUNKS[0]:
            break
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text(f"SET lock_timeout = '{LOCK_SECONDS}s'"))
        try:
            connection.execute(text("VACUUM FULL corrections"))  # a copy of what is left, so it needs room for that
        except OperationalError:
            connection.execute(text("VACUUM corrections"))
        connection.invalidate()  # with its settings
    return deleted


def _purge_sqlite(file: SqliteFile, before: datetime.datetime, states: tuple[str, ...]) -> int:
    """Delete in SQLite by its own driver: no transaction may begin by itself while it is asked for its journal."""
    deleted = [0]
    try:
        # Beside a server: changes go to the write-ahead log, which is overwritten after each checkpoint.
        return _delete_in_sqlite(file, before, states, "WAL", deleted)
    except sqlite3.OperationalError as error:
        if not _is_full(error):
            raise
    # There is no room for a log, so there is none: what is overwritten is kept in memory. A crash of the machine in
    # the middle would damage the file, and no other process may have it open.
    try:
        return _delete_in_sqlite(file, before, states, "MEMORY", deleted)
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or _is_full(error):
            raise DatabaseUnavailableError(FULL_AND_BUSY) from error
        raise


def _delete_in_sqlite(
    file: SqliteFile, before: datetime.datetime, states: tuple[str, ...], journal: str, deleted: list[int]
) -> int:
    """Delete in a mode of the journal. Adds to `deleted` as it goes, and returns what is there at the end."""
    connection = sqlite3.connect(file.path, timeout=5, isolation_level=None)
    try:
        if journal == "MEMORY":
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        found = connection.execute(f"PRAGMA journal_mode = {journal}").fetchone()[0]
        if found.upper() != journal:
            raise sqlite3.OperationalError("database is locked")
        connection.execute("PRAGMA secure_delete = ON")
        _delete_chunks(connection, before, states, deleted)
        _rewrite(connection)
        _give_room_back(connection)
        if journal == "MEMORY":
            connection.execute("PRAGMA journal_mode = WAL")
        return deleted[0]
    finally:
        connection.close()


def _delete_chunks(
    connection: sqlite3.Connection, before: datetime.datetime, states: tuple[str, ...], deleted: list[int]
) -> None:
    # As SQLAlchemy writes times: in UTC, without a zone.
    until = before.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    old = f"created < ? AND state IN ({', '.join('?' * len(states))})"
    statement = f"DELETE FROM corrections WHERE id IN (SELECT id FROM corrections WHERE {old} LIMIT ?)"

    def delete_some(chunk: int) -> int:
        return connection.execute(statement, (until, *states, chunk)).rowcount

    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'corrections'").fetchone() is None:
        return  # no correction has ever been kept
    while count := _in_smaller_chunks(connection, delete_some):
        deleted[0] += count


def _in_smaller_chunks(connection: sqlite3.Connection, change: Callable[[int], int]) -> int:
    """Make a change, a smaller one if the disk has no room for its record. Returns what it says."""
    for chunk in CHUNKS:
        try:
            count = change(chunk)
        except sqlite3.OperationalError as error:
            if chunk == CHUNKS[-1] or not _is_full(error):
                raise
        else:
            _give_room_back(connection)  # at once, so that the next chunk has room
            return count
    raise AssertionError("the last chunk raises")


def _give_room_back(connection: sqlite3.Connection) -> None:
    """Make the file smaller where that takes no room, and have the log written over."""
    try:
        if connection.execute("PRAGMA auto_vacuum").fetchone()[0] == INCREMENTAL:
            while connection.execute("PRAGMA freelist_count").fetchone()[0]:
                connection.execute(f"PRAGMA incremental_vacuum({OVERWRITTEN_PAGES})").fetchall()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.OperationalError as error:
        # What was deleted is deleted: its room is used again, and given back by a later purge.
        if not _is_full(error) and "locked" not in str(error):
            raise


def _rewrite(connection: sqlite3.Connection) -> None:
    """Make the file of an older version smaller, and able to shrink; it needs room for a copy of what is left."""
    try:
        if connection.execute("PRAGMA auto_vacuum").fetchone()[0] != INCREMENTAL:
            connection.execute(f"PRAGMA auto_vacuum = {INCREMENTAL}")
            connection.execute("VACUUM")
    except sqlite3.OperationalError as error:
        if not _is_full(error) and "locked" not in str(error):
            raise


def _is_full(error: sqlite3.Error) -> bool:
    """Whether a write failed for want of room; SQLite says so in several ways."""
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
