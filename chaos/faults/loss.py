"""Data that is gone before it was read: records deleted from Kafka, log removed from Postgres. Both have to be loud."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # its stubs forget it
from pymongo import MongoClient

from cdc_consumer.readmodel.documents import DOCUMENTS
from cdc_consumer.readmodel.routes import captured_tables, topic_of
from chaos.faults.base import Room
from chaos.faults.slot import DropSlot
from chaos.measure.sources import Backlog
from stack.errors import StackError

_SECONDS = 60.0
_WAITING = 40  # records that have to be lost
_KEEP_MB = 32
_MARK = "records deleted"
_STATUS = "SELECT wal_status FROM pg_replication_slots WHERE slot_name = %s"


@contextlib.contextmanager
def _marker(room: Room) -> Iterator[Any]:
    """Remembers that records were deleted, so that anybody can mend it."""
    client = MongoClient[dict[str, Any]](room.backend.env["CDC_MONGO_URI"], timeoutMS=5000, serverSelectionTimeoutMS=5000, appname="chaos")
    with client:
        yield client[room.backend.env["CDC_MONGO_DB"]]["cdc_chaos"]


class DeleteRecords:
    """Kafka deletes records that no worker has read: retention was shorter than an outage."""

    def describe(self) -> str:
        """See Fault."""
        return "delete records from Kafka before the worker reads them; mended by a snapshot"

    def inject(self, room: Room) -> None:
        """See Fault. The worker is away until enough waits."""
        room.backend.stop("worker")
        backlog, end = Backlog(room.backend.env), time.monotonic() + _SECONDS
        while backlog.records() < _WAITING:
            if time.monotonic() > end:
                raise StackError("nobody writes, so nothing can be lost", advice="Is the API up? make status")
            time.sleep(0.5)
        with _marker(room) as marker:
            marker.replace_one({"_id": _MARK}, {"_id": _MARK}, upsert=True)
        self._delete(room)
        room.backend.start("worker")

    @staticmethod
    def _delete(room: Room) -> None:
        admin = AdminClient({"bootstrap.servers": room.backend.env["CDC_BROKER"], "socket.timeout.ms": 5000, "log_level": 0}, logger=None)
        found = admin.list_topics(timeout=10).topics
        names = [topic_of(room.backend.env["CDC_TOPIC_PREFIX"], table) for table in captured_tables(DOCUMENTS)]
        places = [TopicPartition(name, number) for name in names for number in found[name].partitions]
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        ends = {place: future.result(20).offset for place, future in admin.list_offsets(dict.fromkeys(places, latest)).items()}
        gone = admin.delete_records([TopicPartition(place.topic, place.partition, offset) for place, offset in ends.items()])
        for future in gone.values():
            future.result(20)

    def effect(self, room: Room) -> str:
        """See Fault."""
        with _marker(room) as marker:
            return "unread records are deleted" if marker.find_one({"_id": _MARK}) else ""

    def heal(self, room: Room) -> None:
        """See Fault. Only a snapshot repairs it."""
        room.backend.start("worker")
        if self.effect(room):
            room.command("connectors", "snapshot", "--json", "--timeout", "150", seconds=180)
            with _marker(room) as marker:
                marker.drop()


class LoseLog(DropSlot):
    """Postgres removes log that the connector has not read, because the slot may hold back only little."""

    def describe(self) -> str:
        """See Fault."""
        return f"let the slot hold back only {_KEEP_MB} MB of log and write more while Connect is away"

    def inject(self, room: Room) -> None:
        """See Fault."""
        room.backend.stop("connect")
        room.sql(f"ALTER SYSTEM SET max_slot_wal_keep_size = '{_KEEP_MB}MB'")
        room.sql("SELECT pg_reload_conf()")
        end = time.monotonic() + _SECONDS
        while not self.effect(room):
            if time.monotonic() > end:
                raise StackError("Postgres keeps the log", advice="make chaos-heal")
            for _ in range(20):
                room.sql("SELECT pg_logical_emit_message(false, 'chaos', repeat('x', 1000000))")
            room.sql("SELECT pg_switch_wal()")
            room.sql("CHECKPOINT")

    def effect(self, room: Room) -> str:
        """See Fault."""
        found = room.sql(_STATUS, room.backend.env["CONNECT_SLOT"])
        return "the slot's wal_status is lost" if found == [("lost",)] else ""

    def heal(self, room: Room) -> None:
        """See Fault."""
        room.sql("ALTER SYSTEM RESET max_slot_wal_keep_size")
        room.sql("SELECT pg_reload_conf()")
        room.backend.start("connect")
        super().heal(room)
