"""What readers see of records that are not applied yet.

Two threads meet here: the tail's, which sees records first, and the event loop's, which applies them in chunks. A record is told by its
topic, partition and offset. Nothing connects.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog

from cdc_consumer import metrics
from cdc_consumer.drafts.drafting import Drafts, Taken
from cdc_consumer.envelope import Change, Key, Record, Row, decode
from cdc_consumer.lanes import GATHER
from cdc_consumer.pace import CALM, ENOUGH, Pace
from cdc_consumer.readmodel.declare import Document

FEW: Final = 50  # records that come in one moment; of more nothing is shown...
MANY: Final = ENOUGH + FEW  # ...nor for a while of a partition whose chunks have more
SMALL: Final = 64 * 1024  # bytes of a record that is drafted: what the server may refuse for its size is not shown before
STUCK: Final = CALM + 2.0  # seconds that a record waits to be applied when something is wrong, and no more is to be shown...
LOST: Final = 60.0  # ...and after which it is taken for one that never comes, as of a topic that was made anew
LATE: Final = 0.3  # seconds that the tail may be behind the consumer: as long as a slow draft takes
COMPLETE: Final = 0.02  # seconds within which nearly all has come that belongs together
IDLE: Final = 0.2  # seconds after which to look for other partitions
REST: Final = 1.0  # seconds for which nothing is shown when something went wrong, or more came than a few
Partition = tuple[str, int]  # a topic and a number
Place = tuple[str, int, int]  # of a record: its partition and offset
log = structlog.get_logger()


@dataclass(slots=True)
class Seen:
    """What is to be done for records that came in one moment."""

    taken: Taken
    shown: Sequence[Change]  # what readers see when it is done
    at: float  # when they came, monotonic


class Board:
    """Keeps drafts of these documents."""

    def __init__(self, documents: Iterable[Document], clear: Callable[[str], bool], pace: Pace, decided: Callable[[], None]) -> None:
        """`clear` tells whether a topic is known to have no parked key: what waits behind one must not be shown.

        `decided` is told, in either thread, that chunks may have less `patience` than before.
        """
        self.drafts: Final = Drafts(tuple(documents))
        self._clear, self._pace, self._decided = clear, pace, decided
        self._lock = threading.Lock()
        self._next: dict[Partition, int] = {}  # the partitions, and the first offset of each that is not at work yet
        self._last: dict[Partition, int] = {}  # the last that was seen
        self._missed: dict[Partition, tuple[int, float]] = {}  # what was taken up before it was seen, and since when that is so
        self._waiting: dict[Place, float] = {}  # records that were seen and are not at work yet, since when
        self._whole: set[Place] = set()  # those of them that readers see
        self._partial: list[Place] = []  # those that readers see when what belongs to them has come
        self._begun: dict[int, list[Place]] = {}  # chunks at work, and what was seen of them
        self._rest = 0.0  # until when nothing is shown
        self._since = 0.0  # when something was seen first after that

    def follow(self, partitions: Iterable[Partition]) -> None:
        """These are this worker's from now on. What was seen and is not at work comes again, here or elsewhere."""
        with self._lock:
            self._next = dict.fromkeys(partitions, 0)
            self._last.clear()
            self._drop(list(self._waiting))
            self._blind()

    def partitions(self) -> frozenset[Partition]:
        """Those that are worth reading now."""
        if not self.drafts.tables or time.monotonic() < self._rest:
            return frozenset()
        with self._lock:
            return frozenset(self._next)

    def see(self, records: Sequence[Record]) -> Seen | None:
        """Records have come; what is to be written, if anything: by whoever asks, who may `withdraw` it."""
        now = time.monotonic()
        with self._lock:
            fresh = [record for record in records if self._is_new(record)]
            if not fresh or now < self._rest:
                return None
            if len(fresh) > FEW:
                self._pause("much comes", now)
                return None
            if self._waiting and now - next(iter(self._waiting.values())) > STUCK:
                self._drop([place for place, at in self._waiting.items() if now - at > LOST])
                self._pause("what was shown is not applied", now)
                return None
            try:
                changes = {_place(record): _changes(record) for record in fresh if self._may(record)}
                self._waiting.update(dict.fromkeys(changes, now))
                taken = self.drafts.take(changes, now, time.time_ns() // 1_000_000)
            except Exception as error:  # noqa: BLE001 - not understood, or not to be shown: it is parked when it is applied
                self._stop(error, now)
                return None
            self._whole |= taken.whole
            self._since = self._since or now
            self._pace.calm(len(self._waiting))
            self._partial = [place for place in (*self._partial, *changes) if self.drafts.awaits(place)]
            if len(taken.whole & changes.keys()) + sum(place in changes for place in self._partial) < len(fresh):
                self._pace.hurry()
            shown = [change for place in changes.keys() & taken.whole for change in changes[place]]
        return Seen(taken, shown, now) if taken.writes or taken.missing else None

    def look(self) -> float:
        """Do not wait longer for what belongs to a record than it mostly takes; the seconds after which to look again."""
        now = time.monotonic()
        with self._lock:
            self._check(now)
            if not self._partial:
                return IDLE
            if (left := self._waiting.get(self._partial[0], 0.0) + COMPLETE - now) > 0:
                return left
            self._partial.clear()
        self._pace.hurry()
        return IDLE

    def _is_new(self, record: Record) -> bool:
        partition = record.topic, record.partition
        first = self._next.get(partition)
        if first is None:
            return False
        self._last[partition] = record.offset
        return record.offset >= first and _place(record) not in self._waiting

    def _may(self, record: Record) -> bool:
        return len(record.value or b"") <= SMALL and self._clear(record.topic)

    def complete(self, taken: Taken, rows: Iterable[tuple[str, Key, Row]]) -> None:
        """Rows that nothing was known of are these (with table and key): add the writes that waited for them."""
        now = time.monotonic()
        with self._lock:
            for table, key, row in rows:
                self.drafts.known.add(table, key, row, now)
            places, taken.incomplete = taken.incomplete, []
            for place in places:
                self.drafts.write(place, taken, now)

    def withdraw(self, seen: Seen) -> None:
        """Readers do not see all of it after all."""
        with self._lock:
            self._whole -= seen.taken.whole
        self._pace.hurry()
        self._decided()

    def stop(self, error: Exception) -> None:
        """Something went wrong: show nothing for a while, and what is shown already is not added to."""
        with self._lock:
            self._stop(error, time.monotonic())

    def _stop(self, error: Exception, now: float) -> None:
        metrics.DRAFTS.labels("failed").inc()
        self._pause(f"{type(error).__name__}: {error}"[:300], now)

    def _pause(self, cause: str, now: float) -> None:
        if now >= self._rest:
            log.info("drafts_rest", cause=cause, seconds=REST)
            self.drafts.forget()
            self._whole.clear()
            self._blind()
            self._decided()
        self._rest = now + REST

    def _blind(self) -> None:
        self._missed.clear()
        self._since = 0.0
        self._pace.rush()

    def begin(self, messages: Iterable[Any]) -> None:
        """These chunks are being applied, or dropped."""
        if not self.drafts.tables:
            return
        now = time.monotonic()
        with self._lock:
            for message in messages:
                if message.tp in self._next:
                    self._next[message.tp] = message.offset + 1
                    if len(message.value) > MANY:
                        self._pause("much comes", now)
                    elif self._since and _fetched(message) > self._since and message.offset > self._last.get(message.tp, -1):
                        self._missed.setdefault(tuple(message.tp), (message.offset, now))
                # Also what lies before it: of what Kafka has deleted before it was fetched.
                self._begun[id(message)] = places = [
                    place for place in self._waiting if place[:2] == message.tp and place[2] <= message.offset
                ]
                self._begin(places)
            self._check(now)

    def _check(self, now: float) -> None:
        """Have the tail begin anew when it does not see what there is."""
        for partition, (offset, since) in list(self._missed.items()):
            if self._last.get(partition, -1) >= offset:
                del self._missed[partition]
            elif now - since > LATE:
                self._pause("the tail is late", now)
                return

    def _drop(self, places: Sequence[Place]) -> None:
        self._begin(places)
        for place in places:
            self.drafts.end(place)

    def _begin(self, places: Iterable[Place]) -> None:
        for place in places:
            del self._waiting[place]
            self._whole.discard(place)
            self.drafts.begin(place)

    def end(self, messages: Iterable[Any]) -> None:
        """They are applied, or dropped."""
        with self._lock:
            for message in messages:
                for place in self._begun.pop(id(message), ()):
                    self.drafts.end(place)

    def patience(self, message: Any) -> float:
        """Seconds after it was fetched for which a chunk may wait for others before it is applied."""
        since = self._shown_since(message)
        if since is None:
            return GATHER
        return max(COMPLETE, min(since) + self._pace.between - _fetched(message))

    def rests(self, message: Any) -> float:
        """Seconds for which it must wait: what belongs to it is not shown any more once it is at work."""
        since = self._shown_since(message)
        return max(since) + COMPLETE - time.monotonic() if since else 0.0

    def _shown_since(self, message: Any) -> list[float] | None:
        """Since when readers see each of its records, or will when what belongs to it has come; None when that is not so of all."""
        if len(message.value) > MANY:
            return None
        since = []
        for place in _places(message):
            at = self._waiting.get(place)
            if at is None or not (place in self._whole or self.drafts.awaits(place)):
                return None
            since.append(at)
        return since


def _changes(record: Record) -> list[Change]:
    change = decode(record)
    return [change] if change else []


def _place(record: Record) -> Place:
    return record.topic, record.partition, record.offset


def _places(message: Any) -> Iterable[Place]:
    topic, partition = message.tp
    return ((topic, partition, record.offset) for record in message.value)


def _fetched(message: Any) -> float:
    """When a chunk came from Kafka, monotonic."""
    return float(message.timestamp) + time.monotonic() - time.time()
