"""The newest records, read beside the consumer group, on a real Kafka."""

import threading
import time
import uuid
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from cdc_consumer.drafts import tail as tails
from cdc_consumer.drafts.tail import Tail

SECONDS = 15.0


class Board:
    """Follows partitions, and keeps what is seen."""

    def __init__(self):
        self.wanted: frozenset[tuple[str, int]] = frozenset()
        self.seen: list[Any] = []
        self.errors: list[Exception] = []

    def partitions(self):
        return self.wanted

    def look(self):
        return 0.05

    def see(self, records):
        self.seen += records
        return records

    def stop(self, error):
        self.errors.append(error)


class Publisher:
    """Keeps what is to be written."""

    def __init__(self):
        self.published, self.connected, self.closed, self.error = [], 0, threading.Event(), None

    def connect(self):
        self.connected += 1

    def publish(self, seen):
        if self.error:
            error, self.error = self.error, None
            raise error
        self.published += seen

    def collect(self):
        return 0.05

    def close(self):
        self.closed.set()


def tail_of(broker: str, board: Any, publisher: Any) -> Tail:
    return Tail(broker, f"g-{uuid.uuid4().hex[:8]}", board, publisher)


class Kafka:
    """A topic of two partitions."""

    def __init__(self, broker):
        self.topic = f"tail-{uuid.uuid4().hex[:8]}"
        self._producer = Producer({"bootstrap.servers": broker})
        admin = AdminClient({"bootstrap.servers": broker})
        admin.create_topics([NewTopic(self.topic, 2, 1)])[self.topic].result(SECONDS)

    def write(self, value, partition=0):
        self._producer.produce(self.topic, key=b"k", value=value, partition=partition, headers=[("cdc-epoch", b"1")])
        assert self._producer.flush(SECONDS) == 0


@pytest.fixture
def kafka(stack):
    return Kafka(stack.env["CDC_BROKER"])


@pytest.fixture
def running(stack, monkeypatch):
    monkeypatch.setattr(tails, "REST", 0.1)
    board, publisher = Board(), Publisher()
    tail = tail_of(stack.env["CDC_BROKER"], board, publisher)
    tail.start()
    yield board, publisher
    tail.stop()
    tail.join(SECONDS)
    assert publisher.closed.is_set()


def until(condition, also=lambda: None):
    """Wait for it, doing something `also` again and again."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        also()
        time.sleep(0.05)


def follow(board, kafka, *partitions):
    """Have it read them, and wait until it does."""
    board.wanted = frozenset((kafka.topic, number) for number in partitions)
    for number in partitions:
        until(lambda number=number: any(one.partition == number for one in board.seen), lambda number=number: kafka.write(b"here?", number))


def test_what_comes_from_now_on_is_seen_and_written(kafka, running):
    board, publisher = running
    kafka.write(b"before")
    follow(board, kafka, 0)
    kafka.write(b"new")
    until(lambda: any(one.value == b"new" for one in publisher.published))
    assert b"before" not in [one.value for one in board.seen]
    found = board.seen[-1]
    assert (found.topic, found.partition, found.key, found.headers, found.size) == (kafka.topic, 0, b"k", (("cdc-epoch", b"1"),), 4)
    assert abs(found.timestamp / 1000 - time.time()) < 60


def test_it_follows_other_partitions_when_they_change(kafka, running):
    board, _ = running
    follow(board, kafka, 0)
    board.seen.clear()
    follow(board, kafka, 1)
    count = len([one for one in board.seen if one.partition == 0])
    kafka.write(b"not mine")
    kafka.write(b"mine", 1)
    until(lambda: any(one.value == b"mine" for one in board.seen))
    assert len([one for one in board.seen if one.partition == 0]) == count


def test_after_an_error_it_begins_again(kafka, running):
    board, publisher = running
    follow(board, kafka, 0)
    publisher.error = RuntimeError("unexpected")
    kafka.write(b"lost")
    until(lambda: board.errors)
    board.seen.clear()
    follow(board, kafka, 0)
    assert publisher.connected == 2


def test_without_kafka_it_shows_nothing_and_can_be_stopped():
    board, publisher = Board(), Publisher()
    board.wanted = frozenset({("items", 0)})
    tail = tail_of("127.0.0.1:1", board, publisher)
    tail.start()
    time.sleep(0.5)
    tail.stop()
    tail.join(SECONDS)
    assert publisher.closed.is_set()
    assert board.seen == []
