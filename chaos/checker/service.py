"""What clients got: how often an answer, and how late, counted from the moment the schedule wanted the request."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chaos.history.records import Outcome, Read, Write


@dataclass(frozen=True)
class Service:
    """Requests of one kind in one window. Latencies in milliseconds are those of requests that succeeded; None without any."""

    attempts: int
    ok: int
    unknown: int
    p50: float | None
    p99: float | None
    longest: float | None

    @property
    def availability(self) -> float | None:
        """The part that succeeded, None when nobody asked."""
        return self.ok / self.attempts if self.attempts else None


def quantile(values: Sequence[float], part: float) -> float | None:
    """The smallest value that at least this part of all values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else None


def service(requests: Iterable[Write | Read], start: float, end: float) -> Service:
    """What happened to the requests that were due in a window."""
    inside = [request for request in requests if start <= request.due < end]
    took = [1000 * (request.end - request.due) for request in inside if request.outcome is Outcome.OK]
    unknown = sum(request.outcome is Outcome.UNKNOWN for request in inside)
    return Service(len(inside), len(took), unknown, quantile(took, 0.5), quantile(took, 0.99), max(took, default=None))
