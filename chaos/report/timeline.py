"""The timeline of a run: what was written and what could be read, how late, how much waited, what ran, what fired."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chaos.checker.times import Times
from chaos.history.book import History
from chaos.history.records import Outcome, Sample
from chaos.report import svg
from chaos.report.lanes import lanes

WIDTH, LEFT, RIGHT = 1120, 132, 24
HEIGHT, GAP, TOP = 112, 40, 66
RESOLUTION = 480  # points along the axis


@dataclass(frozen=True)
class Panel:
    """One diagram. Each series is a class and points in seconds since the fault, highest where `unit` is largest."""

    title: str
    unit: str
    series: Sequence[tuple[str, str, list[svg.Point]]]
    area: bool = False


def timeline(history: History, times: Times | None) -> str:
    """The whole picture; x counts seconds from the fault, or from the beginning without one."""
    moments = [sample.at for sample in history.samples] or [0.0]
    zero = times.fault if times else moments[0]
    x = svg.Scale(moments[0] - zero, max(moments[-1] - zero, 1.0), LEFT, WIDTH - RIGHT)
    parts, y = [], TOP
    for panel in _panels(history, zero):
        parts.append(_panel(panel, x, y))
        y += HEIGHT + GAP
    drawn, bottom = lanes(history.samples, x, zero, y)
    shade = _window(times, zero, x, bottom)
    axis = [svg.text(x(tick), bottom + 16, f"{tick:g} s", "tick", "middle") for tick in svg.ticks(x.low, x.high, 14)]
    head = f'<svg viewBox="0 0 {WIDTH} {bottom + 26}" role="img" aria-label="Timeline of the run">'
    return "\n".join([head, *shade, *parts, drawn, *axis, "</svg>"])


def _window(times: Times | None, zero: float, x: svg.Scale, bottom: float) -> list[str]:
    """The fault's window and the moment of recovery, behind everything else."""
    if times is None:
        return []
    left, right = x(times.fault - zero), x(times.heal - zero)
    shade = [svg.box(left, 8, right, bottom, "fault"), svg.text(left + 4, 20, "fault", "mark"), svg.text(right + 4, 20, "mended", "mark")]
    shade.append(svg.line((x(times.heal + times.mend - zero), 8), (x(times.heal + times.mend - zero), bottom), "serves"))
    if times.recover is not None:
        at = x(times.heal + times.mend + times.recover - zero)
        shade += [
            svg.line((at, 8), (at, bottom), "recovered"),
            svg.text(at + 4, 36, f"recovered {times.recover:.1f} s after all serve again", "mark"),
        ]
    return shade


def _panels(history: History, zero: float) -> list[Panel]:
    acknowledged = _counted([write.end - zero for write in history.writes if write.outcome is Outcome.OK])
    refused = _counted([write.end - zero for write in history.writes if write.outcome is not Outcome.OK])
    visible = _counted([seen.end - zero for seen in history.seen])

    def measured(value: Callable[[Sample], float | None]) -> list[svg.Point]:
        return [(sample.at - zero, known) for sample in history.samples if (known := value(sample)) is not None]

    panels = [
        Panel(
            "Writes, cumulative: where the lines part, reads are late",
            "",
            [("a", "acknowledged", acknowledged), ("b", "readable in MongoDB", visible), ("c", "refused or unknown", refused)],
        ),
        Panel("Oldest acknowledged write that cannot be read yet", "s", [("b", "lag", measured(lambda sample: sample.lag))], area=True),
        Panel("Records waiting in Kafka", "", [("a", "records", measured(lambda sample: sample.records))], area=True),
        Panel("Log held back by the slot", "B", [("a", "bytes", measured(lambda sample: sample.wal))], area=True),
    ]
    return [panel for panel in panels if any(points for _, _, points in panel.series)]


def _counted(moments: list[float]) -> list[svg.Point]:
    return [(moment, float(number)) for number, moment in enumerate(sorted(moments), 1)]


def _panel(panel: Panel, x: svg.Scale, top: float) -> str:
    highest = max((value for _, _, points in panel.series for _, value in points), default=1.0) or 1.0
    y = svg.Scale(0.0, highest * 1.05, top + HEIGHT, top)
    parts = [svg.text(LEFT, top - 8, panel.title, "title")]
    for tick in svg.ticks(0, highest, 4):
        unit = f" {panel.unit}" if panel.unit else ""
        parts += [svg.line((LEFT, y(tick)), (WIDTH - RIGHT, y(tick)), "grid")]
        parts += [svg.text(LEFT - 8, y(tick) + 4, svg.compact(tick) + unit, "tick", "end")]
    for place, (name, label, points) in enumerate(reversed(panel.series)):
        pixels = _thinned([(x(at), y(value)) for at, value in points])
        if panel.area:
            parts.append(svg.path(pixels, f"area {name}", floor=y(0)))
        parts.append(svg.path(pixels, f"line {name}"))
        if len(panel.series) > 1 and points:
            right = WIDTH - RIGHT - 170 * place
            parts.append(svg.text(right, top - 8, f"{label}: {points[-1][1]:,.0f}", f"key {name}", "end"))
    return "\n".join(parts)


def _thinned(points: list[svg.Point]) -> list[svg.Point]:
    """No more points than the picture can show; the last one stays."""
    step = max(1, len(points) // RESOLUTION)
    return [*points[::step], *points[-1:]]
