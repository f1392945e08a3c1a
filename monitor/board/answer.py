"""One refresh of one dashboard: every expression of its panels and annotations, asked beside each other."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from monitor.board.definitions import Annotation, Dashboard, Panel, Target
from monitor.board.fill import SCRAPE_SECONDS, expression, legend, step
from monitor.board.prometheus import Prometheus, PrometheusError

_AT_ONCE = 6
_MOST_SERIES = 60
"""A panel with more series than this could not be read; the rest is counted."""


@dataclass
class _Round:
    """What the questions of one refresh share. The first that finds Prometheus away answers for those not asked yet."""

    prometheus: Prometheus
    chosen: Mapping[str, Sequence[str]]
    seconds: int
    now: float
    end: int
    away: PrometheusError | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, target: Target) -> list[dict[str, Any]]:
        """The series of one expression. Raises PrometheusError."""
        with self.lock:
            if self.away:
                raise self.away
        expr = expression(target.expr, self.chosen, self.seconds)
        try:
            if target.instant:
                now = self.prometheus.instant(expr, self.now)
                return [
                    {"ref": target.ref, "name": legend(target.legend, labels), "labels": labels, "value": value} for labels, value in now
                ]
            interval = step(self.seconds)
            then = self.prometheus.span(expr, self.end - self.seconds, self.end, interval)
            return [
                {"ref": target.ref, "name": legend(target.legend, labels), "labels": labels, "values": values} for labels, values in then
            ]
        except PrometheusError as error:
            if error.away:
                with self.lock:
                    self.away = error
            raise


def refresh(dashboard: Dashboard, prometheus: Prometheus, chosen: Mapping[str, Sequence[str]], minutes: int, now: float) -> dict[str, Any]:
    """Everything the page draws: `time` and `step` in seconds, `panels` by id with `series` or an `error`, and `annotations`."""
    interval = step(minutes * 60)
    end = int(now) // interval * interval if interval > SCRAPE_SECONDS else int(now)
    asked = _Round(prometheus, {variable.name: chosen.get(variable.name, ()) for variable in dashboard.variables}, minutes * 60, now, end)
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        panels = list(pool.map(lambda panel: _panel(panel, asked), dashboard.panels))
        marks = list(pool.map(lambda one: _marks(one, asked), dashboard.annotations))
    return {
        "time": now,
        "start": end - minutes * 60,
        "end": end,
        "step": interval,
        "panels": {str(panel.id): answer for panel, answer in zip(dashboard.panels, panels, strict=True)},
        "annotations": [mark for found in marks for mark in found],
    }


def choices(dashboard: Dashboard, prometheus: Prometheus, minutes: int, now: float) -> dict[str, list[str]]:
    """The values of each variable, within the range and whatever is chosen for the others. Raises PrometheusError."""
    nothing: dict[str, Sequence[str]] = {variable.name: () for variable in dashboard.variables}
    span = (int(now) - minutes * 60, int(now))
    return {
        variable.name: prometheus.label_values(expression(variable.metric, nothing, minutes * 60), variable.label, *span)
        for variable in dashboard.variables
    }


def _panel(panel: Panel, asked: _Round) -> dict[str, Any]:
    series: list[dict[str, Any]] = []
    try:
        for target in panel.targets:
            series += asked.ask(target)
    except PrometheusError as error:
        return {"error": {"message": str(error), "advice": error.advice}}
    return {"series": series[:_MOST_SERIES], "more": max(0, len(series) - _MOST_SERIES)}


def _marks(annotation: Annotation, asked: _Round) -> list[dict[str, Any]]:
    """Stretches of time in which the annotation's expression had a value. Those that cannot be had are left out: the panels say why."""
    try:
        series = asked.ask(annotation.target)
    except PrometheusError:
        return []
    interval, start = step(asked.seconds), asked.end - asked.seconds
    shared = {"name": annotation.name, "color": annotation.color}
    return [
        shared | {"text": one["name"], "start": start + first * interval, "end": start + last * interval}
        for one in series
        for first, last in stretches(one["values"])
    ]


def stretches(values: Sequence[float | None]) -> list[tuple[int, int]]:
    """First and last index of each run of values that are there."""
    found: list[tuple[int, int]] = []
    for index, value in enumerate(values):
        if value is None:
            continue
        if found and found[-1][1] == index - 1:
            found[-1] = (found[-1][0], index)
        else:
            found.append((index, index))
    return found
