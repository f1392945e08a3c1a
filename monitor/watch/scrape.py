"""One look at /metrics, as numbers by name and labels. Pure but for `fetch`."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from prometheus_client.parser import text_string_to_metric_families

Labels: TypeAlias = frozenset[tuple[str, str]]
SECONDS: Final = 2.0


@dataclass(frozen=True)
class Scrape:
    """What was told at one moment; `at` in seconds since 1970. A name that is not there is not known."""

    at: float
    values: Mapping[str, Mapping[Labels, float]] = field(default_factory=dict)

    def one(self, name: str, **labels: str) -> float | None:
        """The value with exactly these labels."""
        return self.values.get(name, {}).get(frozenset(labels.items()))

    def all(self, name: str) -> list[tuple[dict[str, str], float]]:
        """Every value of a name with its labels."""
        return [(dict(labels), value) for labels, value in self.values.get(name, {}).items()]

    def state(self, name: str, label: str = "state") -> str | None:
        """The label value of the one that is 1."""
        return next((labels[label] for labels, value in self.all(name) if value == 1), None)

    def buckets(self, name: str) -> dict[float, float]:
        """Cumulative counts of a histogram by upper bound, over all its other labels."""
        found: dict[float, float] = {}
        for labels, value in self.all(f"{name}_bucket"):
            bound = float(labels["le"])
            found[bound] = found.get(bound, 0.0) + value
        return found


def parse(text: str, at: float) -> Scrape:
    """From the text format. Raises ValueError for what is not of that format."""
    values: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            values.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return Scrape(at, values)


def fetch(url: str) -> str:
    """The page. Raises OSError."""
    with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - the address is the operator's
        return str(answer.read().decode())


def quantile(q: float, buckets: Mapping[float, float], before: Mapping[float, float]) -> float | None:
    """The q-quantile of what was counted between two scrapes, interpolated in its bucket; None when nothing was."""
    counted = [(bound, buckets[bound] - before.get(bound, 0.0)) for bound in sorted(buckets)]
    total = counted[-1][1] if counted else 0.0
    if total <= 0:
        return None
    rank, lower, below = q * total, 0.0, 0.0
    for bound, upto in counted:
        if upto >= rank:
            return lower if bound == float("inf") else lower + (bound - lower) * (rank - below) / max(upto - below, 1e-9)
        lower, below = bound, upto
    return None
