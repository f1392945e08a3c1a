"""50,000 items with their owners and tags arrive complete while the worker is killed at random moments."""

import contextlib
import random
import time

import pytest

from monitor.verify import Effort, VerifySettings, counts, verify
from stack.errors import StackError

ITEMS = 50_000
SECONDS = 240
KILLS = 6


@pytest.mark.timeout(600)
def test_nothing_is_lost_or_doubled_by_kill_nine(stack):
    chance = random.Random(20261122)
    settings = VerifySettings(
        postgres_dsn=stack.env["VERIFY_POSTGRES_DSN"], mongo_uri=stack.env["CDC_MONGO_URI"], mongo_db=stack.env["CDC_MONGO_DB"]
    )
    stack.exec("python", "scripts/seed.py", "--users", "1000", "--items", str(ITEMS), "--tags", "40", "--seed", "4")
    deadline, kills = time.monotonic() + SECONDS, 0
    while (found := counts(settings)["items_read"]).documents < found.rows:
        assert time.monotonic() < deadline, f"{found}, {kills} kills"
        if kills < KILLS:
            time.sleep(chance.uniform(0.5, 3))  # the moment is the experiment
            with contextlib.suppress(StackError):  # between two lives
                stack.supervisor.signal_program("worker-1", "KILL")
                kills += 1
        else:
            time.sleep(0.2)
    assert kills >= 3
    report = verify(settings, effort=Effort(recheck_seconds=60))
    assert report.ok, report
