"""The database: SQLite in a file by default, PostgreSQL by its address; brought up to date before its first use."""

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
"""How long the database is waited for, be it away, mute, or busy with another's write, before it is given up."""

MIGRATIONS = Path(__file__).with_name("migrations")
MIGRATION_LOCK = 7_283_464
"""PostgreSQL's advisory lock that keeps two replicas from migrating at once: any number, as long as it stays."""


class DatabaseUnavailableError(RuntimeError):
    """The database cannot be reached, or has no room; nothing was written."""


class Database:
    """Sessions on one database. Making it contacts nothing; safe to share between threads."""

    def __init__(self, url: str) -> None:
        """Take its address.

        Args:
            url: As SQLAlchemy writes it: `sqlite:///file.db` or `postgresql://user:password@host/name`.

        Raises:
            ConfigError: Not such an address, or its driver is not installed.
        """
        self.engine = _engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._lock = threading.Lock()
        self._is_current = False

    def session(self) -> AbstractContextManager[Session]:
        """A session in a transaction: committed when its block ends, rolled back by an error.

        Raises:
            DatabaseUnavailableError: On entering, where the database cannot be brought up to date.
        """
        self.upgrade()
        return self._sessions.begin()

    def upgrade(self) -> None:
        """Bring the tables up to date, once; by one process at a time.

        Raises:
            DatabaseUnavailableError: It cannot be reached.
        """
        if self._is_current:
            return
        with self._lock:
            if not self._is_current:
                try:
                    self._migrate()
                except (SQLAlchemyError, OSError) as error:
                    raise DatabaseUnavailableError(reason(error)) from error
                self._is_current = True

    def ping(self) -> None:
        """Ask for a sign of life.

        Raises:
            DatabaseUnavailableError: None came.
        """
        self.upgrade()
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise DatabaseUnavailableError(reason(error)) from error

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def _migrate(self) -> None:
        file = self.engine.url.database
        if self.engine.dialect.name == "sqlite" and file and file != ":memory:":
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            lock: AbstractContextManager[Any] = FileLock(file + ".lock")
        else:
            lock = nullcontext()
        from alembic import command  # slow to import, and needed when the first correction comes

        with lock, self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))  # a large table takes its time
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            command.upgrade(_alembic(connection), "head")


def _engine(url: str) -> Engine:
    try:
        address = make_url(url)
        # Whatever runs PostgreSQL hands out addresses that name no driver, some by its old nickname.
        if address.drivername in ("postgres", "postgresql"):
            address = address.set(drivername="postgresql+psycopg")
        if address.get_backend_name() == "sqlite":
            engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS})
            event.listen(engine, "connect", _prepare_sqlite)
            return engine
        # The last of these is for a machine that vanished: its silence would hold a thread for minutes.
        connect: dict[str, Any] = {"connect_timeout": BUSY_SECONDS, "tcp_user_timeout": 1000 * BUSY_SECONDS}
        engine = create_engine(address, pool_pre_ping=True, pool_timeout=BUSY_SECONDS, connect_args=connect)
        event.listen(engine, "connect", _prepare_postgresql)
        return engine
    except (ArgumentError, NoSuchModuleError):
        raise ConfigError(
            "DIGITREC_DATABASE_URL is no address of a database; it must be sqlite:///FILE or"
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
    cursor.execute("PRAGMA synchronous=FULL")  # what was answered with success survives a power cut
    cursor.execute("PRAGMA secure_delete=ON")  # what is forgotten does not lie in the file's free pages
    cursor.close()


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {1000 * BUSY_SECONDS}")  # also of a wait for somebody's lock
    connection.commit()


def _alembic(connection: Connection) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def reason(error: Exception) -> str:
    """An error's kind, for the log: its message may hold the address with its password, or what a person sent."""
    original = getattr(error, "orig", None)
    return type(error).__name__ + (f" ({type(original).__name__})" if original is not None else "")
