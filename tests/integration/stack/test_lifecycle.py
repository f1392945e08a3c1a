"""A stack's whole life, through the accidents that can happen to it. One test, because each start costs many seconds."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from stack.layout import layout
from stack.ports import all_free
from stack.probes import mongo_client
from stack.supervision import Supervisor
from tests.waiting import eventually

SEED = {"SEED_USERS": "20", "SEED_ITEMS": "100", "SEED_TAGS": "5"}


def family(place):
    """The pids of supervisord and of everything it runs, the guard included."""
    supervisor = Supervisor(layout(place.directory))
    pids = {process.pid for process in supervisor.processes().values()} | {supervisor.pid()}
    return {pid for pid in pids if pid}


def alive(pids):
    """The commands of those that still run, by pid; one that has ended stays listed until its parent looks."""
    return {pid: command_of(pid) for pid in pids if state_of(pid) not in {"", "Z"}}


def ended(pids):
    """That none of them runs any more; until then a false answer that says which do, for `eventually` to show."""
    return Ended(alive(pids).items())


class Ended(tuple[tuple[int, str], ...]):
    """What still runs. True when that is nothing."""

    __slots__ = ()

    def __bool__(self):
        return len(self) == 0


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[-120:]
    except OSError:
        return ""


def state_of(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def documents(place, collection):
    with mongo_client(place.env["CDC_MONGO_URI"]) as client:
        return client[place.env["CDC_MONGO_DB"]][collection].count_documents({"_deleted": {"$ne": True}})


def killed_while_starting(place):
    """An `up` that is killed as soon as its first programs run."""
    up = place.popen("up", "--no-seed", "--watch-pid", os.getpid(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    supervisor = Supervisor(layout(place.directory))
    eventually(lambda: up.poll() is None and supervisor.answers(), seconds=60, what="supervisord answers")
    eventually(lambda: supervisor.processes()["mongo"].state == "RUNNING", seconds=60, what="mongo runs")
    up.kill()
    up.wait()


@pytest.mark.timeout(600)
def test_from_an_interrupted_start_to_nothing_left(own_stack, monkeypatch):
    place = own_stack
    for name, value in SEED.items():
        monkeypatch.setenv(name, value)
    bystander = subprocess.Popen(["sleep", "900"])
    try:
        killed_while_starting(place)
        started = family(place)

        said = place.run("up", "--watch-pid", os.getpid()).stdout
        assert "items  " in said
        assert documents(place, "items_read") == 100
        assert started <= family(place), "the second start took over what the first had started"

        worker = place.status()["worker-1"]["pid"]
        place.run("reset-all", "--yes")
        assert documents(place, "items_read") == 100
        assert place.status()["worker-1"]["pid"] == worker, "reset-all went through a running worker"
        place.exec("python", "-m", "monitor.verify")

        orphans = family(place)
        Supervisor(layout(place.directory)).signal(signal.SIGKILL)
        eventually(lambda: ended(orphans), seconds=90, what="what a killed supervisord ran ends as well")

        place.run("up", "--watch-pid", os.getpid())
        assert documents(place, "items_read") == 100, "data outlives a restart, and rows are seeded once"

        running = family(place)
        place.run("down")
        assert not alive(running)
        assert all_free(int(value) for key, value in place.env.items() if key.endswith("_PORT"))
        assert "Nothing was running" in place.run("down").stdout

        place.run("reset", "--yes")
        assert not place.directory.exists()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_stack_ends_with_the_process_it_is_tied_to(own_stack):
    session = subprocess.Popen(["sleep", "900"])
    up = own_stack.popen("up", "--no-seed", "--watch-pid", session.pid, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        supervisor = Supervisor(layout(own_stack.directory))
        eventually(lambda: up.poll() is None and supervisor.answers(), seconds=60, what="supervisord answers")
        eventually(lambda: supervisor.processes()["mongo"].state == "RUNNING", seconds=60, what="mongo runs")
        running = family(own_stack)
    finally:
        session.kill()
        session.wait()
        up.kill()
        up.wait()
    eventually(lambda: ended(running), seconds=90, what="everything has ended")
