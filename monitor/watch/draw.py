"""A view as plain text lines, and coloured for a terminal. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from rich.text import Text

from monitor.watch.view import NO_DATA, View

FRESH, LATE = 10.0, 30.0
"""Seconds; as the freshness objective has them."""


def seconds(value: float | None) -> str:
    """12 ms, 1.3 s, 4 min, or NO DATA."""
    if value is None:
        return NO_DATA
    if value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < 120 else f"{value / 60:.0f} min"


def number(value: float | None) -> str:
    """1,234, or NO DATA."""
    return NO_DATA if value is None else f"{value:,.0f}"


def line(view: View) -> str:
    """All of it in one line, for logs and pipes."""
    lag = sum(sum(parts.values()) for parts in view.lag.values()) if view.lag else None
    down = [name for name, up in view.components.items() if up is False]
    unknown = [name for name, up in view.components.items() if up is None]
    parts = [
        dt.datetime.fromtimestamp(view.at, dt.UTC).strftime("%H:%M:%S"),
        f"fresh {seconds(view.freshness)}",
        *(f"{name} {seconds(value)}" for name, value in view.quantiles.items()),
        f"lag {number(lag)}",
        f"lost {number(view.canaries['lost'])}",
        f"divergent {number(sum(view.divergent.values()) if view.divergent else None)}",
        f"down {', '.join(down) or 'none'}",
        *([f"unknown {', '.join(unknown)}"] if unknown else []),
        *([view.why] if view.why else []),
    ]
    return "  ".join(parts)


def screen(view: View) -> Text:
    """The whole view, a dozen lines and one for each topic."""
    text = Text()
    for style, words in _pieces(view):
        text.append(words, style)
    return text


def _pieces(view: View) -> Iterator[tuple[str, str]]:
    yield "bold", f"{dt.datetime.fromtimestamp(view.at, dt.UTC):%Y-%m-%d %H:%M:%S} UTC\n"
    if view.why:
        yield "bold red", f"{view.why}\n"
    yield "", "freshness    "
    yield _by(view.freshness, FRESH, LATE), seconds(view.freshness)
    yield "dim", "  (age of the newest row in the worst partition)\n"
    yield "", f"roundtrip    {'   '.join(f'{name} {seconds(value)}' for name, value in view.quantiles.items())}\n"
    yield "", f"canaries     {'   '.join(f'{name} {number(value)}' for name, value in view.canaries.items())}\n\n"
    for name, up in view.components.items():
        yield {True: "green", False: "bold red", None: "yellow"}[up], f"{name}: {'up' if up else NO_DATA if up is None else 'DOWN'}   "
    yield "", "\n\n"
    for name, state in view.states.items():
        yield "", f"{name:<12} "
        yield "yellow" if state is None else "bold red" if any(word.isupper() for word in state.split()) else "", f"{state or NO_DATA}\n"
    for name, value in view.backlog.items():
        yield "yellow" if value is None else "", f"{name:<28} {number(value):>14}\n"
    yield "", "\nrecords to apply, by partition\n"
    if not view.lag:
        yield "yellow", f"{NO_DATA}\n"
    for topic, parts in view.lag.items():
        yield "", f"{topic:<28} {'  '.join(f'{value:>8,.0f}' for value in parts.values())}\n"
    yield "", "\nverified\n"
    if not view.verified_ago and not view.divergent:
        yield "yellow", f"{NO_DATA}\n"
    for name in sorted({*view.verified_ago, *view.divergent}):
        wrong = view.divergent.get(name)
        yield (
            "bold red" if wrong else "",
            f"{name:<28} {number(wrong):>8} wrong   all compared {seconds(view.verified_ago.get(name))} ago\n",
        )


def _by(value: float | None, warn: float, bad: float) -> str:
    if value is None:
        return "yellow"
    return "green" if value < warn else "yellow" if value < bad else "bold red"
