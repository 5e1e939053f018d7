"""Corrections are purged where it is needed most: on a disk without a free byte."""

import datetime
import os
from pathlib import Path

import pytest

from flask_app.corrections.database import Database
from flask_app.corrections.models import STATES
from flask_app.corrections.purge import purge
from flask_app.corrections.store import CorrectionStore
from tests.faults.test_faults import fill
from tests.flask_app.corrections.test_corrections import LONG_AGO, correction

COUNT = 200


@pytest.fixture
def full(small_disk: Path):
    """A store of old corrections on a disk that is then filled."""
    store = CorrectionStore(Database(f"sqlite:///{small_disk}/digitrec.db"))
    with store.database.session() as session:
        session.add_all(correction(created=LONG_AGO, drawing=os.urandom(20_000)) for _ in range(COUNT))
    store.add(correction(key="new"))
    yield store
    store.database.close()


def month_ago() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=30)


@pytest.mark.parametrize("is_open", [True, False], ids=["beside a server", "alone"])
def test_old_corrections_are_purged_from_a_full_disk_and_give_their_room_back(
    full: CorrectionStore, small_disk: Path, is_open: bool
) -> None:
    file = small_disk / "digitrec.db"
    before = file.stat().st_size
    if not is_open:
        full.database.close()  # with it goes the log, and the room that it had
    fill(small_disk)
    other = Database(f"sqlite:///{file}")
    assert purge(other, month_ago(), STATES) == COUNT
    other.close()
    assert file.stat().st_size < before / 2
    assert [one.key for one in full.iterate()] == ["new"]
    full.add(correction(key="there is room again"))
