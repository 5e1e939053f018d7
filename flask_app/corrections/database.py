"""Connect to SQLite or PostgreSQL, and migrate the tables before their first use."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from flask_app.corrections.room import Room
from flask_app.corrections.sqlite_file import PRIVATE_FILE, SqliteFile
from flask_app.settings.environment import ConfigError

_log = logging.getLogger("flask_app")  # which the app sets up

BUSY_SECONDS = 5
"""How long to wait for a database that is unreachable, silent, or locked by another writer."""

MIGRATIONS = Path(__file__).with_name("migrations")
MIGRATION_LOCK = 7_283_464
"""PostgreSQL's advisory lock that keeps two replicas from migrating at once. Any number, but it must never change."""


PROBE_BYTES = 100_000
"""What is written to PostgreSQL, and taken back, to find out whether it can write again: more than fits into a page."""


class DatabaseUnavailableError(RuntimeError):
    """The database cannot be reached or written to; nothing has changed."""


class Database:
    """Sessions on one database. Connects on first use; threads may share it."""

    def __init__(self, url: str, room: Room | None = None) -> None:
        """Parse the address.

        Args:
            url: As SQLAlchemy writes it: `sqlite:///file.db` or `postgresql://user:password@host/name`.
            room: How much room corrections may take; None for as much as there is.

        Raises:
            ConfigError: It is not the address of a database, or its driver is not installed.
        """
        self.engine = _engine(url)
        self.file = SqliteFile(Path(str(self.engine.url.database))) if self.engine.dialect.name == "sqlite" else None
        self._room = room
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._lock = threading.Lock()
        self._is_current = False
        self._can_write = True
        """Whether the last write succeeded."""

    @contextmanager
    def session(self, *, adds: bool = False) -> Iterator[Session]:
        """Open a session in a transaction, committed when its block ends and rolled back by an error.

        Args:
            adds: Whether something is added, for which there must be room.

        Raises:
            DatabaseUnavailableError: The tables cannot be migrated, or the file was just replaced.
            StorageFullError: There is no room for what is to be added.
        """
        self.upgrade()
        try:
            with self._sessions.begin() as session:
                if adds and self._room is not None:
                    self._room.check(session.connection(), self.file)
                yield session
            if self.file is not None and self.file.was_replaced():
                raise DatabaseUnavailableError("the file was replaced during a transaction")
        except OperationalError:
            self._can_write = self._can_write and not adds
            raise
        if adds:
            self._can_write = True

    def upgrade(self) -> None:
        """Migrate the tables to the current version, once, and by one process at a time.

        A SQLite file that was deleted or replaced is opened again, and migrated.

        Raises:
            DatabaseUnavailableError: The database cannot be reached.
        """
        if self._is_current and not (self.file is not None and self.file.was_replaced()):
            return
        with self._lock:
            if self._is_current and self.file is not None and self.file.was_replaced():
                _log.warning("the file of the database was deleted or replaced; opening the one that is there now")
                self.engine.dispose()
                self._is_current = False
            if not self._is_current:
                try:
                    self._migrate()
                except (SQLAlchemyError, OSError) as error:
                    raise DatabaseUnavailableError(describe_cause(error)) from error
                self._is_current = True

    def ping(self) -> None:
        """Find out whether a correction could be stored.

        Raises:
            DatabaseUnavailableError: The database does not answer, or cannot write.
            StorageFullError: There is no room.
        """
        self.upgrade()
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
                if self._room is not None:
                    self._room.check(connection, self.file)
                if self.file is not None:
                    connection.execute(text("PRAGMA user_version = 1"))  # nothing reads it; setting it writes a page
                elif not self._can_write:
                    _try_to_write(connection)
                connection.commit()
        except (SQLAlchemyError, OSError) as error:
            raise DatabaseUnavailableError(describe_cause(error)) from error
        self._can_write = True

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _migrate(self) -> None:
        lock: AbstractContextManager[Any] = nullcontext()
        if self.file is not None:
            self.file.create()
            lock = FileLock(f"{self.file.path}.lock", mode=PRIVATE_FILE)
        from alembic import command  # slow to import, so not before the first correction

        with lock, self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))  # a large table takes longer
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            command.upgrade(_alembic(connection), "head")
        if self.file is not None:
            self.file.remember()


def _engine(url: str) -> Engine:
    try:
        address = make_url(url)
        # Hosts of PostgreSQL give addresses that name no driver, some with the scheme's old name.
        if address.drivername in ("postgres", "postgresql"):
            address = address.set(drivername="postgresql+psycopg")
        if address.get_backend_name() == "sqlite":
            engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS})
            event.listen(engine, "connect", _prepare_sqlite)
            return engine
        # The second is for a machine that has vanished, which would otherwise block a thread for minutes.
        connect: dict[str, Any] = {"connect_timeout": BUSY_SECONDS, "tcp_user_timeout": 1000 * BUSY_SECONDS}
        engine = create_engine(address, pool_pre_ping=True, pool_timeout=BUSY_SECONDS, connect_args=connect)
        event.listen(engine, "connect", _prepare_postgresql)
        return engine
    except (ArgumentError, NoSuchModuleError):
        raise ConfigError(
            "DIGITREC_DATABASE_URL is not the address of a database; it must be sqlite:///FILE or"
            " postgresql://USER:PASSWORD@HOST/NAME"
        ) from None
    except ImportError as error:
        raise ConfigError(
            f"DIGITREC_DATABASE_URL needs the package {error.name}, which is not installed; for PostgreSQL, install"
            ' digitrec with the extra "postgres"'
        ) from None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA auto_vacuum=INCREMENTAL")  # of a new file: lets it shrink without a copy of all of it
    cursor.execute("PRAGMA journal_mode=WAL")  # readers do not wait for the writer
    cursor.execute("PRAGMA synchronous=FULL")  # what was acknowledged survives a power cut
    cursor.execute("PRAGMA secure_delete=ON")  # what is deleted does not stay in free pages of the file
    cursor.close()


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {1000 * BUSY_SECONDS}")  # includes waiting for a lock
    connection.commit()


def _try_to_write(connection: Connection) -> None:
    """Write to PostgreSQL, and take it back."""
    connection.execute(
        text(
            "INSERT INTO corrections (key, created, label, predicted, confidence, doubt, model, kept, drawing, state)"
            " VALUES ('probe', now(), 0, 0, 0, 0, '', false, :drawing, 'rejected')"
        ),
        {"drawing": os.urandom(PROBE_BYTES)},
    )
    connection.rollback()


def _alembic(connection: Connection) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def describe_cause(error: Exception) -> str:
    """Name an error by its types alone: its message may hold the password in the address, or what a client sent."""
    original = getattr(error, "orig", None)
    return type(error).__name__ + (f" ({type(original).__name__})" if original is not None else "")
