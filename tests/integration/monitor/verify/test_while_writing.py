"""While writes go on: lateness is no difference, motion is no difference, and neither hides one."""

import threading
from contextlib import contextmanager

import psycopg
import pytest

from monitor.verify import Effort, verify
from tests.integration.monitor.verify.asking import change, market

PATIENT = Effort(recheck_seconds=20)
BRIEF = Effort(recheck_seconds=1.5)


class Signal:
    """A reporter that tells when verify begins to look again."""

    def __init__(self):
        self.again = threading.Event()

    def task(self, name, total):
        if name.startswith("looking again"):
            self.again.set()
        return lambda advance: None


@contextmanager
def beside(work):
    """Runs `work(stop)` in a thread beside the block; its error is the test's."""
    stop, failed = threading.Event(), []

    def run():
        try:
            work(stop)
        except Exception as error:  # noqa: BLE001 - handed on below
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=30)
    assert not failed, failed
    assert not thread.is_alive()


@pytest.fixture
def title(world):
    """The title of item 5 as it is, put back afterwards."""
    (before,) = world.connection.execute("SELECT title FROM items WHERE id = 5").fetchone()
    yield before
    world.connection.execute("UPDATE items SET title = %s WHERE id = 5", (before,))


def catch_up(world, title):
    """MongoDB gets what Postgres has, but for the title, which is given."""
    (updated_at,) = world.connection.execute("SELECT updated_at FROM items WHERE id = 5").fetchone()
    change(world, "items_read", 5, title=title, updated_at=updated_at)


@market
def test_what_arrives_late_is_equal(world, title):
    world.connection.execute("UPDATE items SET title = 'late' WHERE id = 5")
    signal = Signal()

    def arrive(_stop):
        assert signal.again.wait(20)
        catch_up(world, "late")

    with beside(arrive):
        report = verify(world.settings, world.documents, PATIENT, signal)
    assert report.ok, report.to_text()
    assert report.collections[1].rechecked == 1
    assert report.seconds < 15, "it stops waiting as soon as all is well"


@contextmanager
def never_still(world, writes_mongo=True):
    """Postgres moves on and MongoDB is always one step behind: at no moment are they equal."""
    moving = threading.Event()

    def work(stop):
        step = 0
        with psycopg.connect(world.dsn, autocommit=True) as connection:
            while not stop.is_set():
                step += 1
                connection.execute("UPDATE items SET title = %s WHERE id = 5", (f"step {step}",))
                if writes_mongo:
                    change(world, "items_read", 5, title=f"step {step - 1}")
                moving.set()

    with beside(work):
        assert moving.wait(20)
        yield


@market
def test_a_document_that_never_stands_still_is_no_false_alarm(world, title):
    with never_still(world):
        report = verify(world.settings, world.documents, BRIEF)
    assert report.ok, report.to_text()
    assert report.collections[1].rechecked == 1


@market
def test_motion_does_not_hide_a_wrong_embed(world, title):
    change(world, "items_read", 5, **{"owner.name": "somebody else"})
    with never_still(world):
        report = verify(world.settings, world.documents, BRIEF)
    (finding,) = report.collections[1].findings
    assert (finding.key, finding.verdict, [difference.path for difference in finding.differences]) == (5, "different", ["owner.name"])


@market
def test_a_document_that_stands_still_while_its_row_moves_is_wrong(world, title):
    with never_still(world, writes_mongo=False):
        report = verify(world.settings, world.documents, BRIEF)
    (finding,) = report.collections[1].findings
    assert (finding.key, finding.verdict) == (5, "different")
    assert "title" in {difference.path for difference in finding.differences}
