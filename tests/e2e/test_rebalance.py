"""Workers join, die, and come back late while rows arrive: nothing is lost, nothing stale, and commits go on."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import pytest

from monitor.verify import Effort, VerifySettings, counts, verify
from stack.settings import ROOT
from tests.e2e.api import until

ITEMS = 30_000
FROZEN = 13.0  # seconds: longer than the session timeout, so that the others take over and the frozen one wakes as a zombie
SECONDS = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


@contextlib.contextmanager
def second_worker(stack, ending):
    """A second worker of the same group, with partitions of its own; ended by a signal."""
    port = free_port()
    environment = {**os.environ, **stack.env, "CDC_WORKER": "worker-second", "CDC_METRICS_PORT": str(port)}
    process = subprocess.Popen((sys.executable, "-m", "cdc_consumer", "worker"), cwd=ROOT, env=environment)
    try:
        until(lambda: is_ready(port), bool)
        yield process
    finally:
        process.send_signal(ending)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()
        process.wait(10)


@pytest.mark.timeout(600)
def test_workers_that_come_and_go_lose_nothing(stack):
    settings = VerifySettings(
        postgres_dsn=stack.env["VERIFY_POSTGRES_DSN"], mongo_uri=stack.env["CDC_MONGO_URI"], mongo_db=stack.env["CDC_MONGO_DB"]
    )
    seed = ("python", "scripts/seed.py", "--users", "500", "--items", str(ITEMS), "--tags", "30", "--seed", "9")
    load = threading.Thread(target=stack.exec, args=seed)
    load.start()
    for ending in (signal.SIGKILL, signal.SIGTERM):
        with second_worker(stack, ending):
            pass  # it has partitions: that is the rebalance
    with second_worker(stack, signal.SIGKILL):
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
