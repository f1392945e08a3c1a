"""Workers join, die, and come back late while rows arrive: nothing is lost, nothing stale, and commits go on."""

import signal
import threading
import time

import pytest

from monitor.verify import Effort, VerifySettings, counts, verify
from tests.e2e.workers import worker

ITEMS = 30_000
SECOND = {"CDC_WORKER": "worker-second"}
FROZEN = 13.0  # seconds: longer than the session timeout, so that the others take over and the frozen one wakes as a zombie
SECONDS = 120


@pytest.mark.timeout(600)
def test_workers_that_come_and_go_lose_nothing(stack):
    settings = VerifySettings(
        postgres_dsn=stack.env["VERIFY_POSTGRES_DSN"], mongo_uri=stack.env["CDC_MONGO_URI"], mongo_db=stack.env["CDC_MONGO_DB"]
    )
    seed = ("python", "scripts/seed.py", "--users", "500", "--items", str(ITEMS), "--tags", "30", "--seed", "9")
    load = threading.Thread(target=stack.exec, args=seed)
    load.start()
    for ending in (signal.SIGKILL, signal.SIGTERM):
        with worker(stack, SECOND, ending):
            pass  # it has partitions: that is the rebalance
    with worker(stack, SECOND, signal.SIGKILL):
        stack.supervisor.signal_program("worker-1", "STOP")
        time.sleep(FROZEN)  # the experiment: nothing tells when Kafka has given its partitions away
        stack.supervisor.signal_program("worker-1", "CONT")
    load.join(SECONDS)
    assert not load.is_alive()
    deadline = time.monotonic() + SECONDS
    while (found := counts(settings)["items_read"]).documents < found.rows:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    report = verify(settings, effort=Effort(recheck_seconds=60))
    assert report.ok, report
