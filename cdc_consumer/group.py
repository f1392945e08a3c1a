"""The worker's place in its consumer group as Kafka sees it, asked over connections of its own.

The stream processor is not asked: its own idea of assignment, position and commit is what a stall makes wrong. Only librdkafka's older
calls are used: those of its admin client that go to the coordinator abort the process (an assertion on `eonce->refcnt`) when Kafka goes
away under them (confluentinc/librdkafka#4605).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from cdc_consumer.offsets import GroupOffsets
from cdc_consumer.offsets import Place as Partition

__all__ = ["Group", "Offsets", "Partition", "Place"]

SECONDS: Final = 5.0  # for each answer
_STEADY: Final = frozenset({"Stable", "Empty", "Dead"})


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
        """`member` is the worker's client id."""
        self._group = group
        self._member = member
        # An outage is told by what the calls raise; librdkafka would print a line a second on standard error.
        self._admin = AdminClient({"bootstrap.servers": broker, "log_level": 0, "socket.timeout.ms": int(SECONDS * 1000)})
        self._reader = GroupOffsets(broker, group, SECONDS)

    def look(self) -> Place:
        """Ask Kafka. Raises KafkaException when it does not answer, or not yet for everything."""
        groups = self._admin.list_groups(self._group, timeout=SECONDS)
        if not groups:
            return Place(member=False, offsets={})
        if groups[0].error:
            raise KafkaException(groups[0].error)
        if groups[0].state not in _STEADY:
            return Place(member=None, offsets={})
        mine = [one for one in groups[0].members if one.client_id == self._member]
        partitions = [tp for one in mine for tp in _assigned(one.assignment)]
        return Place(bool(mine), self._offsets(partitions) if partitions else {})

    def _offsets(self, partitions: list[Partition]) -> dict[Partition, Offsets]:
        committed = self._reader.committed(partitions)
        # What Kafka has deleted cannot be read, and nothing committed yet begins where the log does.
        return {at: Offsets(max(committed.get(at, 0), first), end) for at, (first, end) in self._reader.bounds(partitions).items()}


def _assigned(data: bytes | None) -> list[Partition]:
    """The partitions in a member's assignment, as the consumer protocol writes it; none when it is empty."""
    if not data:
        return []
    decoded: Any = ConsumerProtocolMemberAssignment.decode(data)
    return [(topic, partition) for topic, partitions in decoded.assignment for partition in partitions]
