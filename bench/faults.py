"""The same outage for all three sinks at once: mongod killed for a while under writes, then what was lost, and who recovered alone."""

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
BEFORE, AWAY, AFTER = 15.0, 45.0, 30.0
FRESH: Final = 2.0  # seconds: a sink that shows writes of this age follows again
PATIENCE: Final = 60.0
_FIRST: Final = 3_000_000_000


@dataclass(frozen=True)
class Outcome:
    """What became of one sink. `recovered` in seconds after mongod served again, None: not without help."""

    sink: str
    title: str
    committed: int
    recovered: float | None
    state: str
    missing: int
    missing_after_help: int | None


def run(bench: Bench, sinks: Sequence[Sink], say: Callable[[str], None], scale: float = 1.0) -> list[Outcome]:
    """Kill mongod under load with all of these sinks running."""
    for sink in sinks:
        bench.drop(_database(sink))
    try:
        for sink in sinks:
            start_at_end(bench, sink, _database(sink))
        return _outage(bench, sinks, say, AWAY * scale)
    finally:
        for sink in sinks:
            sink.stop()


def _outage(bench: Bench, sinks: Sequence[Sink], say: Callable[[str], None], away: float) -> list[Outcome]:
    dsn = bench.place.stack.env["VERIFY_POSTGRES_DSN"]
    loop = OpenLoop(dsn, base_of(bench, "outage "))
    start = time.monotonic() + 1
    writes = schedule(_FIRST, int(RATE * (BEFORE + away + AFTER)), RATE, start)
    writer = threading.Thread(target=loop.run, args=(writes,), name="load")
    writer.start()
    time.sleep(BEFORE)
    say(f"kill -9 mongod for {away:.0f} s under {RATE} writes/s")
    bench.place.stack.supervisor.kill_program("mongo")
    time.sleep(away)
    bench.place.start("mongo")
    _await_primary(bench)
    served = time.monotonic()
    say("mongod serves again")
    recovered = _recovery(bench, sinks, loop, writer, served)
    writer.join()
    return [_outcome(bench, sink, loop, recovered.get(sink.name), say) for sink in sinks]


def _recovery(bench: Bench, sinks: Sequence[Sink], loop: OpenLoop, writer: threading.Thread, served: float) -> dict[str, float]:
    found: dict[str, float] = {}
    while len(found) < len(sinks) and (writer.is_alive() or time.monotonic() < served + PATIENCE):
        limit = time.monotonic() - FRESH
        recent = [write for write in loop.committed[-4 * RATE :] if limit - 1 < write.due < limit]
        for sink in sinks:
            if sink.name not in found and recent and _missing(bench, sink, recent) == 0:
                found[sink.name] = round(time.monotonic() - served, 1)
        time.sleep(0.25)
    return found


def _outcome(bench: Bench, sink: Sink, loop: OpenLoop, recovered: float | None, say: Callable[[str], None]) -> Outcome:
    missing, state, helped = _settled(bench, sink, loop.committed), sink.state(), None
    if isinstance(sink, Connector) and state != "RUNNING":
        sink.restart()
        helped = _settled(bench, sink, loop.committed)
    outcome = Outcome(sink.name, sink.title, len(loop.committed), recovered, state.split(":")[0], missing, helped)
    say(f"{sink.title}: {missing} of {len(loop.committed)} missing, {outcome.state}, recovered {recovered}")
    return outcome


def _settled(bench: Bench, sink: Sink, writes: Sequence[Write]) -> int:
    """How many are missing when that number has stood still for 10 s, or nothing is missing."""
    least, since = len(writes) + 1, time.monotonic()
    while least and time.monotonic() - since < 10.0:
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
