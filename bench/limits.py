"""What no sink can be faster than: reading the topics and doing nothing, and inserting ready documents."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any, Final

from confluent_kafka import TopicPartition
from pymongo.write_concern import WriteConcern

from bench.measure import Bench
from bench.tape import TABLES, Tape
from bench.topics import PARTITIONS
from cdc_consumer.coalesce import coalesce
from cdc_consumer.envelope import Change, decode
from cdc_consumer.readmodel.routes import topic_of
from cdc_consumer.rows import mirror_document

BATCH: Final = 4000
_STILL: Final = 5.0  # seconds without a record: something is wrong


class _Read:
    """A record of librdkafka as `envelope.Record` has it."""

    def __init__(self, message: Any) -> None:
        self.topic, self.partition, self.offset = message.topic(), message.partition(), message.offset()
        self.key, self.value, self.headers, self.timestamp = message.key(), message.value(), tuple(message.headers() or ()), 0


def read_only(bench: Bench, tape: Tape) -> tuple[float, list[Any]]:
    """Records a second that librdkafka reads into Python, and the records."""
    consumer = bench.topics.reader("bench-limit")
    consumer.assign([TopicPartition(topic_of(tape.prefix, table), partition, 0) for table in TABLES for partition in range(PARTITIONS)])
    found: list[Any] = consumer.consume(1, timeout=_STILL)  # connected; the clock begins with the first record
    began = time.perf_counter()
    while len(found) < tape.records:
        some = consumer.consume(min(BATCH, tape.records - len(found)), timeout=_STILL)  # waits for as many
        if not some:
            raise TimeoutError(f"Kafka gave {len(found)} of {tape.records} records")
        found += some
    rate = len(found) / (time.perf_counter() - began)
    consumer.close()
    return rate, found


def insert_only(bench: Bench, messages: list[Any]) -> float:
    """Documents a second of insert_many alone: the mirror's documents, decoded before the clock begins, w=majority."""
    tables: dict[str, list[Change]] = {}
    for message in messages:
        if change := decode(_Read(message)):
            tables.setdefault(change.table, []).append(change)
    now = dt.datetime.now(dt.UTC)
    rows = {table: [mirror_document(row, now) for row in coalesce(table, some).rows.values()] for table, some in tables.items()}
    bench.drop("limits")
    db = bench.mongo.get_database("limits", write_concern=WriteConcern("majority"))
    began = time.perf_counter()
    for table, documents in rows.items():
        for start in range(0, len(documents), BATCH):
            db[table].insert_many(documents[start : start + BATCH], ordered=False)
    rate = sum(map(len, rows.values())) / (time.perf_counter() - began)
    bench.drop("limits")
    return rate
