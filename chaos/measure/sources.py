"""Where measurements come from. Each asks a component itself and raises when it cannot say."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

import psycopg

from cdc_consumer.offsets import GroupOffsets, behind_by
from cdc_consumer.readmodel.documents import FOR_CLIENTS
from cdc_consumer.readmodel.routes import captured_tables, topic_of
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
        self._env = env
        self._offsets: GroupOffsets | None = None
        self._topics = [topic_of(env["CDC_TOPIC_PREFIX"], table) for table in captured_tables(FOR_CLIENTS)]  # canaries always wait

    def records(self) -> int:
        """Raises KafkaException. After an error the next call has a new client."""
        offsets, self._offsets = self._offsets or GroupOffsets(self._env["CDC_BROKER"], self._env["CDC_GROUP"]), None
        ends = offsets.ends(self._topics)
        found = behind_by(ends, offsets.committed(list(ends)))
        self._offsets = offsets
        return found


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
