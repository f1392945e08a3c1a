"""The few shapes that a timeline needs, as SVG. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

Point = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high` onto pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of a value; what lies outside is drawn at the edge."""
        part = (min(max(value, self.low), self.high) - self.low) / ((self.high - self.low) or 1.0)
        return round(self.start + part * (self.end - self.start), 1)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers between two values, about as many as wanted."""
    span = (high - low) or 1.0
    size = next(size for power in range(-3, 12) for size in (10.0**power, 2 * 10.0**power, 5 * 10.0**power) if span / size <= most)
    first = int(-(-low // size))
    return [round(n * size, 6) for n in range(first, int(high // size) + 1)]


def compact(value: float) -> str:
    """A number in a few characters."""
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:g}{letter}"
    return f"{value:g}"


def text(x: float, y: float, words: str, name: str = "", anchor: str = "start") -> str:
    """Words at a place; `name` is a class."""
    return f'<text x="{x}" y="{y}" class="{name}" text-anchor="{anchor}">{escape(words)}</text>'


def line(start: Point, end: Point, name: str) -> str:
    """A straight line."""
    return f'<line x1="{start[0]}" y1="{start[1]}" x2="{end[0]}" y2="{end[1]}" class="{name}"/>'


def box(left: float, top: float, right: float, bottom: float, name: str, *, title: str = "") -> str:
    """A rectangle; `title` is shown where the pointer rests."""
    inner = f"<title>{escape(title)}</title>" if title else ""
    width = max(round(right - left, 1), 0.8)
    return f'<rect x="{left}" y="{top}" width="{width}" height="{round(bottom - top, 1)}" class="{name}">{inner}</rect>'


def path(points: Sequence[Point], name: str, *, floor: float | None = None) -> str:
    """A line through points; with `floor` the area between it and that height."""
    if not points:
        return ""
    steps = " L".join(f"{x} {y}" for x, y in points)
    if floor is not None:
        steps = f"{points[0][0]} {floor} L{steps} L{points[-1][0]} {floor} Z"
    return f'<path d="M{steps}" class="{name}"/>'
