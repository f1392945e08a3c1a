"""The same outage for each of the sinks: mongod killed for a while under writes, then what was lost, and who recovered alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pymongo.errors import PyMongoError

from bench.connector import Connector
from bench.latency import base_of, live, start_at_end
from bench.load import OpenLoop, Write, schedule
from bench.measure import Bench
from bench.sink import Sink

RATE: Final = 400
BEFORE, AWAY, AFTER = 15.0, 45.0, 60.0
FRESH: Final = 2.0  # seconds: a sink that shows writes of this age follows again
PATIENCE: Final = 60.0  # seconds after the last write
STILL: Final = 10.0  # seconds in which nothing more arrives
HELP: Final = 60.0  # seconds for a restart by hand
_FIRST: Final = 3_000_000_000


@dataclass(frozen=True)
class Outcome:
    """What became of one sink. `recovered` in seconds after mongod served again, None: not without help."""

    title: str
    committed: int
    followed: bool
    """Whether it was fresh when mongod was killed."""
    recovered: float | None
    state: str
    missing: int
    missing_after_help: int | None


def run(bench: Bench, sinks: Sequence[Sink], say: Callable[[str], None], scale: float = 1.0) -> list[Outcome]:
    """Kill mongod under load, once with each of these sinks running."""
    return [_outage(bench, sink, say, AWAY * scale, number) for number, sink in enumerate(sinks)]


def _outage(bench: Bench, sink: Sink, say: Callable[[str], None], away: float, number: int) -> Outcome:
    bench.drop(_database(sink))
    try:
        start_at_end(bench, sink, _database(sink))
        dsn = bench.place.stack.env["VERIFY_POSTGRES_DSN"]
        loop = OpenLoop(dsn, base_of(bench, f"outage {sink.name} "))
        count = int(RATE * (BEFORE + away + AFTER))
        writes = schedule(_FIRST + number * 1_000_000, count, RATE, time.monotonic() + 1)
        writer = threading.Thread(target=loop.run, args=(writes,), name="load")
        writer.start()
        time.sleep(BEFORE)
        followed = _fresh(bench, sink, loop)
        say(f"{sink.title}: {'fresh' if followed else 'BEHIND'}; kill -9 mongod for {away:.0f} s under {RATE} writes/s")
        bench.place.stack.supervisor.kill_program("mongo")
        time.sleep(away)
        bench.place.start("mongo")
        _await_primary(bench)
        say("  mongod serves again")
        recovered = _recovery(bench, sink, loop, writer, time.monotonic())
        writer.join()
        return _outcome(bench, sink, loop, (followed, recovered), say)
    finally:
        sink.stop()
        bench.drop(_database(sink))


def _recovery(bench: Bench, sink: Sink, loop: OpenLoop, writer: threading.Thread, served: float) -> float | None:
    end = served + AFTER + PATIENCE
    while time.monotonic() < end and (writer.is_alive() or not sink.state().startswith("FAILED")):
        if _fresh(bench, sink, loop):
            return round(time.monotonic() - served, 1)
        time.sleep(0.25)
    return None


def _fresh(bench: Bench, sink: Sink, loop: OpenLoop) -> bool:
    """Whether it shows what was written FRESH seconds ago; after the load, the last that was written."""
    written = loop.committed[-4 * RATE :]
    limit = min(time.monotonic() - FRESH, max((write.due for write in written), default=0.0))
    recent = [write for write in written if limit - 1 < write.due <= limit]
    return bool(recent) and _missing(bench, sink, recent) == 0


def _outcome(bench: Bench, sink: Sink, loop: OpenLoop, went: tuple[bool, float | None], say: Callable[[str], None]) -> Outcome:
    missing, state, helped = _settled(bench, sink, loop.committed), sink.state(), None
    if isinstance(sink, Connector) and state.startswith("FAILED"):
        say(f"  {state}")
        sink.restart()
        _running(sink)
        helped = _settled(bench, sink, loop.committed)
    outcome = Outcome(sink.title, len(loop.committed), *went, state.split(":")[0], missing, helped)
    say(f"  {missing} of {outcome.committed} missing, {outcome.state}, recovered {outcome.recovered}, after a restart {helped} missing")
    return outcome


def _running(sink: Sink) -> None:
    end = time.monotonic() + HELP
    while sink.state() != "RUNNING" and time.monotonic() < end:
        time.sleep(0.5)


def _settled(bench: Bench, sink: Sink, writes: Sequence[Write]) -> int:
    """How many are missing when that number has stood still for a while, or nothing is missing."""
    least, since = len(writes) + 1, time.monotonic()
    while least and time.monotonic() - since < STILL:
        if (missing := _missing(bench, sink, writes)) < least:
            least, since = missing, time.monotonic()
        time.sleep(0.5)
    return least


def _missing(bench: Bench, sink: Sink, writes: Sequence[Write]) -> int:
    found: set[Any] = set()
    places = [sink.view.place(live(bench).prefix, "items", write.id) for write in writes]
    collection = places[0][0] if places[0] else ""
    ids = [place[1] for place in places if place]
    for i in range(0, len(ids), 5000):
        rows = bench.mongo[_database(sink)][collection].find({"_id": {"$in": ids[i : i + 5000]}}, {"title": 1})
        found.update(row["title"] for row in rows)
    return sum(write.title not in found for write in writes)


def _await_primary(bench: Bench) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            if bench.mongo.admin.command("hello").get("isWritablePrimary"):
                return
        except PyMongoError:
            if time.monotonic() > end:
                raise
        time.sleep(0.05)


def _database(sink: Sink) -> str:
    return f"outage_{sink.name}"
