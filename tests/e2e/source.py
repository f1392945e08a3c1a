"""The source side of a stack under faults: what the tests of `test_source_faults` do to it and look at."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from confluent_kafka import TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stubs forget them
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    OffsetSpec,
    ResourceType,
)

from monitor.verify import Effort, Report, VerifySettings, verify
from tests.asked import number
from tests.waiting import eventually

SECONDS = 240
NOTICED = number("NOTICED_SECONDS", 60)  # the bar is 10, which `make source-faults` asks for; a busy CI gets more
TABLES = ("users", "items", "tags", "item_tags")


class SourceSide:
    """One stack: its database, its topics, its connector and its keeper."""

    def __init__(self, stack: Any) -> None:
        self.stack = stack
        self.env = stack.env
        self.sql = psycopg.connect(self.env["VERIFY_POSTGRES_DSN"], autocommit=True)
        self.admin = AdminClient({"bootstrap.servers": self.env["CDC_BROKER"]})
        self.connector = f"{self.env['CONNECT_URL']}/connectors/{self.env['CONNECT_NAME']}"

    def close(self) -> None:
        self.sql.close()

    def rows(self) -> int:
        counts = " + ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)
        found = self.sql.execute(f"SELECT {counts}").fetchone()
        return int(found[0]) if found else 0

    def records(self) -> int:
        """How many records the topics of the tables hold."""
        places = [TopicPartition(f"cdc.public.{table}", n) for table in TABLES for n in range(4)]
        asked = self.admin.list_offsets(dict.fromkeys(places, OffsetSpec.latest()), request_timeout=10)
        return sum(future.result(10).offset for future in asked.values())

    def largest_record(self, table: str, size: int) -> None:
        """Kafka refuses larger ones from now on."""
        entry = ConfigEntry("max.message.bytes", str(size), incremental_operation=AlterConfigOpType.SET)
        change = ConfigResource(ResourceType.TOPIC, f"cdc.public.{table}", incremental_configs=[entry])
        for done in self.admin.incremental_alter_configs([change]).values():
            done.result(10)

    def connect(self, method: str, path: str) -> Any:
        with urllib.request.urlopen(urllib.request.Request(self.connector + path, method=method), timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def keeper(self, path: str) -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.env['KEEPER_METRICS_PORT']}{path}", timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            return f"{error.code} {error.read().decode()}"

    def metric(self, name: str) -> float:
        return next(float(line.rpartition(" ")[2]) for line in self.keeper("/metrics").splitlines() if line.startswith(f"{name} "))

    def until_noticed(self, reason: str) -> float:
        """Seconds until the keeper says that changes are missing; fails after NOTICED."""
        began = time.monotonic()
        eventually(lambda: self.keeper("/ready").startswith("503") and reason in self.keeper("/ready"), seconds=NOTICED, what=reason)
        return time.monotonic() - began

    def drop_slot(self) -> None:
        """As somebody does who has seen that it holds back WAL, a moment before its user comes back."""
        while self.sql.execute("SELECT 1 FROM pg_replication_slots WHERE slot_name = 'cdc'").fetchone():
            self.sql.execute("SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name = 'cdc' AND active")
            self.sql.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'cdc' AND NOT active")

    def differences(self) -> Report:
        settings = VerifySettings(
            postgres_dsn=self.env["VERIFY_POSTGRES_DSN"], mongo_uri=self.env["CDC_MONGO_URI"], mongo_db=self.env["CDC_MONGO_DB"]
        )
        return verify(settings, effort=Effort(recheck_seconds=0, chunk=5000))

    def until_equal(self) -> float:
        """Seconds until every document is what Postgres says."""
        began = time.monotonic()
        while not (report := self.differences()).ok:
            assert time.monotonic() - began < SECONDS, report
            time.sleep(0.3)
        return time.monotonic() - began

    def recover(self) -> float:
        """Seconds of `recover --yes`."""
        began = time.monotonic()
        self.stack.exec("python", "-m", "connectors", "recover", "--yes", timeout=300)
        return time.monotonic() - began

    @contextmanager
    def writing(self) -> Iterator[threading.Event]:
        """Writes go on meanwhile, whether Postgres is there or not; the event is set by each commit."""
        committed, over = threading.Event(), threading.Event()

        def write() -> None:
            number = 0
            while not over.is_set():
                try:
                    with psycopg.connect(self.env["VERIFY_POSTGRES_DSN"], autocommit=True, connect_timeout=2) as connection:
                        while not over.is_set():
                            number += 1
                            connection.execute("UPDATE items SET title = %s WHERE id %% 97 = %s", (f"round {number}", number % 97))
                            committed.set()
                except psycopg.OperationalError:
                    over.wait(0.05)

        thread = threading.Thread(target=write)
        thread.start()
        try:
            yield committed
        finally:
            over.set()
            thread.join(30)
