"""The whole run: which sink does what, in which order. Repetitions are interleaved, so that what the machine does meanwhile meets all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from bench import capture, end_to_end, latency
from bench.latency import Latency
from bench.limits import insert_only, read_only
from bench.measure import Bench, NotAppliedError, Run
from bench.sink import Sink
from bench.sizes import Sizes
from bench.tape import Tape
from bench.tapes import Tapes, record

T = TypeVar("T")
PEERS = ("mongodb", "debezium")
COMPARED = ("mirror", "joined", "mongodb", "debezium")
LATENCIES = ("joined", "mongodb", "debezium")
TIMED = tuple((name, False) for name in LATENCIES) + tuple((name, True) for name in PEERS)  # and whether every row of a write is awaited
RATES = (50, 1000)
FAST_SECONDS = 8.0
WARM = 1  # rotations that are not counted: capture has just been started
LOADS = 2  # end to end, at most


@dataclass
class Found:
    """Everything that was measured."""

    runs: list[Run] = field(default_factory=list)
    latencies: list[Latency] = field(default_factory=list)
    limits: dict[str, list[float]] = field(default_factory=dict)
    growth: list[Run] = field(default_factory=list)
    failed: dict[tuple[str, str], str] = field(default_factory=dict)  # (sink, phase): why


@dataclass
class Suite:
    """One run of everything."""

    bench: Bench
    sinks: dict[str, Sink]
    sizes: Sizes
    say: Callable[[str], None]
    keep: Callable[[Found], None] = lambda _: None
    found: Found = field(default_factory=Found)

    def run(self, *, growth: bool) -> Found:
        """Measure everything."""
        tapes = self.compare(COMPARED, growth=growth, limits=True)
        self._fan_out(self.sinks["joined"], tapes)
        self._latencies()
        self._end_to_end()
        self.keep(self.found)
        for tape in tapes.growth:
            for name in ("mirror", "joined"):
                self._once(self.sinks[name], tape, "growth", into=self.found.growth)
        return self.found

    def compare(self, names: Sequence[str], *, growth: bool = False, limits: bool = False) -> Tapes:
        """Throughput of these sinks, interleaved; the tapes it was measured on."""
        tapes = record(self.bench, self.sizes, self.say, growth=growth)
        capture.rest(self.bench)
        self.bench.place.stop("connect")  # nothing is captured meanwhile
        for name in (name for name in names if name in PEERS):
            self.sinks[name].warm()
            self._once(self.sinks[name], tapes.load, "warm", keep=False)
        for repeat in range(self.sizes.repeats):
            for name in _turned(names, repeat):
                self._cycle(self.sinks[name], tapes.cycle())
            if limits:
                self._once(self.sinks["indexed"], tapes.load, "indexed")
                self._limits(tapes.load)
            self.keep(self.found)
        return tapes

    def _cycle(self, sink: Sink, tapes: Sequence[Tape]) -> None:
        database = f"bench_{sink.name}"
        self.bench.drop(database)
        before = None
        for tape in tapes:
            if before:
                sink.next_phase(before, tape, self.bench.mongo[database])
            self._measured(sink, tape, database, self.found.runs)
            before = tape
        self.bench.drop(database)

    def _once(self, sink: Sink, tape: Tape, what: str, *, keep: bool = True, into: list[Run] | None = None) -> None:
        database = f"bench_{what}_{sink.name}"
        self.bench.drop(database)
        target = self.found.runs if into is None else into
        self._measured(sink, tape, database, target if keep else [])
        self.bench.drop(database)

    def _measured(self, sink: Sink, tape: Tape, database: str, into: list[Run]) -> None:
        self._kept(sink, tape.prefix.removeprefix("bench-"), lambda: self.bench.run(sink, tape, database), into)

    def _kept(self, sink: Sink, phase: str, measure: Callable[[], Run], into: list[Run]) -> None:
        if (sink.name, phase) in self.found.failed:
            return  # it would be waited for as long again
        self.bench.settle()
        try:
            run = measure()
        except NotAppliedError as error:
            self.found.failed[sink.name, phase] = str(error)
            self.say(f"  {sink.title}: {error}")
            return
        into.append(run)
        cpu = ", ".join(f"{name} {seconds:.1f}" for name, seconds in run.cpu.items())
        self.say(
            f"  {run.phase:<12} {sink.title:<40} {run.records:>9,} records in {run.seconds:6.2f} s = {run.rate:>8,.0f}/s"
            f"   cpu s: {cpu}   peak {run.peak_mb:.0f} MB   (start {run.start_seconds:.1f} s)"
        )

    def _fan_out(self, sink: Sink, tapes: Tapes) -> None:
        self._cycle(sink, (tapes.fan, *tapes.renames))

    def _limits(self, tape: Tape) -> None:
        rate, messages = read_only(self.bench, tape)
        inserted = insert_only(self.bench, messages)
        self.found.limits.setdefault("broker read only", []).append(rate)
        self.found.limits.setdefault("insert_many only", []).append(inserted)
        self.say(f"  limits       broker read only {rate:,.0f}/s, insert_many only {inserted:,.0f}/s")

    def _latencies(self) -> None:
        self.bench.place.start("connect")
        capture.awake(self.bench, self.say)
        for repeat in range(self.sizes.rotations + WARM):
            for name, whole in _turned(TIMED, repeat):
                self._latency(self.sinks[name], RATES[0], self.sizes.latency_seconds, whole=whole, keep=repeat >= WARM)
        for name in LATENCIES:
            self._latency(self.sinks[name], RATES[1], FAST_SECONDS)

    def _end_to_end(self) -> None:
        state = end_to_end.fill(self.bench, self.sizes, self.say)
        for repeat in range(min(LOADS, self.sizes.repeats)):
            for name in _turned(LATENCIES, repeat):
                measure = partial(end_to_end.measure, self.bench, self.sinks[name], state)
                self._kept(self.sinks[name], end_to_end.PHASE, measure, self.found.runs)

    def _latency(self, sink: Sink, rate: int, seconds: float, *, whole: bool = False, keep: bool = True) -> None:
        try:
            one = latency.measure(self.bench, sink, rate, seconds, whole=whole)
        except NotAppliedError as error:
            if keep:
                self.found.failed[sink.name, f"latency-{rate}" + ("-every-row" if whole else "")] = str(error)
            self.say(f"  {sink.title} at {rate}/s: {error}")
            return
        if keep:
            self.found.latencies.append(one)
        self.say(
            f"  {'latency' if keep else 'warming'}      {sink.title + (', every row' if whole else ''):<40} {rate:>5} writes/s: "
            f"p50 {one.p50:.1f} ms, p99 {one.p99:.1f} ms, worst {one.worst:.0f} ms"
        )


def _turned(subjects: Sequence[T], by: int) -> Iterator[T]:
    """The subjects, beginning with another one each time."""
    for n in range(len(subjects)):
        yield subjects[(n + by) % len(subjects)]
