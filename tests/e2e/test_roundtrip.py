"""The prober's roundtrip against measurements that share no code with it: what it tells must be what a client would see.

Two of them, both by a tight loop of reads from MongoDB. `same rows`: the prober's own canaries, from the time that stands in the row.
`other rows`: an open-loop writer of this test's own, on other rows of the same table, in all partitions.
"""

import datetime as dt
import statistics
import threading
import time
from dataclasses import dataclass, field

import psycopg
import pytest

from monitor.prober.partition import canary_ids
from monitor.watch.scrape import fetch, parse, quantile
from stack.probes import mongo_client
from tests.asked import number
from tests.waiting import eventually

SECONDS = number("ROUNDTRIP_SECONDS", 180, least=1)
EVERY = 0.05
"""Seconds between two rows of the writer."""
IDS = range(20_000, 20_016)
UPSERT = """INSERT INTO cdc_canary (id, seq, emitted_at) VALUES (%s, %s, %s)
    ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, emitted_at = excluded.emitted_at"""
HISTOGRAM = "cdc_canary_roundtrip_seconds"


@dataclass
class Measured:
    """Seconds of each row, and what is on its way: (id, number) -> when it was sent."""

    other: list[float] = field(default_factory=list)
    same: list[float] = field(default_factory=list)
    sent: dict[tuple[int, int], float] = field(default_factory=dict)
    written: int = 0


def write(dsn, measured, end):
    """An open loop: a row is due when it is due, however long the one before took."""
    with psycopg.connect(dsn, autocommit=True, connect_timeout=5) as connection:
        due = time.monotonic()
        while due < end:
            time.sleep(max(due - time.monotonic(), 0))
            number = measured.written
            key = IDS[number % len(IDS)]
            measured.sent[key, number] = time.monotonic()
            connection.execute(UPSERT, (key, number, dt.datetime.now(dt.UTC)))
            measured.written, due = number + 1, due + EVERY


def read(collection, measured, end):
    """Asks again and again, without a pause, until all of the writer's rows are there."""
    own, seen = set(canary_ids(4)), {document["_id"]: document["seq"] for document in collection.find()}
    while time.monotonic() < end + 30 and (time.monotonic() < end or measured.sent):
        found = list(collection.find())
        at, wall = time.monotonic(), time.time()
        for document in found:
            row, number = document["_id"], document["seq"]
            if seen.get(row) == number:
                continue
            seen[row] = number
            if row in own:
                measured.same.append(wall - document["emitted_at"].replace(tzinfo=dt.UTC).timestamp())
            for key in [key for key in list(measured.sent) if key[0] == row and key[1] <= number]:
                measured.other.append(at - measured.sent.pop(key))


def told(stack):
    return parse(fetch(f"http://127.0.0.1:{stack.env['PROBER_METRICS_PORT']}/metrics"), time.time()).buckets(HISTOGRAM)


def quantiles(values):
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {50: cuts[49], 90: cuts[89], 99: cuts[98]}


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_prober_tells_what_a_client_would_see(stack):
    with mongo_client(stack.env["CDC_MONGO_URI"]) as client:
        collection, measured = client[stack.env["CDC_MONGO_DB"]].canary_read, Measured()
        eventually(lambda: told(stack).get(float("inf"), 0) > 40, seconds=60, what="a warm pipeline")
        before, end = told(stack), time.monotonic() + SECONDS
        threads = [
            threading.Thread(target=write, args=(stack.env["VERIFY_POSTGRES_DSN"], measured, end)),
            threading.Thread(target=read, args=(collection, measured, end)),
        ]
        for thread in threads:
            thread.start()
        while time.monotonic() < end:
            time.sleep(0.5)
        after = told(stack)
        for thread in threads:
            thread.join(60)
    prober = {q: quantile(q / 100, after, before) or 0.0 for q in (50, 90, 99)}
    same, other = quantiles(measured.same), quantiles(measured.other)
    count = after[float("inf")] - before.get(float("inf"), 0)
    for q in (50, 90, 99):
        print(f"p{q}: prober {prober[q] * 1000:.1f} ms, same rows {same[q] * 1000:.1f} ms, other rows {other[q] * 1000:.1f} ms")  # noqa: T201 - the result
    print(f"{count:.0f} rows of the prober, {len(measured.same)} of them seen here, {len(measured.other)} other rows")  # noqa: T201
    assert not measured.sent
    assert abs(count - len(measured.same)) <= 0.02 * count + 4
    assert all(abs(prober[q] / same[q] - 1) <= 0.2 for q in (50, 90, 99)), (prober, same)
    assert abs(prober[50] / other[50] - 1) <= 0.3, (prober, other)
