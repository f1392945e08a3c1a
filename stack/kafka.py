"""Kafka's disk and topics."""

from __future__ import annotations

import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from pathlib import Path

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import NewTopic  # type: ignore[attr-defined]  # its stubs forget it

from cdc_consumer.dead_letters.topic import LARGEST
from cdc_consumer.dead_letters.topic import TOPIC as DEAD_LETTERS
from cdc_consumer.readmodel.documents import DOCUMENTS
from cdc_consumer.readmodel.routes import captured_tables, topic_of
from stack.brokers import MIN_ISR
from stack.errors import StackError
from stack.plan import Watch
from stack.probes import kafka_admin
from stack.settings import Settings, parse_env
from stack.tools import run_tool

_HOUR_MS = "3600000"
_META = "meta.properties"
_MAX_RECORD = "33554432"


def cluster_id(disks: Iterable[Path]) -> str:
    """That of the first disk which has one, else a new one: all nodes of a cluster have the same."""
    for disk in disks:
        if (disk / _META).exists():
            return parse_env((disk / _META).read_text())["cluster.id"]
    return urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A", 1)  # a leading "-" would be an option


def format_disk(data: Path, properties: Path, command: tuple[str, ...], *, cluster: str, log: Path, watch: Watch) -> bool:
    """Gives an empty disk the cluster's id. Answers whether there was need to. `command` starts StorageTool."""
    if (data / _META).exists():
        return False
    watch.note("formatting")
    run_tool([*command, "format", "-t", cluster, "-c", str(properties)], watch, log=log, seconds=90)
    return True


def topics(settings: Settings) -> dict[str, tuple[int, dict[str, str]]]:
    """Every topic that must be there before anything is captured: partitions and settings by name."""
    prefix, shared = settings.shared["TOPIC_PREFIX"], settings.shared
    kept = {
        "retention.ms": shared["TOPIC_RETENTION_MS"],
        "retention.bytes": shared["TOPIC_RETENTION_BYTES"],
        "message.timestamp.type": "LogAppendTime",  # a hop then ends when the broker has the record, not when it was to be sent
    }
    captured = {
        topic_of(prefix, table): (int(shared["TOPIC_PARTITIONS"]), {**kept, "max.message.bytes": _MAX_RECORD})
        for table in captured_tables(DOCUMENTS)
    }
    small = (f"{prefix}.public.cdc_heartbeat", f"__debezium-heartbeat.{prefix}", f"{prefix}.public.cdc_signal", f"{prefix}.notifications")
    beats = {name: (1, {"retention.ms": _HOUR_MS}) for name in small}
    # One partition keeps the order of parking. Nothing expires unread.
    dead = {f"{prefix}.{DEAD_LETTERS}": (1, {"retention.ms": "-1", "retention.bytes": "-1", "max.message.bytes": str(LARGEST)})}
    return captured | beats | dead


def create_topics(settings: Settings, broker: str) -> list[str]:
    """Creates the topics that are missing and answers their names. Raises StackError with the broker's reason."""
    admin = kafka_admin(broker)
    wanted, copies = topics(settings), settings.state.brokers
    kept = {"min.insync.replicas": str(MIN_ISR[copies])} if copies > 1 else {}
    try:
        missing = sorted(set(wanted) - set(admin.list_topics(timeout=10).topics))
        made = [
            NewTopic(name, num_partitions=partitions, replication_factor=copies, config={**kept, **config})
            for name, (partitions, config) in sorted(wanted.items())
            if name in missing
        ]
        for future in (admin.create_topics(made, operation_timeout=20) if made else {}).values():
            if (error := future.exception(timeout=30)) and not _exists(error):
                raise error
    except KafkaException as error:
        raise StackError(f"the topics cannot be created: {error.args[0].str()}", advice="Look at: make logs S=kafka") from error
    return missing


def _exists(error: BaseException) -> bool:
    return isinstance(error, KafkaException) and bool(error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS)
