"""Ends a worker that has stopped without knowing it: there is lag, nothing is committed, and nothing outside explains that.

Faust and aiokafka have silent stalls (no fetch after the death of a coordinator, a commit that never returns, a shutdown that hangs; shared
reference, pipeline.md 1.5). A thread asks Kafka for the group's committed offsets and the ends of the worker's partitions, so a blocked
event loop is noticed too. The supervisor starts the worker again; what was not committed is read again.

An outage is a pause, not a stall. No time is counted while Kafka does not answer, while a chunk is tried again for a cause that passes by
itself (`Pulse.excuse`), and while a long fan-out goes on writing documents.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from confluent_kafka import KafkaException

from cdc_consumer import metrics
from cdc_consumer.group import Partition, Place
from cdc_consumer.pulse import Pulse

log = structlog.get_logger()
KAFKA: Final = "kafka"  # the cause of a pause while Kafka does not answer
OUTSIDE: Final = ("", -1)  # in the place of a partition: the worker is no member of its group


class View(Protocol):
    """Kafka's view of the worker: `group.Group`."""

    def look(self) -> Place:
        """Where the worker stands. Raises KafkaException when Kafka does not say."""


class Stalled(Exception):  # noqa: N818 - says what happened
    """The worker does not go on and nothing explains it."""


@dataclass(frozen=True)
class Look:
    """What is seen at one moment. `at` in seconds, of any clock; `place` is None when Kafka does not answer."""

    at: float
    place: Place | None
    excused: bool


class Stall:
    """Counts for each partition the seconds with lag and without progress that nothing explains. Pure."""

    def __init__(self, longest: float) -> None:
        """At most `longest` seconds are counted from one look to the next: the process itself may have been frozen between them."""
        self._longest = longest
        self._before: Look | None = None
        self._committed: dict[Partition, int] = {}
        self.seconds: dict[Partition, float] = {}

    def add(self, look: Look) -> float:
        """Take a look into account; returns the seconds of the partition that stands still for longest."""
        passed = min(self._longest, look.at - self._before.at) if self._before else 0.0
        self._before = look
        if look.place is None or look.place.member is None:
            return max(self.seconds.values(), default=0.0)
        counted = 0.0 if look.excused else passed
        standing = {tp: offsets.committed for tp, offsets in look.place.offsets.items() if offsets.lag}
        if not look.place.member:
            standing[OUTSIDE] = 0
        self.seconds = {
            tp: self.seconds.get(tp, 0.0) + counted if self._committed.get(tp) == committed else 0.0 for tp, committed in standing.items()
        }
        self._committed = standing
        return max(self.seconds.values(), default=0.0)

    def worst(self) -> str:
        """Says what stands still."""
        tp = max(self.seconds, key=lambda one: self.seconds[one])
        topic, partition = tp
        what = "not in its consumer group" if tp == OUTSIDE else f"{topic}-{partition} committed up to {self._committed[tp]} and not on"
        return f"{what} for {self.seconds[tp]:.0f} s although Kafka answers and no retry is under way"


def watch(
    group: View,
    pulse: Pulse,
    limit: float,
    die: Callable[[BaseException], object],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Look for ever; gives Stalled to `die` after `limit` seconds."""
    interval = min(5.0, limit / 10)
    stall, written = Stall(2 * interval), 0.0
    while True:
        sleep(interval)
        place = _look(group, pulse)
        documents = metrics.total(metrics.DOCUMENTS)
        busy, written = pulse.long_work() and documents > written, documents
        seconds = stall.add(Look(clock(), place, excused=busy or pulse.excuse() is not None))
        metrics.STALLED.set(seconds)
        if seconds >= limit:
            die(Stalled(f"{stall.worst()}; the supervisor starts the worker again and it reads on from there"))


def _look(group: View, pulse: Pulse) -> Place | None:
    try:
        place = group.look()
    except KafkaException as error:
        if pulse.excuse() != KAFKA:
            log.warning("watchdog_cannot_see_kafka", error=str(error)[:300])
        pulse.waits(KAFKA, KAFKA)
        return None
    pulse.goes_on(KAFKA)
    return place


def start(group: View, pulse: Pulse, limit: float, die: Callable[[BaseException], object]) -> None:
    """Watch on a thread of its own; with `limit` 0 not at all. Whatever ends the thread ends the process: unwatched is not well."""
    if limit <= 0:
        return

    def run() -> None:
        try:
            watch(group, pulse, limit, die)
        except BaseException as error:  # noqa: BLE001
            die(error)

    threading.Thread(target=run, name="watchdog", daemon=True).start()
