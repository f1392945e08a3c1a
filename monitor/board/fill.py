"""Grafana's variables and legends, filled: pure text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

SCRAPE_SECONDS = 5
_POINTS = 240
_META = re.compile(r"([\\.+*?()|\[\]{}^$])")
_LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def step(seconds: int) -> int:
    """Seconds between two points of a range: a multiple of the scrape interval, for at most 240 points."""
    return max(SCRAPE_SECONDS, -(-seconds // (_POINTS * SCRAPE_SECONDS)) * SCRAPE_SECONDS)


def rate_interval(seconds: int) -> int:
    """What $__rate_interval is for this step, as Grafana computes it: four scrapes at least, so that one may be missed."""
    return max(seconds + SCRAPE_SECONDS, 4 * SCRAPE_SECONDS)


def pattern(chosen: Sequence[str]) -> str:
    """The text of a regular expression inside a PromQL string that matches exactly these values, or any when none is chosen."""
    if not chosen:
        return ".+"
    escaped = (_META.sub(r"\\\1", value) for value in chosen)
    return "|".join(escaped).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def expression(expr: str, chosen: Mapping[str, Sequence[str]], seconds: int) -> str:
    """PromQL for a time range of `seconds`. `chosen` holds a list of values for each variable; an empty one is all of them."""
    interval = step(seconds)
    known = {"__rate_interval": f"{rate_interval(interval)}s", "__range": f"{seconds}s", "__interval": f"{interval}s"}
    known |= {name: pattern(values) for name, values in chosen.items()}
    return re.sub(r"\$\{?(\w+)\}?", lambda found: known[found[1]], expr)


def legend(template: str, labels: Mapping[str, str]) -> str:
    """A series' name: `{{label}}` replaced, a missing label by nothing."""
    if not template:
        return ", ".join(f"{key}={value}" for key, value in labels.items() if key != "__name__") or "value"
    return _LEGEND.sub(lambda found: labels.get(found[1], ""), template).strip()
