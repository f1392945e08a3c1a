"""What ran and what fired: one lane each, a box for as long as it was so."""

from __future__ import annotations

from collections.abc import Sequence

from chaos.checker.alerts import IGNORED, is_page, name_of
from chaos.history.records import Sample
from chaos.report import svg

HEIGHT, GAP = 15, 6
LABEL = 126


def lanes(samples: Sequence[Sample], x: svg.Scale, zero: float, top: float) -> tuple[str, float]:
    """The lanes, and where they end."""
    parts = [svg.text(x.start, top - 8, "Processes", "title")]
    names = list(dict.fromkeys(name for sample in samples for name in sample.states))
    for name in names:
        spans = runs([(sample.at - zero, sample.states.get(name)) for sample in samples])
        parts.append(_lane(name, spans, x, top))
        top += HEIGHT + GAP
    alerts = sorted({alert for sample in samples for alert in sample.alerts if name_of(alert) not in IGNORED})
    if alerts:
        top += 28
        parts.append(svg.text(x.start, top - 8, "Alerts", "title"))
    for alert in alerts:
        spans = runs([(sample.at - zero, "alert" if alert in sample.alerts else None) for sample in samples])
        parts.append(_lane(name_of(alert), [(a, b, "page" if is_page(alert) else "ticket") for a, b, _ in spans], x, top, alert))
        top += HEIGHT + GAP
    return "\n".join(parts), top


def runs(states: Sequence[tuple[float, str | None]]) -> list[tuple[float, float, str]]:
    """Equal neighbours together: from, to, state. What is not known (None) is a gap."""
    found: list[tuple[float, float, str]] = []
    for at, state in states:
        if found and found[-1][2] != (state or "") and found[-1][1] < at:
            found[-1] = (found[-1][0], at, found[-1][2])
        if not found or found[-1][2] != (state or ""):
            found.append((at, at, state or ""))
        else:
            found[-1] = (found[-1][0], at, found[-1][2])
    return [span for span in found if span[2]]


def _lane(label: str, spans: Sequence[tuple[float, float, str]], x: svg.Scale, top: float, whole: str = "") -> str:
    short = label if len(label) <= 19 else label[:18] + "…"
    parts = [svg.text(x.start - 8, top + 12, short, "tick", "end")]
    for start, end, state in spans:
        title = f"{whole or label}: {state} from {start:.1f} s to {end:.1f} s"
        parts.append(svg.box(x(start), top, x(end), top + HEIGHT, f"state {state}", title=title))
        if whole:
            parts.append(svg.text(min(x(start) + 4, x.end - 180), top + 12, whole, "inside"))
    return "\n".join(parts)
