"""The peers: names, settings, and where each puts a row. Pure.

Write concern is the same for all: `w=majority`, as the worker's; on this one member that is journalled. Batches suit each:

- MongoDB's Kafka sink writes whatever one poll returned as one bulk (`max.batch.size=0`), so polls are made large;
- Debezium's MongoDB sink cuts polls into `batch.size`, default 500.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from cdc_consumer.envelope import Key

POLL: Final = 4000  # records; the worker's chunk has as many

Name = Literal["mongodb", "debezium"]


@dataclass(frozen=True)
class Peer:
    """A sink connector."""

    name: Name
    title: str
    port: int  # of its Connect worker, before the stack's offset is added

    def config(self, topics: Sequence[str], uri: str, database: str) -> dict[str, str]:
        """The connector's configuration: from the beginning of these topics into this database."""
        written = f"{uri}&w=majority"
        common = {
            "topics": ",".join(topics),
            "tasks.max": "1",
            "consumer.override.auto.offset.reset": "earliest",
            "consumer.override.max.poll.records": str(POLL),
            "consumer.override.fetch.min.bytes": "1",
            "consumer.override.fetch.max.wait.ms": "200",
            "consumer.override.max.partition.fetch.bytes": str(2 * 1024 * 1024),
        }
        if self.name == "mongodb":
            return common | {
                "connector.class": "com.mongodb.kafka.connect.MongoSinkConnector",
                "connection.uri": written,
                "database": database,
                "change.data.capture.handler": "com.mongodb.kafka.connect.sink.cdc.debezium.rdbms.postgres.PostgresHandler",
            }
        return common | {
            "connector.class": "io.debezium.connector.mongodb.MongoDbSinkConnector",
            "mongodb.connection.string": written,
            "sink.database": database,
            "batch.size": "2000",
            "delete.enabled": "true",  # off by default
            "primary.key.mode": "record_key",  # what the setting above asks for
        }

    def collection(self, topic: str) -> str:
        """Where it puts the rows of a topic."""
        return topic if self.name == "mongodb" else topic.replace(".", "_")


PEERS: Final = (Peer("mongodb", "MongoDB Kafka sink 2.0.1", 18191), Peer("debezium", "Debezium MongoDB sink 3.6.1", 18192))


def peer_id(key: Key, names: Sequence[str]) -> dict[str, Any]:
    """The `_id` that both peers give a row: its key columns as an object, in the order of the record's key."""
    return dict(key) if isinstance(key, tuple) else {names[0]: key}
