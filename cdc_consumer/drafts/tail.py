"""A reader of the newest records, beside the consumer group, so that readers need not wait for it.

Faust's way of a record takes 4 ms and more of Python until the worker has it, a batch's commands on the same event loop the same again.
librdkafka, which this thread reads with, takes 0.1. It begins at the end of each partition, commits nothing and is no member of the
group: what it does not see is applied all the same (docs/decisions/0024-tail.md).
"""

from __future__ import annotations

import logging
import threading
from typing import Any, Final, Protocol

from confluent_kafka import OFFSET_END, Consumer, Message, TopicPartition

from cdc_consumer import metrics
from cdc_consumer.drafts.board import FEW, REST, Board, Partition, Seen
from cdc_consumer.records import Fetched, once

MOST_KB: Final = 512  # fetched ahead; and in one answer of a partition
log = logging.getLogger(__name__)


class Publishing(Protocol):
    """See `publish.Publisher`."""

    def connect(self) -> None:
        """Be ready to write."""

    def publish(self, seen: Seen) -> None:
        """Have it written."""

    def collect(self) -> float:
        """See how far that is; the seconds after which to ask again."""

    def close(self) -> None:
        """Close the connections."""


class Tail:
    """Reads what a board follows, and has what it sees written."""

    def __init__(self, broker: str, group: str, board: Board, publisher: Publishing) -> None:
        """`group` names it in Kafka's logs."""
        self._settings = {
            "bootstrap.servers": broker,
            "client.id": f"{group}-drafts",
            "group.id": f"{group}-drafts",  # librdkafka wants one; nothing of it is stored
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "latest",
            "fetch.max.bytes": 2 * MOST_KB * 1024,
            "fetch.queue.backoff.ms": 10,  # else it reads nothing for a second after a large record
            "fetch.message.max.bytes": MOST_KB * 1024 // 4,
            "queued.max.messages.kbytes": MOST_KB,
        }
        self._board, self._publisher = board, publisher
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drafts", daemon=True)
        self._reads = frozenset[Partition]()

    def start(self) -> None:
        """Begin; whatever goes wrong it begins again."""
        self._thread.start()

    def stop(self) -> None:
        """Show nothing any more. Returns at once."""
        self._stopped.set()

    def join(self, seconds: float) -> None:
        """Wait until the thread has ended, or for so long."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._read()
            except Exception as error:  # noqa: BLE001 - whatever it is, nothing depends on a draft
                self._board.stop(error)
                self._stopped.wait(REST)
        self._publisher.close()

    def _read(self) -> None:
        self._publisher.connect()  # else the first to come would wait for it, and what comes after that
        consumer, self._reads = Consumer(self._settings, logger=log), frozenset()
        try:
            while not self._stopped.is_set():
                self._follow(consumer)
                if found := _newest(consumer, min(self._board.look(), self._publisher.collect())):
                    self._show(found)
        finally:
            consumer.close()

    def _follow(self, consumer: Consumer) -> None:
        if (wanted := self._board.partitions()) != self._reads:
            consumer.assign([TopicPartition(topic, number, OFFSET_END) for topic, number in wanted])
            self._reads = wanted

    def _show(self, messages: list[Message]) -> None:
        records = [_record(message) for message in messages if not message.error()]
        if len(records) < len(messages):
            metrics.DRAFTS.labels("unread").inc(len(messages) - len(records))
        if records and (seen := self._board.see(records)):
            self._publisher.publish(seen)


def _newest(consumer: Consumer, seconds: float) -> list[Message]:
    """What is there once something is, nothing after so many seconds; one more than a few at most."""
    found: list[Message] = []
    message = consumer.poll(seconds)
    while message is not None:
        found.append(message)
        message = consumer.poll(0) if len(found) <= FEW else None
    return found


def _record(message: Message) -> Fetched:
    headers: Any = message.headers() or ()
    key: Any = message.key()
    value: Any = message.value()
    size = len(key or b"") + len(value or b"")
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    return Fetched(str(topic), int(partition or 0), int(offset or 0), message.timestamp()[1], key, value, once(tuple(headers)), size)
