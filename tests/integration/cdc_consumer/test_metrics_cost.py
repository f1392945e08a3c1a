"""What counting costs: the same chunks through the worker's steps with all metrics and with none, in turn, in one run."""

from __future__ import annotations

import contextlib
import random
import statistics
import sys
import time

import pytest

from cdc_consumer import metrics
from cdc_consumer.pipeline import OBSERVERS
from cdc_consumer.readmodel.documents import DOCUMENTS
from tests.events import record
from tests.integration.cdc_consumer.applying import applying

PAIRS, CHUNKS, ROWS = 250, 1, 4000
MOST = 0.03


class Nothing:
    """Stands for any metric and does nothing."""

    def labels(self, *_):
        return self

    def time(self):
        return contextlib.nullcontext()

    def inc(self, *_):
        pass

    dec = set = observe = add = inc


def chunk(first, lsn):
    """Records of new items as the stream brings them, with the times that live rows have."""
    found = []
    for i in range(first, first + ROWS):
        row = {
            "id": i,
            "owner_id": i % 200 + 1,
            "title": f"item {i}",
            "description": None,
            "price": "12.50",
            "status": "active",
            "created_at": "2026-11-24T15:00:00.000Z",
            "updated_at": "2026-11-24T15:00:00.000Z",
            "traceparent": None,
        }
        one = record("items", "c", key={"id": i}, after=row, lsn=lsn + i, offset=i)
        one.timestamp = 1_760_000_000_150 + i % 50
        found.append(one)
    return found


@pytest.mark.long
@pytest.mark.asyncio
@pytest.mark.timeout(900)
async def test_all_metrics_cost_less_than_three_per_cent_of_the_workers_throughput(mongo_uri, mongo_db, monkeypatch):
    counted = [name for name in vars(metrics) if hasattr(getattr(metrics, name), "collect")]
    assert len(counted) > 15
    async with applying(mongo_uri, mongo_db, DOCUMENTS) as (parking, _):
        await parking.apply([record("users", "c", key={"id": i}, after={"id": i, "name": f"u{i}"}, lsn=i, offset=i) for i in range(1, 201)])
        made = 0

        async def run(*, on):
            """Seconds of wall time and of this process's CPU."""
            nonlocal made
            chunks = [chunk(made + n * ROWS + 1, 1_000_000) for n in range(CHUNKS)]
            made += CHUNKS * ROWS
            with monkeypatch.context() as patch:
                if not on:
                    for name in counted:
                        patch.setattr(metrics, name, Nothing())
                patch.setattr(parking, "_observers", OBSERVERS if on else ())
                wall, cpu = time.perf_counter(), time.process_time()
                for records in chunks:
                    await parking.apply(records)
                return time.perf_counter() - wall, time.process_time() - cpu

        await run(on=True)  # warm
        walls, cpus = [], []
        rates: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(PAIRS):
            order = random.sample((True, False), 2)
            pair = {on: await run(on=on) for on in order}
            walls.append(pair[True][0] / pair[False][0] - 1)
            cpus.append(pair[True][1] / pair[False][1] - 1)
            for on, (wall, _cpu) in pair.items():
                rates[on].append(CHUNKS * ROWS / wall)
    wall, cpu = statistics.median(walls), statistics.median(cpus)
    with_, without = (statistics.median(rates[on]) for on in (True, False))
    said = f"with metrics {with_:,.0f} records/s, without {without:,.0f}; overhead, median of {PAIRS} pairs: "
    sys.stdout.write(f"\n{said}wall {wall:+.1%}, CPU {cpu:+.1%}\n")
    assert wall < MOST  # on a machine that does nothing else: otherwise the wall clock wanders by more than this
    assert cpu < MOST
