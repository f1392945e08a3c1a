"""Does one of several Kafka processes do its part? See `probes`."""

from __future__ import annotations

import http.client

from confluent_kafka import KafkaException

from stack.errors import NotReadyError
from stack.probes import SECONDS, fetch, kafka_admin

_LEADS = "kafka_controller_kafkacontroller_activecontrollercount 1.0"


def broker(address: str, number: int) -> str:
    """A metadata request to this broker: it is one of those that serve, and every partition of which it has a copy is in step."""
    try:
        metadata = kafka_admin(address).list_topics(timeout=SECONDS)
    except KafkaException as error:
        raise NotReadyError(error.args[0].str()) from error
    if number not in metadata.brokers:
        raise NotReadyError(f"broker {number} is not among those that serve")
    mine = [part for topic in metadata.topics.values() for part in topic.partitions.values() if number in part.replicas]
    if late := sum(number not in part.isrs for part in mine):
        raise NotReadyError(f"{late} of its {len(mine)} partitions are not in step yet")
    return f"broker {number} of {len(metadata.brokers)}, leads {sum(part.leader == number for part in mine)} of {len(mine)} partitions"


def controller(port: int) -> str:
    """The metrics of a process that is the active controller, as it says itself."""
    status, body = fetch(port, "/metrics")
    if status != http.client.OK or _LEADS not in body.decode(errors="replace"):
        raise NotReadyError("is not the active controller yet")
    return "the active controller"
