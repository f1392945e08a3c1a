"""What readers see of records that are not applied yet, without Kafka and MongoDB."""

import time
import types

import pytest
from faust.types.tuples import TP

from cdc_consumer import pace
from cdc_consumer.drafts import board as boards
from cdc_consumer.drafts.board import COMPLETE, FEW, IDLE, MANY, Board
from cdc_consumer.lanes import GATHER
from cdc_consumer.pace import BUSY, CALM, Pace
from cdc_consumer.readmodel.documents import DOCUMENTS
from tests.worlds.market import KEYS, item, link, tag, user
from tests.worlds.world import World


class Worker:
    """A board, and a world whose records it sees. Rows of users and tags were seen and applied."""

    def __init__(self):
        self.world, self.pace, self.decided, self.clear = World(KEYS), Pace(), 0, True
        self.board = Board(DOCUMENTS, lambda _: self.clear, self.pace, self._decide)
        self.tps = [TP(f"cdc.public.{table}", 0) for table in KEYS]
        self.board.follow(self.tps)
        before = self.put(("users", user(1, "ann"))), self.put(("tags", tag(1, "green")))
        for records in before:
            self.board.see(records)
            self.apply(chunk(records))
        self.pace.hurry()
        self.fetched()

    def _decide(self):
        self.decided += 1

    def put(self, *rows):
        """The records of rows that are written."""
        start = len(self.world.log)
        for table, row in rows:
            self.world.put(table, row)
        return self.world.log[start:]

    def apply(self, *chunks):
        self.board.begin(chunks)
        self.board.end(chunks)

    def fetched(self):
        """An answer with records has just come, and nothing in Kafka is known that must not wait."""
        self.pace.left()
        self.pace.found()

    def waits(self):
        """Whether Kafka is not asked now."""
        return self.pace.left() > 0


def chunk(records, at=None):
    """As they come from Faust, just now."""
    first, last = records[0], records[-1]
    at = time.time() if at is None else at
    return types.SimpleNamespace(value=records, offset=last.offset, timestamp=at, generation_id=1, tp=TP(first.topic, first.partition))


@pytest.fixture
def worker():
    return Worker()


def test_what_readers_see_is_asked_for_later_and_gathered(worker):
    records = worker.put(("items", item(1, 1, "lamp")))
    seen = worker.board.see(records)
    assert [change.key for change in seen.shown] == [1]
    assert worker.waits()
    young, old = chunk(records), chunk(records, at=time.time() + CALM)
    assert CALM / 2 < worker.board.patience(young) <= CALM
    assert worker.board.patience(old) == pytest.approx(COMPLETE, abs=0.01)
    assert 0 < worker.board.rests(young) <= COMPLETE


def test_of_much_that_waits_it_is_asked_for_and_applied_sooner(worker, monkeypatch):
    monkeypatch.setattr(pace, "ENOUGH", 2)
    first, last = (worker.put(("items", item(n, 1, "lamp")), ("items", item(n + 1, 1, "lamp"))) for n in (1, 3))
    worker.board.see(first)
    assert worker.pace.left() > BUSY
    worker.board.see(last)
    assert 0 < worker.pace.left() <= BUSY
    assert worker.board.patience(chunk(first)) <= BUSY


@pytest.mark.parametrize("what", ["delete", "large", "parked"])
def test_what_readers_do_not_see_is_asked_for_at_once(worker, what, monkeypatch):
    records = worker.put(("items", item(1, 1, "lamp")))
    match what:
        case "delete":
            worker.world.delete("items", 1)
            records = worker.world.log[-1:]
        case "large":
            monkeypatch.setattr(boards, "SMALL", 10)
        case "parked":
            worker.clear = False
    assert worker.board.see(records) is None
    assert not worker.waits()
    assert worker.board.patience(chunk(records)) == GATHER
    assert worker.board.rests(chunk(records)) == 0


def test_what_readers_do_not_see_after_all_is_asked_for_at_once(worker):
    records = worker.put(("items", item(1, 1, "lamp")))
    worker.board.withdraw(worker.board.see(records))
    assert not worker.waits()
    assert worker.decided == 1
    assert worker.board.patience(chunk(records)) == GATHER


