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
from operator import attrgetter, itemgetter, sub

from cdc_consumer import metrics
from cdc_consumer.envelope import Change, Record

Decoded = tuple[Record, Change]
_record, _change = itemgetter(0), itemgetter(1)
_op, _committed, _captured, _stored = attrgetter("op"), attrgetter("commit_ms"), attrgetter("captured_ms"), attrgetter("timestamp")


def observe(applied: Sequence[Decoded], fetched: float) -> None:
    """Count records that MongoDB has just acknowledged; `fetched` is when they came from Kafka, seconds since 1970."""
    now = int(time.time() * 1000)
    tables = {change.table for _, change in applied}
    for table in tables:
        some = applied if len(tables) == 1 else [one for one in applied if one[1].table == table]
        label = metrics.table_label(table)
        ops = Counter(map(_op, map(_change, some)))
        for op, count in ops.items():
            metrics.RECORDS.labels(label, op).inc(count)
        _hops(label, [one for one in some if one[1].op != "r"] if ops["r"] else some, int(fetched * 1000), now)


def _hops(table: str, live: Sequence[Decoded], fetched: int, now: int) -> None:
    if not live:
        return
    changes = [change for _, change in live]
    committed, captured = list(map(_committed, changes)), list(map(_captured, changes))
    stored = list(map(_stored, map(_record, live)))
    _add("commit_to_connect", table, _between(committed, captured))
    _add("connect_to_kafka", table, _between(captured, stored))
    _add("kafka_to_worker", table, [fetched - at for at in stored if at > 0])
    _add("worker_to_mongo", table, [now - fetched] * len(live))
    skewed, lags = _split([now - at for at in committed])
    _skew(metrics.END_TO_END_HOP, skewed)
    metrics.END_TO_END.add((table,), lags)


def _between(starts: list[int], ends: list[int]) -> list[int]:
    """How long each took; a record that does not carry both times (0, or -1 of Kafka's) is left out."""
    if min(starts) > 0 and min(ends) > 0:  # nearly always, and half the price
        return list(map(sub, ends, starts))
    return [end - start for start, end in zip(starts, ends, strict=True) if start > 0 and end > 0]


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
