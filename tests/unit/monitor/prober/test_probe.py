"""One component's looks."""

import threading
from itertools import pairwise

import pytest

from monitor.prober import metrics
from monitor.prober.barrier import Barrier, Evidence
from monitor.prober.board import Board, Family
from monitor.prober.canaries import Canaries
from monitor.prober.lag import Offsets
from monitor.prober.metrics import BUCKETS
from monitor.prober.probe import Probe
from monitor.prober.track import Emission, Sighting
from tests.waiting import eventually

SIZE = Family("size", "text")


def value(name, **labels):
    return metrics.REGISTRY.get_sample_value(name, labels)


def test_a_component_that_stops_answering_is_down_and_its_values_age():
    answers, clock = [True], [0.0]

    def look():
        if not answers[0]:
            raise OSError("refused")
        return [SIZE.of(7)]

    board = Board(clock=lambda: clock[0])
    probe = Probe("thing", look, 3.0, "thing")
    probe.once(board)
    assert (value("cdc_probe_up", target="thing"), [s.value for s in board.fresh()]) == (1, [7])
    success, answers[0] = value("cdc_probe_last_success_timestamp_seconds", target="thing"), False
    probe.once(board)
    assert value("cdc_probe_up", target="thing") == 0
    assert value("cdc_probe_last_success_timestamp_seconds", target="thing") == success
    assert value("cdc_prober_errors_total", part="thing") == 1
    assert value("cdc_probe_seconds_count", target="thing") == 2
    clock[0] = 9.0
    assert board.fresh() == []
    answers[0] = True
    probe.once(board)
    assert value("cdc_probe_up", target="thing") == 1


def test_a_component_that_hangs_holds_up_nobody_else():
    stop, hang, board = threading.Event(), threading.Event(), Board()

    def hangs():
        hang.wait(30)
        return []

    looks = []

    def answers():
        looks.append(1)
        return []

    threads = [threading.Thread(target=Probe(name, look, 0.01).run, args=(board, stop)) for name, look in (("x", hangs), ("y", answers))]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: len(looks) > 5, seconds=10, what="looks of the other one")
    finally:
        stop.set()
        hang.set()
        for thread in threads:
            thread.join(10)


def test_buckets_are_fine_up_to_two_seconds_and_reach_half_an_hour():
    assert (BUCKETS[0], BUCKETS[-1]) == (0.005, 1800)
    assert all(higher / lower <= 1.25 for lower, higher in pairwise(BUCKETS) if higher <= 2)
    assert list(BUCKETS) == sorted(BUCKETS)


@pytest.fixture
def canaries():
    return Canaries((0, 5), lost_after=60)


def test_the_counters_of_the_canaries_are_there_before_anything_happens(canaries):
    assert value("cdc_canary_lost_total", canary="1") is not None
    assert value("cdc_canary_attempt_failed_total", canary="1", stage="answer") is not None


def test_canaries_are_counted_by_partition(canaries):
    def numbers():
        return [value(f"cdc_canary_{name}_total", canary="1") for name in ("emitted", "lost", "late", "duplicates", "reordered")]

    before = numbers()
    canaries.sent(5, Emission(1, 10.0, 0.0))
    canaries.sent(5, Emission(2, 11.0, 1.0))
    canaries.sent(5, Emission(3, 12.0, 2.0, acknowledged=False))
    canaries.overdue(60.5)
    canaries.sighted(5, Sighting(2, 11.0, "a", 61.0))
    canaries.sighted(5, Sighting(2, 11.0, "b", 61.5))
    canaries.sighted(5, Sighting(1, 10.0, "c", 62.0))
    assert [after - earlier for after, earlier in zip(numbers(), before, strict=True)] == [2, 1, 1, 1, 1]
    assert value("cdc_canary_last_emitted_timestamp_seconds", canary="1") == 11.0
    assert value("cdc_canary_last_applied_source_timestamp_seconds", canary="1") == 10.0, "what MongoDB shows, not what it once showed"
    assert not canaries.arrived(), "nothing of the other partition was seen"
    assert not canaries.applied_since(5.0)
    canaries.sighted(0, Sighting(9, 20.0, "d", 62.0))
    assert canaries.applied_since(9.0)
    assert not canaries.applied_since(10.0)


def test_the_barrier_waits_for_the_canaries_and_then_for_the_group():
    seen: list[bool] = [False]
    offsets: list[Offsets | None] = [None]
    barrier = Barrier(Evidence(lambda _: seen[0], lambda: offsets[0]))
    place = ("t", 0)
    offsets[0] = Offsets(asked=float("inf"), committed={place: 9}, ends={place: 9})
    assert not barrier.passed(), "nothing shows that Debezium has read that far"
    seen[0] = True
    offsets[0] = Offsets(asked=0.0, committed={place: 9}, ends={place: 9})
    assert not barrier.passed(), "these offsets are older than the canaries"
    offsets[0] = Offsets(asked=float("inf"), committed={place: 5}, ends={place: 9})
    assert not barrier.passed()
    offsets[0] = Offsets(asked=float("inf"), committed={place: 8}, ends={place: 20})
    assert not barrier.passed()
    offsets[0] = Offsets(asked=float("inf"), committed={place: 9}, ends={place: 30})
    assert barrier.passed()
