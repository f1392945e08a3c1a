"""What is counted of an applied chunk, and the histogram that takes a chunk at once."""

import random
import time

import pytest
from prometheus_client import REGISTRY, CollectorRegistry, Histogram, generate_latest

from cdc_consumer import lag, metrics
from cdc_consumer.envelope import decode
from cdc_consumer.histograms import BulkHistogram
from tests.events import record

COMMIT, CAPTURED = 1_760_000_000_000, 1_760_000_000_100  # as tests.events writes them


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Applied 1 s after the commit."""
    metrics.declare(["items"])
    monkeypatch.setattr(time, "time", lambda: COMMIT / 1000 + 1.0)


def value(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0.0


def seconds(hop, table="items"):
    return value("cdc_hop_seconds_sum", hop=hop, table=table), value("cdc_hop_seconds_count", hop=hop, table=table)


def applied(op="c", table="items", stored=CAPTURED + 50, **more):
    found = record(table, op, key={"id": 1}, after={"id": 1}, **more)
    found.timestamp = stored
    return found, decode(found)


@pytest.fixture
def moved():
    """What each hop gained since the test began: (seconds, records)."""
    before = {hop: seconds(hop) for hop in metrics.HOPS}
    return lambda hop: tuple(round(now - then, 6) for now, then in zip(seconds(hop), before[hop], strict=True))


def test_the_hops_add_up_to_the_whole_way(moved):
    whole = value("cdc_end_to_end_seconds_sum", table="items")
    lag.observe([applied()] * 3, fetched=COMMIT / 1000 + 0.4)
    assert moved("commit_to_connect") == (0.3, 3)
    assert moved("connect_to_kafka") == (0.15, 3)
    assert moved("kafka_to_worker") == (0.75, 3)
    assert moved("worker_to_mongo") == (1.8, 3)
    assert value("cdc_end_to_end_seconds_sum", table="items") - whole == pytest.approx(3.0)


@pytest.mark.parametrize("snapshot", ["true", "incremental"])
def test_snapshot_rows_are_counted_and_have_no_lag(moved, snapshot):
    before = value("cdc_records_total", table="items", op="r")
    lag.observe([applied("r", snapshot=snapshot)], fetched=COMMIT / 1000 + 0.4)
    assert value("cdc_records_total", table="items", op="r") == before + 1
    assert all(moved(hop) == (0, 0) for hop in metrics.HOPS)


def test_a_negative_time_is_clock_skew_and_no_lag(moved):
    before = value("cdc_clock_skew_events_total", hop="connect_to_kafka")
    lag.observe([applied(stored=CAPTURED - 7), applied()], fetched=COMMIT / 1000 + 0.4)
    assert value("cdc_clock_skew_events_total", hop="connect_to_kafka") == before + 1
    assert moved("connect_to_kafka") == (0.05, 1)
    assert moved("commit_to_connect") == (0.2, 2)


def test_a_time_that_is_not_known_is_left_out(moved):
    lag.observe([applied(stored=0)], fetched=COMMIT / 1000 + 0.4)
    assert moved("connect_to_kafka") == moved("kafka_to_worker") == (0, 0)
    assert moved("commit_to_connect")[1] == 1


def test_a_table_that_nothing_declares_is_no_label():
    before = value("cdc_records_total", table="other", op="c")
    lag.observe([applied(table="evil_9231")], fetched=COMMIT / 1000 + 0.4)
    assert value("cdc_records_total", table="other", op="c") == before + 1
    assert b"evil_9231" not in generate_latest()


def test_a_bulk_histogram_says_what_prometheus_own_says():
    registry = CollectorRegistry()
    ours = BulkHistogram("ours", "x", ["table"], metrics.SECONDS, registry)
    theirs = Histogram("theirs", "x", ["table"], buckets=metrics.SECONDS, registry=registry)
    draw = random.Random(5)
    for _ in range(20):
        values = sorted(draw.choice([0, 5, 10, draw.randrange(2_000_000)]) for _ in range(draw.randrange(50)))
        ours.add(("items",), values)
        for one in values:
            theirs.labels("items").observe(one / 1000)
    text = generate_latest(registry).decode()

    def samples(name):
        lines = (line.partition(" ") for line in text.splitlines() if line.startswith((f"{name}_b", f"{name}_c", f"{name}_s")))
        return {key.removeprefix(name): round(float(number), 6) for key, _, number in lines if "_created" not in key}

    assert samples("ours") == samples("theirs")
    assert len(samples("ours")) == len(metrics.SECONDS) + 3
