"""The worker's place in its consumer group as Kafka sees it, asked over a connection of its own.

The stream processor is not asked: its own idea of assignment, position and commit is what a stall makes wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from confluent_kafka import ConsumerGroupState, ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # their stub forgets it

Partition: TypeAlias = tuple[str, int]
SECONDS: Final = 5.0  # for each answer
_EARLIEST: Final = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
_LATEST: Final = OffsetSpec.latest()  # type: ignore[no-untyped-call]
_NO_GROUP: Final = frozenset({KafkaError.GROUP_ID_NOT_FOUND})
_STEADY: Final = frozenset({ConsumerGroupState.STABLE, ConsumerGroupState.EMPTY, ConsumerGroupState.DEAD})


@dataclass(frozen=True)
class Offsets:
    """Of one partition: the next offset to read after a restart, and the end of the log."""

    committed: int
    end: int

    @property
    def lag(self) -> int:
        """Records that are not committed."""
        return max(0, self.end - self.committed)


@dataclass(frozen=True)
class Place:
    """Whether the worker is a member (None while the group rebalances), and its partitions."""

    member: bool | None
    offsets: dict[Partition, Offsets]


class Group:
    """One member of a consumer group, seen from outside."""

    def __init__(self, broker: str, group: str, member: str) -> None:
        """`member` is the worker's group instance id."""
        self._group = group
        self._member = member
        # An outage is told by what the calls raise; librdkafka would print a line a second on standard error.
        self._admin = AdminClient({"bootstrap.servers": broker, "log_level": 0, "socket.timeout.ms": int(SECONDS * 1000)})

    def look(self) -> Place:
        """Ask Kafka. Raises KafkaException when it does not answer, or not yet for everything."""
        try:
            described = self._admin.describe_consumer_groups([self._group], request_timeout=SECONDS)[self._group].result()
        except KafkaException as error:
            if error.args[0].code() in _NO_GROUP:
                return Place(member=False, offsets={})
            raise
        if described.state not in _STEADY:
            return Place(member=None, offsets={})
        mine = [member for member in described.members if member.group_instance_id == self._member]
        partitions = [(tp.topic, tp.partition) for member in mine for tp in member.assignment.topic_partitions]
        return Place(bool(mine), self._offsets(partitions) if partitions else {})

    def _offsets(self, partitions: list[Partition]) -> dict[Partition, Offsets]:
        asked = ConsumerGroupTopicPartitions(self._group, [TopicPartition(*tp) for tp in partitions])
        answer = self._admin.list_consumer_group_offsets([asked], request_timeout=SECONDS)[self._group].result()
        committed = {}
        for tp in answer.topic_partitions or []:
            if tp.error:
                raise KafkaException(tp.error)
            committed[tp.topic, tp.partition] = tp.offset
        first, last = self._log(partitions, _EARLIEST), self._log(partitions, _LATEST)
        # What Kafka has deleted cannot be read, and nothing committed yet (a negative offset) begins where the log does.
        return {tp: Offsets(max(committed.get(tp, 0), first[tp]), last[tp]) for tp in partitions}

    def _log(self, partitions: list[Partition], spec: Any) -> dict[Partition, int]:
        asked = self._admin.list_offsets({TopicPartition(*tp): spec for tp in partitions}, request_timeout=SECONDS)
        return {(tp.topic, tp.partition): int(future.result().offset) for tp, future in asked.items()}
