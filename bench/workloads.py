"""Which figures make up which workload, and the bar each has. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import median
from typing import Final, Literal

from bench.end_to_end import PHASE
from bench.latency import Latency
from bench.measure import Run
from bench.results import Bar, Workload
from bench.suite import Found

PEERS: Final = ("mongodb", "debezium")
PHASES: Final = (
    ("load", "initial_load", "Initial load"),
    ("updates", "updates", "Updates of existing rows"),
    ("hot", "hot_keys", "Hot keys (1 % of the keys take 90 % of the updates)"),
    ("deletes", "deletes", "Deletes (items and, by cascade, their links)"),
)
BARS: Final = {
    "initial_load_mirror": Bar(at_least=3.0),
    "initial_load_joined": Bar(at_least=1.5),
    "updates_mirror": Bar(at_least=1.5),
    "hot_keys_mirror": Bar(at_least=5.0),
    "latency_p50_50": Bar(at_most=1.0),
    "latency_p99_50": Bar(at_most=1.0),
}
MEMORY_MB: Final = 150.0


def workloads(found: Found) -> list[Workload]:
    """Every line of the results, in the order in which they are shown."""
    lines = [line for phase in PHASES for line in _throughput(found, *phase)]
    lines += _indexed(found)
    lines += _end_to_end(found)
    lines += [line for rate in sorted({one.rate for one in found.latencies}) for line in _latency(found, rate)]
    lines += _fan_out(found)
    lines += _cost(found)
    lines += [
        Workload(f"limit_{name.replace(' ', '_')}", f"Limit: {name}", "records/s", "more", rates) for name, rates in found.limits.items()
    ]
    return [line for line in lines if line.ours]


def _throughput(found: Found, phase: str, name: str, title: str) -> Iterable[Workload]:
    peers = {peer: _rates(found, peer, phase) for peer in PEERS}
    note = "; ".join(f"{sink}: {why}" for (sink, failed), why in found.failed.items() if failed == phase)
    for sink, what in (("mirror", "mirrors only"), ("joined", "joined documents")):
        line = f"{name}_{sink}"
        yield Workload(line, f"{title}, {what}", "records/s", "more", _rates(found, sink, phase), peers, BARS.get(line), note)


def _indexed(found: Found) -> Iterable[Workload]:
    peers = {peer: _rates(found, peer, "load") for peer in PEERS}
    note = "the six indexes of the API's queries, a text index among them, are kept meanwhile; the peers keep none"
    yield Workload(
        "initial_load_joined_indexed",
        "Initial load, joined documents with the API's indexes",
        "records/s",
        "more",
        _rates(found, "indexed", "load"),
        peers,
        None,
        note,
    )


def _end_to_end(found: Found) -> Iterable[Workload]:
    peers = {peer: _rates(found, peer, PHASE) for peer in PEERS}
    title = "From `register` of a connector to the last document, joined documents"
    yield Workload("end_to_end_load_joined", title, "records/s", "more", _rates(found, "joined", PHASE), peers)


def _latency(found: Found, rate: int) -> Iterable[Workload]:
    def of(sink: str, value: Callable[[Latency], float], *, whole: bool = False) -> list[float]:
        return [value(one) for one in found.latencies if (one.sink, one.rate, one.whole) == (sink, rate, whole)]

    for word, value in (("p50", lambda one: one.p50), ("p99", lambda one: one.p99)):
        name = f"latency_{word}_{rate}"
        title, ours = f"Write due to document readable, {word} at {rate} writes/s (ours joined", of("joined", value)
        peers = {peer: of(peer, value) for peer in PEERS}
        yield Workload(name, f"{title})", "ms", "less", ours, peers, BARS.get(name))
        whole = {peer: of(peer, value, whole=True) for peer in PEERS}
        if any(whole.values()):
            note = "the same runs of ours; of the peers until the rows of both tags are there too, which a reader needs who joins them"
            yield Workload(f"{name}_every_row", f"{title}, of the peers every row)", "ms", "less", ours, whole, None, note)


def _fan_out(found: Found) -> Iterable[Workload]:
    runs = [run for run in found.runs if run.phase.startswith("rename")]
    size = next((run.records - 1 for run in found.runs if run.phase == "fan"), 0)
    seconds = [run.seconds for run in runs]
    yield Workload(
        "rename_fan_out",
        f"One owner of {size:,} items renamed, until every document shows it",
        "s",
        "less",
        seconds,
        {},
        None,
        "the peers do not join",
    )


def _cost(found: Found) -> Iterable[Workload]:
    def of(sink: str, value: Callable[[Run], float]) -> list[float]:
        return [value(run) for run in found.runs if run.sink == sink and run.phase == "load"]

    kinds: tuple[tuple[str, str, str, Callable[[Run], float]], ...] = (
        ("cpu_sink", "Processor time of the sink, initial load", "us/record", lambda run: run.cpu["sink"] / run.records * 1e6),
        ("cpu_mongod", "Processor time of mongod, initial load", "us/record", lambda run: run.cpu["mongod"] / run.records * 1e6),
        ("memory_peak", "Peak memory of the sink, initial load", "MB", lambda run: run.peak_mb),
    )
    for name, title, unit, value in kinds:
        for sink in ("mirror", "joined"):
            yield Workload(f"{name}_{sink}", f"{title} ({sink})", unit, "less", of(sink, value), {peer: of(peer, value) for peer in PEERS})
    yield from _growth(found)


def _growth(found: Found) -> Iterable[Workload]:
    kinds: tuple[tuple[str, str, str, Literal["more", "less"], Callable[[Run], float]], ...] = (
        (
            "cpu",
            "Processor time of worker and mongod",
            "us/record",
            "less",
            lambda run: (run.cpu["sink"] + run.cpu["mongod"]) / run.records * 1e6,
        ),
        ("rate", "Rate", "records/s", "more", lambda run: run.rate),
        ("memory", "Peak memory of the worker", "MB", "less", lambda run: run.peak_mb),
    )
    for run in found.growth:
        for name, title, unit, better, value in kinds:
            yield Workload(
                f"growth_{name}_{run.sink}_{run.phase.removeprefix('growth-')}",
                f"{title}, load of {run.records:,} rows ({run.sink})",
                unit,
                better,
                [value(run)],
            )


def memory_of_largest(found: Found) -> float | None:
    """Peak memory of the worker at the largest load, MB; None when none was measured."""
    largest = max((run.records for run in found.growth), default=0)
    peaks = [run.peak_mb for run in found.growth if run.records == largest]
    return max(peaks, default=None)


def _rates(found: Found, sink: str, phase: str) -> list[float]:
    return [run.rate for run in found.runs if run.sink == sink and run.phase == phase]


def spread(values: list[float]) -> str:
    """Median, lowest and highest in a few characters."""
    return f"{number(median(values))} ({number(min(values))} to {number(max(values))})" if values else "-"


def number(value: float) -> str:
    """A figure with as many digits as it is worth."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
