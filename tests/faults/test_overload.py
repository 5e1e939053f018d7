"""Clients that send what costs the server most, sixteen at once, while others draw."""

from pathlib import Path

import pytest

from benchmarks import overload
from tests.support.under_load import PATIENCE

SECONDS = 3.0

ALLOWED = {200, 400, 413, 422, 503}
"""An answer, a refusal in words, or a time to try again."""


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("what", overload.ATTACKS)
def test_the_worst_requests_cost_no_worker_and_nobody_else_an_answer(tmp_path: Path, what: str) -> None:
    clients, make = overload.ATTACKS[what]
    with overload.target(tmp_path) as server:
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
        workers = children.read_text()
        outcome = overload.attack(server, clients, make(), SECONDS)
        assert children.read_text() == workers
    assert set(outcome.statuses) <= ALLOWED
    assert sum(outcome.statuses.values()) >= clients
    assert len(outcome.others) > 0
    assert outcome.lost == 0
    assert max(outcome.others) < 1000 * PATIENCE
    assert outcome.megabytes < overload.MEMORY_MB
    assert "Traceback" not in server.log.read_text("utf-8")
