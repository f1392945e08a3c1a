"""Kafka as an administrator sees it: each question for all partitions at once, each bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # its stubs forget it

Place: TypeAlias = tuple[str, int]
"""Topic and partition."""


@dataclass
class Kafka:
    """Raises KafkaException, or TimeoutError after `seconds`."""

    broker: str
    seconds: float
    _admin: AdminClient = field(init=False)

    def __post_init__(self) -> None:
        milliseconds = int(self.seconds * 1000)
        self._admin = AdminClient(
            {
                "bootstrap.servers": self.broker,
                "socket.timeout.ms": milliseconds,
                "socket.connection.setup.timeout.ms": max(milliseconds, 1000),
                "reconnect.backoff.max.ms": 1000,  # the default of 10 s would hide that Kafka is back
                "allow.auto.create.topics": False,
                "log_level": 0,
            },
            logger=None,
        )

    def partitions(self, topics: Sequence[str]) -> list[Place]:
        """Every partition of those topics that are there."""
        found = self._admin.list_topics(timeout=self.seconds).topics
        return [(topic, number) for topic in topics if topic in found for number in sorted(found[topic].partitions)]

    def committed(self, group: str, places: Sequence[Place]) -> dict[Place, int]:
        """The group's committed offsets; places without one are left out."""
        parts = [TopicPartition(*place) for place in places]
        request = self._admin.list_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(group, parts)], request_timeout=self.seconds, require_stable=False
        )
        found = request[group].result(timeout=self.seconds).topic_partitions
        return {(part.topic, part.partition): part.offset for part in found if part.offset >= 0}

    def first(self, places: Sequence[Place]) -> Mapping[Place, int]:
        """The offset of the oldest record that is kept."""
        return self._offsets(places, OffsetSpec.earliest())  # type: ignore[no-untyped-call]

    def ends(self, places: Sequence[Place]) -> Mapping[Place, int]:
        """The offset that the next record gets."""
        return self._offsets(places, OffsetSpec.latest())  # type: ignore[no-untyped-call]

    def members(self, group: str) -> int:
        """How many are in the group."""
        described: Any = self._admin.describe_consumer_groups([group], request_timeout=self.seconds)[group].result(timeout=self.seconds)
        return len(described.members)

    def _offsets(self, places: Sequence[Place], spec: OffsetSpec) -> Mapping[Place, int]:
        if not places:
            return {}
        asked = self._admin.list_offsets({TopicPartition(*place): spec for place in places}, request_timeout=self.seconds)
        return {(part.topic, part.partition): answer.result(timeout=self.seconds).offset for part, answer in asked.items()}
