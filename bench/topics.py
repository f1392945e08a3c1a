"""Topics of the benchmark: where they end, and copying a range of records into new ones."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # its stubs forget it

from bench.tape import TABLES, Place, Tape
from cdc_consumer.envelope import Headers
from cdc_consumer.readmodel.routes import topic_of

PARTITIONS: Final = 4
SECONDS: Final = 20.0
_BATCH: Final = 5000


@dataclass(frozen=True)
class _Copied:
    """A record of librdkafka as `envelope.Record` has it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int
    headers: Headers


class Topics:
    """One broker."""

    def __init__(self, broker: str) -> None:
        self._broker = broker
        self._admin = AdminClient({"bootstrap.servers": broker, "log_level": 0})
        self._reader = self.reader("bench-copy")

    def reader(self, group: str) -> Consumer:
        """A consumer that commits nothing by itself."""
        return Consumer(
            {
                "bootstrap.servers": self._broker,
                "group.id": group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 10,
                "log_level": 0,
            }
        )

    def ends(self, prefix: str) -> dict[Place, int]:
        """Where each partition of the tables' topics ends."""
        places = [(table, partition) for table in TABLES for partition in range(PARTITIONS)]
        return {
            (table, partition): self._reader.get_watermark_offsets(TopicPartition(topic_of(prefix, table), partition), timeout=SECONDS)[1]
            for table, partition in places
        }

    def create(self, prefix: str) -> None:
        """The tables' topics under another prefix."""
        made = [NewTopic(topic_of(prefix, table), num_partitions=PARTITIONS, replication_factor=1) for table in TABLES]
        for future in self._admin.create_topics(made, operation_timeout=SECONDS).values():
            future.result(timeout=SECONDS)

    def copy(self, source: str, first: Mapping[Place, int], last: Mapping[Place, int], tape: Tape) -> None:
        """Copy records [first, last) of each partition of `source` to the tape's topics, and note them in the tape."""
        self.create(tape.prefix)
        producer = Producer(
            {
                "bootstrap.servers": self._broker,
                "log_level": 0,
                "enable.idempotence": True,  # keeps the order
                "compression.type": "lz4",
                "linger.ms": 20,
                "batch.size": 262_144,
                "queue.buffering.max.messages": 500_000,
            }
        )
        for table in TABLES:
            producer.list_topics(topic_of(tape.prefix, table), timeout=SECONDS)
            left = {p: last[table, p] - first[table, p] for p in range(PARTITIONS) if last[table, p] > first[table, p]}
            self._reader.assign([TopicPartition(topic_of(source, table), p, first[table, p]) for p in left])
            while left:
                for message in self._some():
                    partition = message.partition()
                    if not left.get(partition):
                        continue
                    left[partition] -= 1
                    left = {p: count for p, count in left.items() if count}
                    self._one(producer, table, message, tape)
            producer.flush(SECONDS)
        self._reader.unassign()

    def _some(self) -> list[Any]:
        end = time.monotonic() + SECONDS
        while not (found := self._reader.consume(_BATCH, timeout=0.2)):  # waits so long for a whole batch
            if time.monotonic() > end:
                raise TimeoutError("Kafka gives no more records of a range that it said to have")
        for message in found:
            if message.error():
                raise RuntimeError(message.error())
        return found

    @staticmethod
    def _one(producer: Producer, table: str, message: Any, tape: Tape) -> None:
        key, value, headers = message.key(), message.value(), message.headers() or []
        partition = message.partition()
        target = topic_of(tape.prefix, table)
        while True:
            try:
                producer.produce(target, value, key, partition=partition, headers=headers)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
        tape.take(table, partition, _Copied(target, partition, message.offset(), key, value, 0, tuple(headers)))

    def commit_ends(self, group: str, prefix: str) -> None:
        """Make a group that has no members begin where the topics end now."""
        consumer = self.reader(group)
        ends = [TopicPartition(topic_of(prefix, table), partition, end) for (table, partition), end in self.ends(prefix).items()]
        consumer.commit(offsets=ends, asynchronous=False)
        consumer.close()

    def assigned(self, group: str, members: int) -> bool:
        """Whether the members of a group have their partitions."""
        (found,) = self._admin.list_groups(group, timeout=SECONDS) or (None,)
        if found is None or found.state != "Stable":
            return False
        return sum(bool(one.assignment) for one in found.members) >= members

    def await_assigned(self, group: str, seconds: float, members: int = 1) -> float:
        """The moment (perf_counter) at which they have. Raises TimeoutError."""
        end = time.perf_counter() + seconds
        while not self.assigned(group, members):
            if time.perf_counter() > end:
                raise TimeoutError(f"group {group} has no partitions after {seconds:.0f} s")
            time.sleep(0.005)
        return time.perf_counter()
