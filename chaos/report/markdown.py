"""The report as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos.checker.findings import Kind
from chaos.checker.service import Service
from chaos.experiments.entry import Entry
from chaos.report.line import seconds
from chaos.session import Options

if TYPE_CHECKING:
    from chaos.run import Done

_SHOWN = 20


def milliseconds(value: float | None) -> str:
    """A latency, or a dash."""
    return "-" if value is None else f"{value:,.0f} ms"


def size(value: int | None) -> str:
    """Bytes in MB, or a dash."""
    return "-" if value is None else f"{value / 2**20:.1f} MB"


def facts(done: Done) -> list[tuple[str, str]]:
    """What was measured, as pairs of name and value."""
    found, times = done.verdict, done.verdict.times if done.verdict else None
    if found is None:
        return []
    divergent = "unknown" if found.divergent is None else str(found.divergent)
    rows = [
        ("acknowledged writes", f"{found.acknowledged:,}"),
        ("reads checked", f"{found.reads:,}"),
        ("unacknowledged but applied (allowed)", str(found.unacknowledged_applied)),
        ("documents that differ from SQL at the end", divergent),
        ("dead letters that wait", str(found.parked)),
    ]
    if times:
        rows += [
            ("fault lasted", seconds(times.heal - times.fault)),
            ("time to detect (first alert)", f"{seconds(times.detect)} {times.first_alert}".strip()),
            ("from the fault until others had taken over", seconds(times.carry)),
            ("from mending until all serve again", seconds(times.mend)),
            ("time to recover, from then", seconds(times.recover)),
            ("greatest lag of a read", seconds(times.peak_lag)),
            ("most log held back by the slot", size(times.peak_wal)),
            ("most records waiting in Kafka", "-" if times.peak_records is None else f"{times.peak_records:,}"),
        ]
    return rows


def services(done: Done) -> list[tuple[str, ...]]:
    """Availability and latency by kind of request and window."""
    if done.verdict is None:
        return []
    rows = []
    for name, windows in (("writes", done.verdict.writes), ("reads by the API", done.verdict.api_reads)):
        rows += [(name, window, *_service(found)) for window, found in windows.items()]
    return rows


def _service(found: Service) -> tuple[str, ...]:
    available = "-" if found.availability is None else f"{100 * found.availability:.1f} %"
    return (
        str(found.attempts),
        available,
        str(found.unknown),
        milliseconds(found.p50),
        milliseconds(found.p99),
        milliseconds(found.longest),
    )


SERVICE_HEADER = ("requests", "window", "due", "succeeded", "outcome unknown", "p50", "p99", "longest")


def report(entry: Entry, options: Options, done: Done) -> str:
    """The whole report."""
    said = (*done.verdict.reasons, *done.verdict.notes) if done.verdict else (done.skipped or done.aborted,)
    lines = [f"# {done.name}: {done.word}", "", f"{entry.fault().describe()}. What must hold: {entry.holds}.", ""]
    lines += [f"- {text}" for text in said]
    lines += [
        "",
        f"`make chaos-{done.name} DURATION={options.duration:g} RATE={options.rate:g} PHASE={options.phase} SEED={options.seed}`",
        "",
    ]
    if done.verdict is not None:
        lines += ["| violation | count |", "|---|---|"]
        lines += [f"| {kind.value} | {done.verdict.counts.get(kind, 0)} |" for kind in Kind]
        lines += ["", "| measured | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts(done)), ""]
        lines += [f"| {' | '.join(SERVICE_HEADER)} |", "|" + "---|" * len(SERVICE_HEADER)]
        lines += [f"| {' | '.join(row)} |" for row in services(done)]
        start = done.verdict.times.fault if done.verdict.times else 0.0
        lines += ["", "Alerts:", "", *(f"- {at - start:.0f} s after the fault: `{alert}`" for at, alert in done.verdict.alerts)]
        lines += ["", "Violations:", "", *(f"- {f.kind.value} {f.table} {f.key}: {f.text}" for f in done.verdict.findings[:_SHOWN])]
        lines += [f"- and {len(done.verdict.findings) - _SHOWN} more"] if len(done.verdict.findings) > _SHOWN else []
    return "\n".join(lines) + "\n"
