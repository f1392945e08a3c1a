"""What counts as a stall, and what is only a pause."""

import threading

import pytest
from confluent_kafka import KafkaError, KafkaException

from cdc_consumer import metrics, watchdog
from cdc_consumer.group import Offsets, Place
from cdc_consumer.pulse import FRESH, LONG, Pulse
from cdc_consumer.watchdog import Look, Stall, Stalled

A, B = ("cdc.public.items", 0), ("cdc.public.users", 1)


def place(a, b=(7, 7)):
    """The worker with two partitions, each (committed, end)."""
    return Place(member=True, offsets={A: Offsets(*a), B: Offsets(*b)})


def counted(*places, excused=(), every=5.0, longest=10.0):
    """The seconds after looks at these places, one every 5 s; `excused` are the numbers of looks that an outage explains."""
    stall = Stall(longest)
    return [stall.add(Look(n * every, seen, n in excused)) for n, seen in enumerate(places)]


def test_lag_without_a_commit_is_a_stall():
    assert counted(place((3, 9)), place((3, 9)), place((3, 12))) == [0, 5, 10]


def test_a_commit_or_no_lag_begins_anew():
    assert counted(place((3, 9)), place((3, 9)), place((4, 12)), place((4, 12)), place((12, 12)), place((12, 20))) == [0, 5, 0, 5, 0, 0]


def test_one_partition_that_stands_still_is_a_stall_although_another_goes_on():
    assert counted(place((3, 9), (1, 50)), place((3, 9), (9, 50)), place((3, 9), (17, 50))) == [0, 5, 10]


def test_an_outage_counts_for_nothing_and_is_forgotten_with_the_next_commit():
    still = place((3, 9))
    assert counted(still, still, still, still, excused=(1, 2)) == [0, 0, 0, 5]
    assert counted(still, None, None, still, still) == [0, 0, 0, 5, 10]  # Kafka did not answer
    rebalancing = Place(member=None, offsets={})
    assert counted(still, still, rebalancing, still) == [0, 5, 5, 10]


def test_a_process_that_was_frozen_is_given_time_after_it_wakes():
    assert counted(place((3, 9)), place((3, 9)), every=600.0) == [0, 10]


def test_a_worker_that_fell_out_of_its_group_is_stalled_without_any_partition():
    outside = Place(member=False, offsets={})
    assert counted(outside, outside, outside, place((9, 9))) == [0, 5, 10, 0]


def test_nothing_to_do_is_no_stall():
    standby = Place(member=True, offsets={})
    assert counted(standby, standby, place((0, 0))) == [0, 0, 0]


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def paused(cause):
    return metrics.PAUSED.labels(cause)._value.get()


def test_a_wait_explains_itself_as_long_as_it_is_tried_again():
    clock = Clock()
    pulse = Pulse(clock)
    assert pulse.excuse() is None
    pulse.waits("items-0", "network")
    pulse.waits("items-1", "network")
    pulse.goes_on("items-0")
    assert (pulse.excuse(), paused("network")) == ("network", 1)
    clock.now += FRESH
    assert pulse.excuse() is None  # nobody tries any more: the event loop is stuck
    pulse.waits("items-1", "timeout")
    assert (pulse.excuse(), paused("network"), paused("timeout")) == ("timeout", 0, 1)
    pulse.goes_on("items-1")
    assert (pulse.excuse(), paused("timeout")) == (None, 0)


def test_work_is_long_after_a_while():
    clock = Clock()
    pulse = Pulse(clock)
    pulse.begins(1)
    assert not pulse.long_work()
    clock.now += LONG + 1
    pulse.begins(2)
    assert pulse.long_work()
    pulse.ends(1)
    assert not pulse.long_work()


class Views:
    """A group whose looks are given; ends the watch when they are used up."""

    def __init__(self, *looks):
        self.looks = list(looks)

    def look(self):
        if not self.looks:
            raise EOFError
        found = self.looks.pop(0)
        if isinstance(found, BaseException):
            raise found
        return found


def watched(looks, pulse=None, each=lambda: None):
    clock = Clock()

    def sleep(seconds):
        clock.now += seconds
        each()

    def die(error):
        raise error

    with pytest.raises((Stalled, EOFError)) as ended:
        watchdog.watch(Views(*looks), pulse or Pulse(clock), 60, die, clock=clock, sleep=sleep)
    return ended.value


def test_the_watch_ends_a_stalled_worker_and_says_what_stands_still():
    error = watched([place((3, 9))] * 14)
    assert isinstance(error, Stalled)
    assert "cdc.public.items-0 committed up to 3" in str(error)


def test_kafka_away_ends_nothing_and_shows():
    away = KafkaException(KafkaError(KafkaError._TRANSPORT))
    seen = []
    error = watched([place((3, 9)), *[away] * 100, place((3, 9))], each=lambda: seen.append(paused("kafka")))
    assert isinstance(error, EOFError)
    assert (max(seen), paused("kafka")) == (1, 0)


def test_a_long_fan_out_that_writes_ends_nothing():
    clock = Clock()
    pulse = Pulse(clock)
    pulse.begins(1)
    clock.now += LONG + 1
    documents = metrics.DOCUMENTS.labels("items_read")
    assert isinstance(watched([place((3, 9))] * 100, pulse, documents.inc), EOFError)
    assert isinstance(watched([place((3, 9))] * 100, pulse), Stalled)


def test_an_error_of_the_watch_itself_ends_the_worker():
    deaths = []
    ended = threading.Event()

    def die(error):
        deaths.append(error)
        ended.set()

    watchdog.start(Views(), Pulse(), 0.01, die)
    assert ended.wait(10)
    assert isinstance(deaths[0], EOFError)


def test_it_can_be_turned_off():
    watchdog.start(Views(), Pulse(), 0, lambda error: pytest.fail(str(error)))
    assert "watchdog" not in {thread.name for thread in threading.enumerate()}
