"""What Debezium tells about its snapshots, on a topic of their own (documentation, "Receiving Debezium notifications")."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from confluent_kafka import Consumer, KafkaException, TopicPartition

from connectors.errors import CommandError

SECONDS: Final = 10.0  # for one answer of Kafka
OVER: Final = frozenset({"COMPLETED", "ABORTED", "STOPPED"})


@dataclass(frozen=True)
class Notification:
    """One of them. `kind` is STARTED, IN_PROGRESS, TABLE_SCAN_COMPLETED, COMPLETED, ABORTED, STOPPED ...; `data` depends on it."""

    of: str
    """The id of the signal it answers."""
    kind: str
    data: Mapping[str, str]

    @property
    def failed(self) -> str | None:
        """Why a table could not be read, or None. An empty table is no failure."""
        status = self.data.get("status", "SUCCEEDED")
        return None if status in ("SUCCEEDED", "EMPTY") else f"{self.data.get('scanned_collection', 'a table')}: {status}"

    def describe(self) -> str:
        """In words."""
        table = self.data.get("current_collection_in_progress") or self.data.get("scanned_collection", "")
        if self.kind == "IN_PROGRESS":
            return f"{table}: chunk {self.data.get('chunk_index', '?')} of {self.data.get('total_chunks', '?')}"
        if self.kind == "TABLE_SCAN_COMPLETED":
            return f"{table}: {int(self.data.get('total_rows_scanned', 0)):,} rows read"
        return f"snapshot {self.kind.lower()}"


class Notifications(Protocol):
    """Notifications that come from now on."""

    def next(self, seconds: float) -> Notification | None:
        """The next one; None when none comes in time."""


class _Topic:
    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def next(self, seconds: float) -> Notification | None:
        """See Notifications."""
        message = self._consumer.poll(seconds)
        if message is None or message.error() is not None:
            return None
        return parse(message.value())


def parse(value: str | bytes | None) -> Notification | None:
    """A notification about an incremental snapshot; None for any other message. Pure."""
    try:
        found: Any = json.loads(value or b"")
        if found["aggregate_type"] != "Incremental Snapshot":
            return None
        return Notification(str(found["id"]), str(found["type"]), found.get("additional_data") or {})
    except (ValueError, KeyError, TypeError):
        return None


@contextmanager
def listening(broker: str, topic: str) -> Iterator[Notifications]:
    """Notifications from now on. Raises CommandError when Kafka does not answer."""
    consumer = Consumer({"bootstrap.servers": broker, "group.id": "cdc-snapshot-cli", "enable.auto.commit": False})
    try:
        _, end = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=SECONDS)
        consumer.assign([TopicPartition(topic, 0, end)])
        yield _Topic(consumer)
    except KafkaException as error:
        said = error.args[0].str()
        raise CommandError(
            f"Kafka at {broker}, topic {topic}: {said}", "See what runs with `make status`; `make up` makes topics."
        ) from error
    finally:
        consumer.close()