def test_a_link_waits_a_moment_for_its_item(worker):
    links, items = worker.put(("item_tags", link(1, 1))), worker.put(("items", item(1, 1, "lamp")))
    worker.board.see(links)
    assert worker.waits()
    assert 0 < worker.board.look() <= COMPLETE
    worker.board.see(items)
    assert worker.board.look() == IDLE
    time.sleep(COMPLETE)
    assert worker.board.look() == IDLE
    assert worker.waits()


def test_a_link_whose_item_does_not_come_is_asked_for(worker):
    worker.board.see(worker.put(("item_tags", link(1, 1))))
    time.sleep(COMPLETE)
    assert worker.board.look() == IDLE
    assert not worker.waits()


def rests(worker):
    """Whether nothing is shown, or read, and what comes is asked for at once."""
    return not worker.board.partitions() and not worker.waits() and worker.board.see(worker.put(("users", user(9, "zoe")))) is None


def test_it_rests_when_much_comes(worker):
    worker.board.see(worker.put(*(("users", user(n, "bob")) for n in range(2, FEW + 3))))
    assert rests(worker)


def test_it_rests_when_chunks_are_large(worker):
    worker.apply(chunk(worker.put(*(("users", user(n, "bob")) for n in range(2, MANY + 3)))))
    assert rests(worker)


def test_it_rests_while_what_was_shown_is_not_applied(worker, monkeypatch):
    worker.board.see(worker.put(("items", item(1, 1, "lamp"))))
    monkeypatch.setattr(boards, "STUCK", 0.0)
    assert worker.board.see(worker.put(("items", item(2, 1, "lamp")))) is None
    assert rests(worker)


def test_it_rests_when_it_does_not_see_what_was_fetched(worker, monkeypatch):
    worker.apply(chunk(worker.put(("items", item(1, 1, "lamp")))))
    monkeypatch.setattr(boards, "LATE", 0.0)
    worker.board.look()
    assert rests(worker)


def test_it_may_be_a_little_late(worker, monkeypatch):
    records = worker.put(("items", item(1, 1, "lamp")))
    worker.apply(chunk(records))
    worker.board.see(records)
    monkeypatch.setattr(boards, "LATE", 0.0)
    worker.board.look()
    assert worker.board.partitions()


def test_what_never_comes_does_not_keep_it_from_showing_more(worker, monkeypatch):
    worker.board.see(worker.put(("items", item(1, 1, "lamp"))))
    for name in ("STUCK", "LOST", "REST"):
        monkeypatch.setattr(boards, name, 0.0)
    assert worker.board.see(worker.put(("items", item(2, 1, "lamp")))) is None
    assert worker.board.see(worker.put(("items", item(3, 1, "lamp"))))


def test_what_was_fetched_before_it_saw_anything_need_not_be_seen(worker):
    worker.apply(chunk(worker.put(("items", item(1, 1, "lamp"))), at=time.time() - 10))
    assert worker.board.partitions()


def test_it_reads_again_after_a_rest(worker, monkeypatch):
    monkeypatch.setattr(boards, "REST", 0.0)
    worker.board.stop(ValueError("bad"))
    assert worker.board.partitions() == set(worker.tps)
    assert worker.board.see(worker.put(("users", user(2, "bob"))))


def test_records_that_are_at_work_are_not_shown_any_more(worker):
    records = worker.put(("items", item(1, 1, "lamp")))
    worker.board.begin([chunk(records, at=0)])
    assert worker.board.see(records) is None


def test_records_of_others_are_not_shown(worker):
    worker.board.follow([TP("cdc.public.users", 0)])
    assert worker.board.see(worker.put(("items", item(1, 1, "lamp")))) is None


def test_a_record_that_is_never_delivered_does_not_stay(worker):
    lost, later = worker.put(("items", item(1, 1, "lamp"))), worker.put(("items", item(2, 1, "lamp")))
    worker.board.see([*lost, *later])
    worker.apply(chunk(later))
    assert worker.board._waiting == {}
    assert worker.board.drafts._places == {}


def test_where_nothing_is_drafted_nothing_is_read_or_kept(worker):
    board = Board((), lambda _: True, worker.pace, lambda: None)
    board.follow(worker.tps)
    records = worker.put(("items", item(1, 1, "lamp")))
    board.begin([chunk(records)])
    assert not board.partitions()
    assert board.patience(chunk(records)) == GATHER
