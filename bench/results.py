"""From runs to figures: medians, ranges and ratios. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal


@dataclass(frozen=True)
class Bar:
    """What is promised of a ratio."""

    at_least: float | None = None
    at_most: float | None = None

    def holds(self, ratio: float) -> bool:
        """Whether a ratio keeps it."""
        return (self.at_least is None or ratio >= self.at_least) and (self.at_most is None or ratio <= self.at_most)

    def __str__(self) -> str:
        return f">= {self.at_least:g}" if self.at_least is not None else f"<= {self.at_most:g}"


@dataclass(frozen=True)
class Workload:
    """One line of the results. `ours` and `peers` hold every repetition; `better` says which is better, more or less."""

    name: str
    title: str
    unit: str
    better: Literal["more", "less"]
    ours: Sequence[float]
    peers: Mapping[str, Sequence[float]] = field(default_factory=dict)
    bar: Bar | None = None
    note: str = ""

    def best_peer(self) -> float | None:
        """The median of the better peer."""
        medians = [median(values) for values in self.peers.values() if values]
        return (max(medians) if self.better == "more" else min(medians)) if medians else None

    def ratio(self) -> float | None:
        """Our median to the better peer's; None without peers."""
        best = self.best_peer()
        return round(median(self.ours) / best, 3) if best and self.ours else None

    def as_json(self) -> dict[str, Any]:
        """Medians, the ratio, and below `runs` every repetition."""
        found: dict[str, Any] = {
            "ours": _round(median(self.ours)) if self.ours else None,
            "peers": {name: _round(median(values)) if values else None for name, values in self.peers.items()},
            "ratio": self.ratio(),
            "unit": self.unit,
            "better": self.better,
            "runs": {"ours": [_round(v) for v in self.ours], **{name: [_round(v) for v in values] for name, values in self.peers.items()}},
        }
        return found | ({"bar": str(self.bar), "holds": self.holds()} if self.bar else {}) | ({"note": self.note} if self.note else {})

    def holds(self) -> bool | None:
        """Whether the bar is kept; None without one."""
        ratio = self.ratio()
        return None if self.bar is None or ratio is None else self.bar.holds(ratio)


def _round(value: float) -> float:
    return float(f"{value:.4g}") if abs(value) < 1000 else float(round(value))
