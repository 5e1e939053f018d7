"""How much room corrections may take: a ceiling for all of them, and space that stays free on their disk."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from flask_app.corrections.sqlite_file import SqliteFile
from flask_app.settings.table import MEGABYTE


class StorageFullError(RuntimeError):
    """Corrections may take no more room; nothing has changed."""


@dataclass(frozen=True)
class Room:
    """The room that corrections may take.

    Attributes:
        max_bytes: Bytes that all corrections may take.
        min_free_bytes: Bytes that must stay free on the disk of a SQLite file.
    """

    max_bytes: int
    min_free_bytes: int

    def check(self, connection: Connection, file: SqliteFile | None) -> None:
        """Find out whether there is room for another correction.

        Args:
            connection: To the database.
            file: That of SQLite; None for another database, whose disk may be that of another machine.

        Raises:
            StorageFullError: There is not; the message says why, and what to do.
            SQLAlchemyError: The database cannot be read.
            OSError: The free space of the disk cannot be read.
        """
        if file is not None and (free := file.free_bytes()) < self.min_free_bytes:
            raise StorageFullError(
                f"the disk of {file.path.name} has {free // MEGABYTE} MB free, of which"
                f" {self.min_free_bytes // MEGABYTE} MB stay free"
                " (DIGITREC_FREE_DISK_MB): make room, or purge corrections"
            )
        if (used := used_bytes(connection)) >= self.max_bytes:
            raise StorageFullError(
                f"corrections take {used // MEGABYTE} MB, of {self.max_bytes // MEGABYTE} MB that they may"
                " (DIGITREC_CORRECTIONS_MB): purge some, or raise it"
            )


def used_bytes(connection: Connection) -> int:
    """Bytes that corrections take, without those that are free for more of them.

    On PostgreSQL, they include what deleted ones took until it has been vacuumed away.
    """
    if connection.dialect.name == "sqlite":
        pages, free, size = (
            int(connection.execute(text(f"PRAGMA {name}")).scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size
    return int(connection.execute(text("SELECT pg_total_relation_size('corrections')")).scalar_one())
