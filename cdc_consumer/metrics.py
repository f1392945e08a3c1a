"""What the worker counts, served by `http`. Labels are bounded: tables, steps and causes, never ids."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib import metadata
from typing import Final

from prometheus_client import Counter, Gauge, Histogram, Info

from cdc_consumer.histograms import BulkHistogram

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)

RECORDS: Final = Counter("cdc_records_total", "Records applied, by table and Debezium operation", ["table", "op"])
CHUNK_RECORDS: Final = Histogram("cdc_chunk_records", "Records in a chunk", buckets=(1, 5, 10, 50, 100, 250, 500, 1000, 2500, 5000, 10_000))
STEP: Final = Histogram("cdc_step_seconds", "Duration of one step of a chunk", ["step"], buckets=SECONDS)
STALE: Final = Counter("cdc_stale_rows_total", "Rows skipped because the mirror already had them or a newer state", ["table"])
DOCUMENTS: Final = Counter("cdc_documents_total", "Documents written by materialising", ["collection"])
CONFLICTS: Final = Counter("cdc_transaction_conflicts_total", "Transactions retried because another one wrote the same document")
RETRIES: Final = Counter("cdc_retries_total", "Chunks tried again, by cause", ["cause"])
DEAD_LETTERS: Final = Counter("cdc_dead_letters_total", "Records parked, by cause", ["cause"])
PAUSED: Final = Gauge("cdc_worker_paused", "1 while something outside makes the worker wait and try again, by cause", ["cause"])
STALLED: Final = Gauge("cdc_watchdog_stalled_seconds", "Seconds with lag and without a commit that no outage explains")
CIRCUIT_OPEN: Final = Gauge("cdc_circuits_open", "Partitions whose records are refused because most of a chunk cannot be applied")
IN_FLIGHT: Final = Gauge("cdc_chunks_in_flight", "Chunks fetched and not acknowledged yet")
COMMITS: Final = Counter("cdc_commits_total", "Offset commits, by outcome", ["outcome"])
REWINDS: Final = Counter("cdc_rewinds_total", "Times that fetched and undelivered records were read again, after a rebalance")
MISSED_OFFSETS: Final = Counter("cdc_missed_offsets_total", "Offsets that Kafka deleted before they were read", ["topic"])
SKIPPED: Final = Counter("cdc_documents_skipped_total", "Documents left as they are because of another, parked row", ["collection"])
REBALANCES: Final = Counter("cdc_rebalances_total", "Rebalances this worker took part in")
HOPS: Final = ("commit_to_connect", "connect_to_kafka", "kafka_to_worker", "worker_to_mongo")
END_TO_END_HOP: Final = "end_to_end"
HOP: Final = BulkHistogram(
    "cdc_hop_seconds", "Time of a record on one part of its way, snapshot rows left out, by hop and table", ["hop", "table"], SECONDS
)
END_TO_END: Final = BulkHistogram(
    "cdc_end_to_end_seconds", "Commit in Postgres to acknowledgement by MongoDB, snapshot rows left out", ["table"], SECONDS
)
DRAFTS: Final = Counter("cdc_drafts_total", "Documents shown before they are confirmed, by outcome", ["outcome"])
DRAFTED: Final = BulkHistogram(
    "cdc_draft_seconds", "Commit in Postgres to a draft of its document in MongoDB, which readers see, by table", ["table"], SECONDS
)
CLOCK_SKEW: Final = Counter("cdc_clock_skew_events_total", "Times that came out negative, by hop: two clocks differ", ["hop"])
for _hop in (*HOPS, END_TO_END_HOP):
    CLOCK_SKEW.labels(_hop)

VERSION: Final = "0.1.0"  # of the project, as in pyproject.toml
BUILD: Final = Info("cdc_build", "Versions of what runs in this process")
_LIBRARIES: Final = {"faust": "faust-streaming", "aiokafka": "aiokafka", "pymongo": "pymongo"}
BUILD.info(
    {"program": "worker", "version": VERSION, "python": platform.python_version()}
    | {name: metadata.version(distribution) for name, distribution in _LIBRARIES.items()}
)

OTHER: Final = "other"  # the label of a table that no declaration names
_declared: Final[set[str]] = set()


def declare(tables: Iterable[str]) -> None:
    """Name the tables that may become labels."""
    _declared.update(tables)


def table_label(table: str) -> str:
    """The table, or `other` for one that no declaration names: what comes from a record's text must not make series without end."""
    return table if table in _declared else OTHER


FAN_OUT: Final = Gauge("cdc_fan_out_remaining_documents", "Documents the current fan-outs still have to materialise")


def total(counter: Counter) -> float:
    """The sum over all labels of a counter."""
    return sum(sample.value for metric in counter.collect() for sample in metric.samples if sample.name.endswith("_total"))
