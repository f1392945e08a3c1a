"""How many records the worker's group has not acknowledged, asked of Kafka: what the worker itself says dies with the worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from monitor.prober.board import Family, Sample
from monitor.prober.kafka import Kafka, Place

LAG: Final = Family("cdc_consumer_lag_records", "Records that the group has not acknowledged", ("topic", "partition"))
MEMBERS: Final = Family("cdc_consumer_group_members", "Members of the worker's group")


@dataclass(frozen=True)
class Offsets:
    """One look; `asked` is the monotonic time at which it began."""

    asked: float
    committed: Mapping[Place, int]
    """Where a group without a committed offset would begin, else the committed one."""
    ends: Mapping[Place, int]

    def reached(self, goal: Mapping[Place, int]) -> bool:
        """Whether everything before these offsets is acknowledged."""
        return all(self.committed.get(place, -1) >= end for place, end in goal.items())

    def samples(self) -> Iterator[Sample]:
        """The lag of each partition."""
        for (topic, partition), end in sorted(self.ends.items()):
            yield LAG.of(max(end - self.committed[topic, partition], 0), topic, str(partition))


@dataclass
class LagProbe:
    """Keeps its last look for `barrier`."""

    kafka: Kafka
    topics: Sequence[str]
    _last: Offsets | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def last(self) -> Offsets | None:
        """The last look that succeeded."""
        with self._lock:
            return self._last

    def look(self) -> list[Sample]:
        """Raises KafkaException or TimeoutError."""
        try:
            return self._look()
        except Exception:
            self.kafka.renew()
            raise

    def _look(self) -> list[Sample]:
        asked = time.monotonic()
        places = self.kafka.partitions(self.topics)
        # The commits first: what is read afterwards can only be further, so that no lag is ever too small.
        committed = self.kafka.committed(places)
        begin = self.kafka.first([place for place in places if place not in committed])
        offsets = Offsets(asked, {**begin, **committed}, self.kafka.ends(places))
        with self._lock:
            self._last = offsets
        return [*offsets.samples(), MEMBERS.of(self.kafka.members())]
