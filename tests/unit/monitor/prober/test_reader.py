"""What the reader takes for a sighting, without a server."""

import datetime as dt
import threading
from typing import Any

import pytest

from monitor.prober import metrics
from monitor.prober.canaries import Canaries
from monitor.prober.reader import Reader
from monitor.prober.writer import Writer

MOMENT = dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC)


def document(seq, id=5, **more):
    return {"_id": id, "seq": seq, "emitted_at": MOMENT + dt.timedelta(seconds=seq), "_rev": f"rev {seq}", **more}


class Stream(list[dict[str, Any]]):
    alive = True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def try_next(self):
        if len(self) == 1:
            self.alive = False
        return self.pop(0) if self else None


class Collection:
    """Documents as they are when the stream opens, and what the stream tells then."""

    def __init__(self, found, changes):
        self.found, self.changes = found, Stream({"fullDocument": each} for each in changes)

    def watch(self, *_, **__):
        return self.changes

    def find(self, *_):
        return self.found


@pytest.fixture
def told():
    def follow(found, changes):
        canaries = Canaries((0, 5), lost_after=60)
        seen: list[tuple[Any, int]] = []
        canaries.sighted = lambda key, sighting: seen.append((key, sighting.seq))  # type: ignore[method-assign]
        Reader(canaries, Collection(found, changes))._follow(threading.Event())  # type: ignore[arg-type]
        return seen

    return follow


def test_documents_are_read_once_and_then_changes_are_told(told):
    assert told([document(7), document(3, id=0)], [document(8), document(4, id=0)]) == [(5, 7), (0, 3), (5, 8), (0, 4)]


def test_a_stream_that_begins_with_what_was_read_tells_nothing_twice(told):
    assert told([document(7)], [document(6), document(7), document(8), document(7)]) == [(5, 7), (5, 8), (5, 7)]


def test_what_is_no_canary_of_ours_is_passed_over(told):
    strange = [document(1, id=99), document(1, _deleted=True), {"_id": 5}, {"_id": 5, "seq": "x", "emitted_at": 3}, {}]
    assert told(strange, strange) == []


def test_a_writer_without_a_server_says_that_it_cannot_connect():
    writer = Writer(Canaries((0, 5), lost_after=60), "postgresql://nobody@127.0.0.1:1/none", 1.0)

    def failed(stage):
        return metrics.REGISTRY.get_sample_value("cdc_canary_attempt_failed_total", {"canary": "1", "stage": stage})

    before = failed("connect")
    writer.emit(5)
    assert failed("connect") == before + 1
