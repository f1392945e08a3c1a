"""Where measurements come from. Each asks a component itself and raises when it cannot say."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any, cast

import psycopg
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # its stubs forget it

from cdc_consumer.readmodel.documents import DOCUMENTS
from cdc_consumer.readmodel.routes import captured_tables
from chaos.checker.alerts import text

_SECONDS = 3.0
_WAL = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint FROM pg_replication_slots WHERE slot_name = %s"


class Slot:
    """Bytes of log that the slot holds back."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._dsn, self._slot = env["VERIFY_POSTGRES_DSN"], env["CONNECT_SLOT"]

    def wal(self) -> int:
        """Raises psycopg.Error, LookupError without a slot."""
        options = "-c statement_timeout=3s"
        with psycopg.connect(self._dsn, connect_timeout=3, options=options, application_name="chaos") as connection:
            row = connection.execute(_WAL, [self._slot]).fetchone()
        if row is None:
            raise LookupError(self._slot)
        return int(row[0])


class Backlog:
    """Records in Kafka that the workers' group has not committed."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._broker = env["CDC_BROKER"]
        self._admin: AdminClient | None = None
        self._group = env["CDC_GROUP"]
        self._topics = [f"{env['CDC_TOPIC_PREFIX']}.public.{table}" for table in captured_tables(DOCUMENTS)]
        self._places: list[TopicPartition] = []

    def records(self) -> int:
        """Raises KafkaException or TimeoutError. After an error the next call has a new client."""
        admin, self._admin = self._admin or self._connect(), None
        found = self._ask(admin)
        self._admin = admin
        return found

    def _connect(self) -> AdminClient:
        return AdminClient({"bootstrap.servers": self._broker, "socket.timeout.ms": 3000, "log_level": 0}, logger=None)

    def _ask(self, admin: AdminClient) -> int:
        if not self._places:
            topics = admin.list_topics(timeout=_SECONDS).topics
            self._places = [TopicPartition(name, number) for name in self._topics for number in topics[name].partitions]
        (asked,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(self._group, self._places)]).values()
        committed = {(p.topic, p.partition): max(0, p.offset) for p in asked.result(_SECONDS).topic_partitions}
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        ends = admin.list_offsets(cast("Any", dict.fromkeys(self._places, latest)))
        return sum(future.result(_SECONDS).offset - committed[p.topic, p.partition] for p, future in ends.items())


class Prometheus:
    """What Prometheus itself says."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._url = env["PROMETHEUS_URL"]

    def alerts(self) -> tuple[str, ...]:
        """Alerts that fire."""
        found = self._get("/api/v1/alerts")["alerts"]
        return tuple(sorted(text(alert["labels"]["alertname"], alert["labels"]) for alert in found if alert["state"] == "firing"))

    def has_rules(self) -> bool:
        """Whether there are alerts at all."""
        return any(group["rules"] for group in self._get("/api/v1/rules?type=alert")["groups"])

    def freshness(self) -> float:
        """Seconds that the read model is behind, as the rules record it. Raises IndexError when they do not."""
        query = urllib.parse.urlencode({"query": "cdc:freshness_seconds"})
        return float(self._get(f"/api/v1/query?{query}")["result"][0]["value"][1])

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self._url}{path}", timeout=_SECONDS) as answer:  # noqa: S310 - the stack's own address
            return json.load(answer)["data"]
