"""The ratios as a picture: one bar a workload, from the better peer's 1 to ours; the promised bar as a line. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Final

from bench.results import Workload

LEFT: Final = 470
WIDTH: Final = 900
STEP: Final = 26
LOW, HIGH = 0.1, 20.0

STYLE: Final = (
    "text{font:12px sans-serif;fill:#333}.n{font-size:11px}.good{fill:#2a8c5a}.bad{fill:#c0562b}"
    ".one{stroke:#777}.bar{stroke:#111;stroke-width:2}.grid{stroke:#ddd}rect.back{fill:#fff}"
)


def ratios(lines: Sequence[Workload]) -> str:
    """An SVG of every workload that has peers. To the right of 1 is better than the better peer, for every unit."""
    shown = [(line, ratio) for line in lines if (ratio := line.ratio())]
    height = 50 + STEP * len(shown)
    parts = [f'<rect class="back" width="{WIDTH}" height="{height}"/>']
    for mark in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20):
        parts.append(f'<line class="{"one" if mark == 1 else "grid"}" x1="{_x(mark)}" x2="{_x(mark)}" y1="24" y2="{height - 10}"/>')
        parts.append(f'<text class="n" x="{_x(mark)}" y="18" text-anchor="middle">{mark:g}x</text>')
    for n, (line, ratio) in enumerate(shown):
        parts += _bar(line, ratio, 34 + n * STEP)
    inner = "\n".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"><style>{STYLE}</style>\n{inner}\n</svg>\n'


def _bar(line: Workload, ratio: float, top: int) -> list[str]:
    better = ratio if line.better == "more" else 1 / ratio
    left, right = sorted((_x(1), _x(better)))
    kept = line.holds() if line.bar else better >= 1
    title = f"{line.title}: {ratio:g} {'(less is better)' if line.better == 'less' else ''}"
    hint = f"<title>{escape(title)}</title>"
    where, anchor = (right + 5, "start") if better >= 1 else (left - 5, "end")
    found = [
        f'<text x="{LEFT - 12}" y="{top + 12}" text-anchor="end">{escape(line.title)}</text>',
        f'<rect class="{"good" if kept else "bad"}" x="{left}" y="{top}" width="{max(1.5, right - left):.1f}" height="15">{hint}</rect>',
        f'<text class="n" x="{where}" y="{top + 12}" text-anchor="{anchor}">{better:.2f}x</text>',
    ]
    if line.bar:
        wanted = line.bar.at_least or 1 / (line.bar.at_most or 1)
        found.append(f'<line class="bar" x1="{_x(wanted)}" x2="{_x(wanted)}" y1="{top - 3}" y2="{top + 18}"/>')
    return found


def _x(value: float) -> float:
    part = math.log(min(max(value, LOW), HIGH) / LOW) / math.log(HIGH / LOW)
    return round(LEFT + part * (WIDTH - LEFT - 50), 1)
