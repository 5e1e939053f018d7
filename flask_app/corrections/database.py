"""Connect to SQLite or PostgreSQL, and migrate the tables before their first use."""

import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from flask_app.settings.environment import ConfigError

BUSY_SECONDS = 5
"""How long to wait for a database that is unreachable, silent, or locked by another writer."""

MIGRATIONS = Path(__file__).with_name("migrations")
MIGRATION_LOCK = 7_283_464
"""PostgreSQL's advisory lock that keeps two replicas from migrating at once. Any number, but it must never change."""


class DatabaseUnavailableError(RuntimeError):
    """The database cannot be reached or written to; nothing has changed."""


class Database:
    """Sessions on one database. Connects on first use; threads may share it."""

    def __init__(self, url: str) -> None:
        """Parse the address.

        Args:
            url: As SQLAlchemy writes it: `sqlite:///file.db` or `postgresql://user:password@host/name`.

        Raises:
            ConfigError: It is not the address of a database, or its driver is not installed.
        """
        self.engine = _engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._lock = threading.Lock()
        self._is_current = False

    def session(self) -> AbstractContextManager[Session]:
        """Open a session in a transaction, committed when its block ends and rolled back by an error.

        Raises:
            DatabaseUnavailableError: The tables cannot be migrated; raised on entering the block.
        """
        self.upgrade()
        return self._sessions.begin()

    def upgrade(self) -> None:
        """Migrate the tables to the current version, once, and by one process at a time.

        Raises:
            DatabaseUnavailableError: The database cannot be reached.
        """
        if self._is_current:
            return
        with self._lock:
            if not self._is_current:
                try:
                    self._migrate()
                except (SQLAlchemyError, OSError) as error:
                    raise DatabaseUnavailableError(describe_cause(error)) from error
                self._is_current = True

    def ping(self) -> None:
        """Run a query that needs no table.

        Raises:
            DatabaseUnavailableError: It failed.
        """
        self.upgrade()
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise DatabaseUnavailableError(describe_cause(error)) from error

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _migrate(self) -> None:
        file = self.engine.url.database
        if self.engine.dialect.name == "sqlite" and file and file != ":memory:":
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            lock: AbstractContextManager[Any] = FileLock(file + ".lock")
        else:
            lock = nullcontext()
        from alembic import command  # slow to import, so not before the first correction

        with lock, self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))  # a large table takes longer
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            command.upgrade(_alembic(connection), "head")


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
    cursor.execute("PRAGMA journal_mode=WAL")  # readers do not wait for the writer
    cursor.execute("PRAGMA synchronous=FULL")  # what was acknowledged survives a power cut
    cursor.execute("PRAGMA secure_delete=ON")  # what is deleted does not stay in free pages of the file
    cursor.close()


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {1000 * BUSY_SECONDS}")  # includes waiting for a lock
    connection.commit()


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
