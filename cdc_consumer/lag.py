"""What is counted of an applied chunk: its records, and how long they took on each part of their way.

The hops follow each other: the commit in Postgres, Debezium handling the event, Kafka's record timestamp, the fetch, MongoDB's
acknowledgement. Snapshot rows (op r, incremental snapshots too) have no commit time and are left out. A negative time means that two
clocks differ: it is counted as that, and never taken for 0.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from cdc_consumer import metrics
from cdc_consumer.envelope import Change, Record

Decoded = tuple[Record, Change]


def observe(applied: Sequence[Decoded], fetched: float) -> None:
    """Count records that MongoDB has just acknowledged; `fetched` is when they came from Kafka, seconds since 1970."""
    now = int(time.time() * 1000)
    tables = {change.table for _, change in applied}
    for table in tables:
        some = applied if len(tables) == 1 else [one for one in applied if one[1].table == table]
        label = metrics.table_label(table)
        for op, count in Counter([change.op for _, change in some]).items():
            metrics.RECORDS.labels(label, op).inc(count)
        _hops(label, [one for one in some if one[1].op != "r"], int(fetched * 1000), now)


def _hops(table: str, live: Sequence[Decoded], fetched: int, now: int) -> None:
    if not live:
        return
    # 0 stands for a time that the record does not carry.
    captured = [(record.timestamp, change.captured_ms) for record, change in live if change.captured_ms]
    _add("commit_to_connect", table, [change.captured_ms - change.commit_ms for _, change in live if change.captured_ms])
    _add("connect_to_kafka", table, [stored - handled for stored, handled in captured if stored > 0])
    _add("kafka_to_worker", table, [fetched - record.timestamp for record, _ in live if record.timestamp > 0])
    _add("worker_to_mongo", table, [now - fetched] * len(live))
    skewed, lags = _split([now - change.commit_ms for _, change in live])
    _skew(metrics.END_TO_END_HOP, skewed)
    metrics.END_TO_END.add((table,), lags)


def _add(hop: str, table: str, lags: list[int]) -> None:
    skewed, lags = _split(lags)
    _skew(hop, skewed)
    metrics.HOP.add((hop, table), lags)


def _split(lags: list[int]) -> tuple[int, list[int]]:
    """How many are negative, and the others in order."""
    lags.sort()
    negative = bisect_left(lags, 0)
    return negative, lags[negative:] if negative else lags


def _skew(hop: str, count: int) -> None:
    if count:
        metrics.CLOCK_SKEW.labels(hop).inc(count)
