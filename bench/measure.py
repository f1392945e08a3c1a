"""One sink applies one tape: how long that takes, and what it costs.

The clock begins when the sink's consumer group has its partitions, so that the first record can be consumed, and ends when for every
partition the row of its last record is in MongoDB as it must be. Starting (of a process, a connector, a group) is measured apart. Then,
off the clock, every document is compared with what the records say.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pymongo import MongoClient

from bench.place import Place
from bench.sink import Sink
from bench.tape import Tape
from bench.topics import Topics
from bench.usage import Meter, peak_mb
from bench.views import Content, differences

START_SECONDS: Final = 120.0
LONGEST: Final = 60.0  # seconds, and another for each 1,000 records
POLL: Final = 0.01  # seconds between two looks at MongoDB; each costs it a look-up by key for each partition
LOOK_AT_SINK: Final = 2.0

Mongo = MongoClient[dict[str, Any]]


class NotAppliedError(Exception):
    """A sink failed, or MongoDB does not hold what it must."""


@dataclass(frozen=True)
class Run:
    """What one run took: seconds, records, processor seconds by process (sink, mongod, kafka), and the sink's peak memory."""

    sink: str
    phase: str
    records: int
    seconds: float
    start_seconds: float
    cpu: Mapping[str, float]
    peak_mb: float

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.seconds


class Bench:
    """What measuring needs: the stack, its topics and its MongoDB."""

    def __init__(self, place: Place, topics: Topics) -> None:
        self.place = place
        self.topics = topics
        self.mongo: Mongo = MongoClient(place.stack.env["CDC_MONGO_URI"], tz_aware=True)

    def settle(self) -> None:
        """Have mongod write down what earlier runs left, so that it does not do it during the next."""
        self.mongo.admin.command("fsync")
        time.sleep(0.5)

    def drop(self, database: str) -> None:
        """Forget a database."""
        self.mongo.drop_database(database)
        self.settle()

    def meter(self, sink: Sink) -> Meter:
        """Counts from now."""
        return Meter({"sink": sink.pid(), "mongod": self.place.pid("mongo"), "kafka": self.place.pid("kafka")})

    def run(self, sink: Sink, tape: Tape, database: str, begin: Callable[[], object] = lambda: None) -> Run:
        """Let a sink apply a tape. Raises NotAppliedError, TimeoutError. The sink is stopped in any case.

        `begin` is called as soon as the clock runs: it has the records come that are not there yet.
        """
        label = f"{sink.name}-{uuid.uuid4().hex[:8]}"
        asked = time.perf_counter()
        try:
            group = sink.start(tape, database, label)
            began = self.topics.await_assigned(group, START_SECONDS)
            meter = self.meter(sink)
            begin()
            self._await(sink, tape, database)
            seconds, cpu, peak = time.perf_counter() - began, meter.seconds(), peak_mb(sink.pid())
            self._verify(sink, tape, database)
        finally:
            sink.stop()
        return Run(sink.name, tape.prefix.removeprefix("bench-"), tape.records, seconds, began - asked, cpu, peak)

    def _await(self, sink: Sink, tape: Tape, database: str) -> None:
        db = self.mongo[database]
        waiting: dict[str, list[tuple[Any, str, Any]]] = {}
        for table, key in tape.probes():
            if place := sink.view.place(tape.prefix, table, key):
                waiting.setdefault(place[0], []).append((place[1], table, key))
        longest = LONGEST + tape.records / 1000
        end, look = time.perf_counter() + longest, time.perf_counter() + LOOK_AT_SINK
        for collection, rows in waiting.items():
            left = rows
            while left:
                found = {repr(d["_id"]): d for d in db[collection].find({"_id": {"$in": [row[0] for row in left]}})}
                left = [row for row in left if not sink.view.shows(found.get(repr(row[0])), row[1], row[2], tape.state)]
                now = time.perf_counter()
                if now > look:
                    look = now + LOOK_AT_SINK
                    if (state := sink.state()) not in ("RUNNING", "STARTING"):
                        raise NotAppliedError(f"{sink.title} is {state}")
                if now > end:
                    raise NotAppliedError(f"{sink.title} has not applied {left[:3]} after {longest:.0f} s")
                if left:
                    time.sleep(POLL)

    def _verify(self, sink: Sink, tape: Tape, database: str) -> None:
        wanted: Content = sink.view.wanted(tape.prefix, tape.state)
        for _ in range(20):  # others of the last bulk may be written a moment after the one that was looked for
            wrong = differences(wanted, {name: self.mongo[database][name].find() for name in wanted}, sink.view)
            if not wrong:
                return
            time.sleep(0.2)
        raise NotAppliedError(
            f"{sink.title} after {tape.prefix}: {len(wrong)} documents are not what the records say: {'; '.join(wrong[:3])}"
        )
