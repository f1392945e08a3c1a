"""What can happen to some of three brokers, to all of them, or to their controller. See stack/brokers.py."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from cdc_consumer.readmodel.documents import FOR_CLIENTS
from cdc_consumer.readmodel.routes import captured_tables, topic_of
from chaos.backends import Backend, Local
from chaos.faults.base import Room, SkippedError
from chaos.faults.process import Freeze, Kill
from monitor.prober.kafka import Kafka
from stack.brokers import CONTROLLER, MIN_ISR

COMPONENT = "kafka"
_LOOK_SECONDS = 1.0  # long enough to tell a busy partition from an idle one
_KAFKA_SECONDS = 5.0


def lacks_brokers(backend: Backend) -> str:
    """What this pipeline would need; empty when it has three brokers."""
    three = isinstance(backend, Local) and backend.stack.settings.state.brokers > 1
    return "" if three else "needs three brokers: make reset, then make up BROKERS=3 (local mode)"


def require_brokers(room: Room) -> None:
    """Raises SkippedError unless there are three brokers."""
    if lacking := lacks_brokers(room.backend):
        raise SkippedError(lacking)


def _metadata(room: Room) -> Any:
    settings: dict[str, str | int | float | bool] = {
        "bootstrap.servers": room.backend.env["CDC_BROKER"],
        "socket.timeout.ms": 3000,
        "log_level": 0,
    }
    return AdminClient(settings, logger=None).list_topics(timeout=_KAFKA_SECONDS)


def _captured(room: Room) -> list[str]:
    return [topic_of(room.backend.env["CDC_TOPIC_PREFIX"], table) for table in captured_tables(FOR_CLIENTS)]


def busiest(room: Room) -> tuple[str, int, int]:
    """Topic, partition and leader of the partition that grows fastest. Raises KafkaException."""
    kafka = Kafka(room.backend.env["CDC_BROKER"], _KAFKA_SECONDS)
    places = kafka.partitions(_captured(room))
    before = kafka.ends(places)
    time.sleep(_LOOK_SECONDS)
    after = kafka.ends(places)
    topic, partition = max(places, key=lambda place: after[place] - before[place])
    return topic, partition, _metadata(room).topics[topic].partitions[partition].leader


@dataclass(frozen=True)
class LeaderGone:
    """The leader of a busy partition is killed, or frozen; others have its copies and take over."""

    frozen: bool = False
    _victim: list[tuple[str, int, int]] = field(default_factory=list, compare=False)

    def describe(self) -> str:
        """See Fault."""
        return f"{'freeze (SIGSTOP)' if self.frozen else 'kill -9'} the broker that leads the busiest partition; two others have its copies"

    def inject(self, room: Room) -> None:
        """See Fault."""
        require_brokers(room)
        self._victim[:] = [busiest(room)]
        broker = f"{COMPONENT}-{self._victim[0][2]}"
        room.backend.freeze(broker) if self.frozen else room.backend.kill(broker)

    def effect(self, room: Room) -> str:
        """See Fault. Kafka itself says that another one leads."""
        if not self._victim:
            return ""
        topic, partition, old = self._victim[0]
        try:
            found = _metadata(room)
        except KafkaException:  # the one that was asked may be the one that is gone
            return ""
        new = found.topics[topic].partitions[partition].leader
        away = old not in found.brokers and new not in {old, -1}
        return f"broker {old}, which led {topic} {partition}, is away; broker {new} leads it" if away else ""

    def heal(self, room: Room) -> None:
        """See Fault."""
        Freeze(COMPONENT).heal(room)
        Kill(COMPONENT).heal(room)


class _Killed:
    """Some of Kafka's processes are killed."""

    def heal(self, room: Room) -> None:
        """See Fault."""
        Kill(COMPONENT).heal(room)


@dataclass(frozen=True)
class BelowMinIsr(_Killed):
    """Two of three brokers are killed: a write that wants two copies is refused, and nothing that was acknowledged may be lost."""

    def describe(self) -> str:
        """See Fault."""
        return "kill -9 two of three brokers, the leader of the busiest partition among them"

    def inject(self, room: Room) -> None:
        """See Fault."""
        require_brokers(room)
        first = busiest(room)[2]
        for number in (first, first % 3 + 1):
            room.backend.kill(f"{COMPONENT}-{number}")

    def effect(self, room: Room) -> str:
        """See Fault."""
        try:
            topics = _metadata(room).topics
        except KafkaException:
            return ""
        parts = [part for topic in _captured(room) for part in topics[topic].partitions.values()]
        few = sum(len(part.isrs) < MIN_ISR[3] for part in parts)
        return f"{few} of {len(parts)} captured partitions have fewer than {MIN_ISR[3]} copies in step" if few else ""


@dataclass(frozen=True)
class AllBrokers(_Killed):
    """All three brokers are killed; the controller stays, and says that no partition has a leader."""

    def describe(self) -> str:
        """See Fault."""
        return "kill -9 all three brokers; their controller stays"

    def inject(self, room: Room) -> None:
        """See Fault."""
        require_brokers(room)
        for number in (1, 2, 3):
            room.backend.kill(f"{COMPONENT}-{number}")

    def effect(self, room: Room) -> str:
        """See Fault."""
        try:
            _metadata(room)
        except KafkaException:
            return "no broker answers"
        return ""


@dataclass(frozen=True)
class ControllerGone(_Killed):
    """The controller is killed: brokers go on with what they know, and nobody can name another leader."""

    def describe(self) -> str:
        """See Fault."""
        return "kill -9 the controller; the three brokers stay"

    def inject(self, room: Room) -> None:
        """See Fault."""
        require_brokers(room)
        room.backend.kill(CONTROLLER)

    def effect(self, room: Room) -> str:
        """See Fault."""
        try:
            answering = len(_metadata(room).brokers)
        except KafkaException:
            return ""
        away = room.backend.states().get(COMPONENT) == "down"
        return f"the controller is away, {answering} brokers answer" if away and answering == 3 else ""
