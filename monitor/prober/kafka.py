"""Kafka as an administrator sees it: each question for all partitions at once, each bounded.

The group is asked by librdkafka's older calls: describe_consumer_groups aborted a process in an outage of Kafka (cdc_consumer/group.py).
After a failure the next question is asked over new connections, so that nothing stuck outlives an outage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # its stubs forget it

Place: TypeAlias = tuple[str, int]
"""Topic and partition."""


@dataclass
class Kafka:
    """Raises KafkaException, or TimeoutError after `seconds`."""

    broker: str
    seconds: float
    group: str = ""
    _admin: AdminClient | None = None
    _reader: Consumer | None = None

    def renew(self) -> None:
        """Lets go of the connections; the next question makes new ones."""
        self._admin = None
        if self._reader is not None:
            self._reader.close()
        self._reader = None

    def _settings(self) -> dict[str, str | int | float | bool]:
        milliseconds = int(self.seconds * 1000)
        return {
            "bootstrap.servers": self.broker,
            "socket.timeout.ms": milliseconds,
            "socket.connection.setup.timeout.ms": max(milliseconds, 1000),
            "reconnect.backoff.max.ms": 1000,  # the default of 10 s would hide that Kafka is back
            "allow.auto.create.topics": False,
            "log_level": 0,
        }

    @property
    def _asking(self) -> AdminClient:
        if self._admin is None:
            self._admin = AdminClient(self._settings(), logger=None)
        return self._admin

    def partitions(self, topics: Sequence[str]) -> list[Place]:
        """Every partition of those topics that are there."""
        found = self._asking.list_topics(timeout=self.seconds).topics
        return [(topic, number) for topic in topics if topic in found for number in sorted(found[topic].partitions)]

    def committed(self, places: Sequence[Place]) -> dict[Place, int]:
        """The group's committed offsets; places without one are left out."""
        if self._reader is None:  # it never subscribes, and so is no member of the group
            self._reader = Consumer({**self._settings(), "group.id": self.group, "enable.auto.commit": False})
        found = self._reader.committed([TopicPartition(*place) for place in places], timeout=self.seconds)
        return {(part.topic, part.partition): part.offset for part in found if part.offset >= 0}

    def first(self, places: Sequence[Place]) -> Mapping[Place, int]:
        """The offset of the oldest record that is kept."""
        return self._offsets(places, OffsetSpec.earliest())  # type: ignore[no-untyped-call]

    def ends(self, places: Sequence[Place]) -> Mapping[Place, int]:
        """The offset that the next record gets."""
        return self._offsets(places, OffsetSpec.latest())  # type: ignore[no-untyped-call]

    def members(self) -> int:
        """How many are in the group."""
        found = self._asking.list_groups(self.group, timeout=self.seconds)
        if found and found[0].error:
            raise KafkaException(found[0].error)
        return len(found[0].members) if found else 0

    def _offsets(self, places: Sequence[Place], spec: OffsetSpec) -> Mapping[Place, int]:
        if not places:
            return {}
        asked = self._asking.list_offsets({TopicPartition(*place): spec for place in places}, request_timeout=self.seconds)
        return {(part.topic, part.partition): answer.result(timeout=self.seconds).offset for part, answer in asked.items()}
