"""How long after a write is due a reader of MongoDB sees it, joined where the sink joins.

Writes come in an open loop, half of them new items with two tags, half updates; a change stream on the sink's collection, the same
for all, tells what has become readable. The time counts from when a write was due, so Postgres' commit and any queueing are in it.

Of a peer, which does not join, that is the item's own row. What a reader needs who joins is measured in runs of their own, on a change
stream of the whole database: the moment at which the rows of both tags are there too.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any, Final

from pymongo.errors import PyMongoError

from bench.load import TAGS_EACH, Base, OpenLoop, Write, base, schedule
from bench.measure import START_SECONDS, Bench, NotAppliedError
from bench.sink import Sink
from bench.tape import Tape, empty
from bench.views import Joined

WARM_SECONDS: Final = 3.0  # at the same rate, not counted
LATE: Final = 30.0  # seconds for the last writes to arrive
_ids: Final = iter(range(10_000_000, 2_000_000_000, 1_000_000))


@dataclass(frozen=True)
class Latency:
    """Milliseconds from due to readable, and what it cost."""

    sink: str
    rate: int
    count: int
    p50: float
    p99: float
    worst: float
    cpu: Mapping[str, float]
    whole: bool = False  # of a peer: until every row of a write is there


@dataclass
class Watcher:
    """Notes when each expected item becomes readable; `error` says why it does not look any more."""

    sink: Sink
    whole: bool = False  # look at all collections, for every row of a write
    error: str = ""
    seen: dict[str, float] = field(default_factory=dict)  # title: monotonic moment
    ready: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)
    _titles: dict[int, str] = field(default_factory=dict)  # of new items
    _parts: dict[str, set[int]] = field(default_factory=dict)  # what is there of each: its tags, and 0 for itself

    def expect(self, writes: Iterable[Write]) -> None:
        """To be called before they are made."""
        self._titles.update((write.id, write.title) for write in writes if write.insert)

    def follow(self, database: Any, collection: str) -> None:
        """Follow a collection, or all, until `stopped`. A sink that sends only what changed is seen as one that sends documents."""
        source = database if self.whole else database[collection]
        try:
            with source.watch(full_document="updateLookup", max_await_time_ms=200) as stream:
                self.ready.set()
                while not self.stopped.is_set():
                    if event := stream.try_next():
                        self._note(event.get("fullDocument") or {}, joined=isinstance(self.sink.view, Joined))
        except PyMongoError as error:
            self.error = f"the change stream ended: {error}"

    def _note(self, document: Mapping[str, Any], *, joined: bool) -> None:
        if self.whole:
            self._count(document)
        elif complete(document, joined=joined):
            self.seen.setdefault(document["title"], time.monotonic())

    def _count(self, document: Mapping[str, Any]) -> None:
        key = document.get("_id")
        row = {**document, **key} if isinstance(key, Mapping) else document  # the peers' documents have their key in `_id` alone
        title = row.get("title") or self._titles.get(row.get("item_id", 0))
        if title is None:
            return
        parts = self._parts.setdefault(title, set())
        parts.add(row.get("tag_id", 0))
        changed = self._titles.get(row.get("item_id", row.get("id", 0))) != title  # an item that was there: its row is all of the write
        if changed or len(parts) > TAGS_EACH:
            self.seen.setdefault(title, time.monotonic())


def complete(document: Mapping[str, Any], *, joined: bool) -> bool:
    """Whether a reader would find all that belongs to the write: of a joined document also its owner's name and its tags'."""
    if "title" not in document:
        return False
    owner, tags = document.get("owner") or {}, document.get("tags") or ()
    return not joined or bool("name" in owner and len(tags) == TAGS_EACH and all("name" in tag for tag in tags))


def live(bench: Bench) -> Tape:
    """The topics that capture writes to."""
    return Tape(bench.place.stack.env["CDC_TOPIC_PREFIX"], empty())


def start_at_end(bench: Bench, sink: Sink, database: str) -> str:
    """Start a sink on the live topics, so that it reads what comes from now on; answers its group."""
    tape, label = live(bench), f"{sink.name}-{uuid.uuid4().hex[:8]}"
    for group in (label, f"connect-{label}"):
        bench.topics.commit_ends(group, tape.prefix)
    group = sink.start(tape, database, label)
    bench.topics.await_assigned(group, START_SECONDS)
    return group


def measure(bench: Bench, sink: Sink, rate: int, seconds: float, *, whole: bool = False) -> Latency:
    """Write at this rate and watch, of a peer for the item's row or the `whole` write. Raises NotAppliedError if writes do not arrive."""
    database = f"latency_{sink.name}"
    bench.drop(database)
    first = next(_ids)
    dsn = bench.place.stack.env["VERIFY_POSTGRES_DSN"]
    place = sink.view.place(live(bench).prefix, "items", first)
    watcher = Watcher(sink, whole)
    thread = threading.Thread(target=watcher.follow, args=(bench.mongo[database], place[0] if place else ""), name="watcher")
    try:
        start_at_end(bench, sink, database)
        thread.start()
        watcher.ready.wait(10)
        loop = OpenLoop(dsn, base(dsn, f"latency {first} "))
        counted, cpu = _write(bench, watcher, loop, (first, rate, seconds))
    finally:
        watcher.stopped.set()
        sink.stop()
        if thread.is_alive():
            thread.join(10)
        bench.drop(database)
    took = sorted((watcher.seen[write.title] - write.due) * 1000 for write in counted)
    cuts = quantiles(took, n=100, method="inclusive")
    return Latency(sink.name, rate, len(took), round(cuts[49], 1), round(cuts[98], 1), round(took[-1], 1), cpu, whole)


def _write(bench: Bench, watcher: Watcher, loop: OpenLoop, what: tuple[int, int, float]) -> tuple[list[Write], Mapping[str, float]]:
    """Make the writes: `what` is the first id, the rate and the seconds. The writes that count, and what they cost."""
    first, rate, seconds = what
    count, warm = int(rate * seconds), int(rate * WARM_SECONDS)
    old = schedule(first, count // 2, 500, time.monotonic())  # what the updates will change
    watcher.expect(old)
    loop.run(old)
    _arrive(watcher, loop, old)
    loop.run(schedule(first + 250_000, warm, rate, time.monotonic()))
    meter = bench.meter(watcher.sink)
    writes = schedule(first + 500_000, count, rate, time.monotonic() + 0.1, old=[write.id for write in old])
    watcher.expect(writes)
    loop.run(writes)
    _arrive(watcher, loop, writes)
    return writes, meter.seconds()


def _arrive(watcher: Watcher, loop: OpenLoop, writes: list[Write]) -> None:
    end, sink = time.monotonic() + LATE, watcher.sink
    while missing := [write for write in writes if write.title not in watcher.seen]:
        if loop.failed:
            raise NotAppliedError(f"{len(loop.failed)} writes failed in Postgres: {loop.failed[0]}")
        if watcher.error or time.monotonic() > end:
            why = watcher.error or f"not readable after {LATE:.0f} s; the sink is {sink.state()}"
            raise NotAppliedError(f"{sink.title}: {len(missing)} of {len(writes)} writes missing, as {missing[0]}: {why}")
        time.sleep(0.05)


def base_of(bench: Bench, label: str) -> Base:
    """Users and tags for other open loops."""
    return base(bench.place.stack.env["VERIFY_POSTGRES_DSN"], label)
