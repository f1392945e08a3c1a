"""Waiting until a group of workers has applied everything that topics hold now, seen from outside of the workers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # its stubs forget it

SECONDS: Final = 10.0  # for one answer of Kafka
LOOK_SECONDS: Final = 0.3
SAY_SECONDS: Final = 5.0

Place = tuple[str, int]  # topic and partition


class SweepError(Exception):
    """Nothing was removed, or not everything: what happened, and the next step."""

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.next_step = next_step


def wait_applied(broker: str, group: str, topics: Sequence[str], seconds: float, say: Callable[[str], None]) -> None:
    """Return once the group has committed the offsets at which the topics end when this is called.

    Raises SweepError when it has not after `seconds`, or Kafka does not answer.
    """
    admin = AdminClient({"bootstrap.servers": broker, "socket.timeout.ms": int(SECONDS * 1000)})
    started = said = time.monotonic()
    try:
        wanted = _ends(admin, topics)
        while behind := behind_by(wanted, _committed(admin, group, wanted)):
            now = time.monotonic()
            if now - started > seconds:
                raise SweepError(
                    f"The workers still have {behind:,} records to apply after {seconds:.0f} s.",
                    "See whether a worker runs and what holds it up: `make status`, `make logs S=worker`; then run this again.",
                )
            if now - said > SAY_SECONDS:
                said = now
                say(f"waiting for the workers to apply {behind:,} more records")
            time.sleep(LOOK_SECONDS)
    except KafkaException as error:
        raise SweepError(
            f"Kafka at {broker}: {error.args[0].str()}", "See whether it runs with `make status`, then run this again."
        ) from error


def behind_by(wanted: Mapping[Place, int], committed: Mapping[Place, int]) -> int:
    """How many records are not applied yet. Pure."""
    return sum(max(0, end - committed.get(place, 0)) for place, end in wanted.items())


def _ends(admin: AdminClient, topics: Sequence[str]) -> dict[Place, int]:
    """Where each partition ends; those that hold nothing are left out, nobody has to read them."""
    known = admin.list_topics(timeout=SECONDS).topics
    places = [TopicPartition(topic, number) for topic in topics if topic in known for number in known[topic].partitions]
    first = _offsets(admin, places, OffsetSpec.earliest())  # type: ignore[no-untyped-call]
    last = _offsets(admin, places, OffsetSpec.latest())  # type: ignore[no-untyped-call]
    return {place: end for place, end in last.items() if end > first[place]}


def _offsets(admin: AdminClient, places: Sequence[TopicPartition], spec: OffsetSpec) -> dict[Place, int]:
    asked = admin.list_offsets(dict.fromkeys(places, spec), request_timeout=SECONDS)
    return {(place.topic, place.partition): future.result(SECONDS).offset for place, future in asked.items()}


def _committed(admin: AdminClient, group: str, wanted: Mapping[Place, int]) -> dict[Place, int]:
    places = [TopicPartition(*place) for place in wanted]
    if not places:
        return {}
    (future,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group, places)], request_timeout=SECONDS).values()
    return {(p.topic, p.partition): max(0, p.offset) for p in future.result(SECONDS).topic_partitions}
