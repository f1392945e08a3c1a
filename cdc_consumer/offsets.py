"""How far a consumer group has committed, and where its topics end: seen from outside of the group.

Only librdkafka's older calls are used: those of its admin client that go to the coordinator abort the process when Kafka goes away under
them (confluentinc/librdkafka#4605).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from confluent_kafka import Consumer, KafkaException, TopicPartition

Place: TypeAlias = tuple[str, int]  # topic and partition
SECONDS: Final = 10.0  # for one answer of Kafka


class GroupOffsets:
    """Asks for the offsets of one group. Every call raises KafkaException when Kafka does not answer in time."""

    def __init__(self, broker: str, group: str, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        # It never subscribes: it only reads what the group has committed. librdkafka would print a line a second in an outage.
        self._reader = Consumer(
            {
                "bootstrap.servers": broker,
                "group.id": group,
                "enable.auto.commit": False,
                "log_level": 0,
                "socket.timeout.ms": int(seconds * 1000),
            }
        )

    def ends(self, topics: Sequence[str]) -> dict[Place, int]:
        """Where each partition of these topics ends; those that hold nothing are left out, nobody has to read them."""
        known = self._reader.list_topics(timeout=self._seconds).topics
        places = [(topic, number) for topic in topics if topic in known for number in known[topic].partitions]
        return {place: end for place, (first, end) in self.bounds(places).items() if end > first}

    def bounds(self, places: Sequence[Place]) -> dict[Place, tuple[int, int]]:
        """Of each partition the first offset that Kafka still has, and where it ends."""
        return {place: self._reader.get_watermark_offsets(TopicPartition(*place), timeout=self._seconds) for place in places}

    def committed(self, places: Sequence[Place]) -> dict[Place, int]:
        """What the group has committed there; 0 where it has committed nothing."""
        answers = self._reader.committed([TopicPartition(*place) for place in places], timeout=self._seconds) if places else []
        for answer in answers:
            if answer.error:
                raise KafkaException(answer.error)
        return {(answer.topic, answer.partition): max(0, answer.offset) for answer in answers}

    def close(self) -> None:
        """Let the connections go."""
        self._reader.close()


def behind_by(wanted: Mapping[Place, int], committed: Mapping[Place, int]) -> int:
    """How many records are not committed yet. Pure."""
    return sum(max(0, end - committed.get(place, 0)) for place, end in wanted.items())
