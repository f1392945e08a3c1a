"""The one line that a terminal shows of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos.checker.findings import Kind

if TYPE_CHECKING:
    from chaos.run import Done


def seconds(value: float | None) -> str:
    """A number of seconds, or a dash."""
    return "-" if value is None else f"{value:.1f} s"


def line(done: Done) -> str:
    """Verdict, what was lost, when it was noticed, when it was over, and where the report is."""
    where = done.directory / "report.html"
    if done.verdict is None:
        return f"{done.word}  {done.name}  {done.skipped or done.aborted}  {where if where.exists() else ''}".rstrip()
    found, times = done.verdict, done.verdict.times
    carried = f"  carry {seconds(times.carry)}" if times and done.carries else ""
    counts = "  ".join(f"{kind.value} {found.counts.get(kind, 0)}" for kind in (Kind.LOST, Kind.STALE, Kind.RESURRECTED))
    when = f"detect {seconds(times.detect)}{carried}  recover {seconds(times.recover)}" if times else "no fault"
    why = f"  ({'; '.join(found.reasons)})" if found.reasons else ""
    return f"{done.word}  {done.name}  {counts}  {when}{why}  {where}"
