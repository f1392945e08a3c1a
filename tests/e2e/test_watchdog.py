"""A worker that stands still without knowing it is ended by its watchdog, and the next one finishes the work."""

import time
import uuid

import pytest

from cdc_consumer.crash_points import ACTIONS
from monitor.verify import Effort, VerifySettings, verify
from tests.e2e.workers import worker

SECONDS = 120
DIED = 70  # the exit code of `death`


def until_equal(stack, database):
    settings = VerifySettings(postgres_dsn=stack.env["VERIFY_POSTGRES_DSN"], mongo_uri=stack.env["CDC_MONGO_URI"], mongo_db=database)
    deadline = time.monotonic() + SECONDS
    while not (report := verify(settings, effort=Effort(recheck_seconds=0))).ok:
        assert time.monotonic() < deadline, report
        time.sleep(0.3)


@pytest.mark.parametrize("action", sorted({"hang", "block"} & ACTIONS.keys()))
def test_a_worker_that_stands_still_is_ended_and_the_next_one_goes_on(stack, action):
    stack.exec("python", "scripts/seed.py", "--users", "5", "--items", "50", "--tags", "5", "--seed", "11")
    name = f"stalled_{uuid.uuid4().hex[:8]}"
    own = {"CDC_GROUP": name, "CDC_MONGO_DB": name, "CDC_WORKER": name}
    with worker(stack, {**own, "CDC_WATCHDOG_SECONDS": "5", "CDC_CRASH_AT": f"after_fetch:1:{action}"}) as stalled:
        assert stalled.wait(SECONDS) == DIED
    with worker(stack, own):
        until_equal(stack, name)
