"""What Alertmanager knows: the alerts that fire, and which of them are quiet because another one explains them."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

WATCHDOG: Final = "Watchdog"
ORDER: Final = {"page": 0, "ticket": 1}
_HIDDEN: Final = {"alertname", "severity"}


class UnknownError(Exception):
    """Nobody can say which alerts fire; the text says why and what to do."""


@dataclass(frozen=True)
class Firing:
    """One alert. `quiet` says that another alert inhibits it, or that somebody silenced it."""

    name: str
    severity: str
    labels: Mapping[str, str]
    summary: str
    description: str
    runbook: str
    dashboard: str
    since: dt.datetime
    quiet: bool

    @property
    def which(self) -> str:
        """The labels that tell it from others of its name: target=kafka."""
        return " ".join(f"{key}={value}" for key, value in sorted(self.labels.items()) if key not in _HIDDEN)


def parse(rows: Iterable[Mapping[str, Any]]) -> list[Firing]:
    """The answer of /api/v2/alerts, pages first, explained ones last."""
    found = [
        Firing(
            name=row["labels"]["alertname"],
            severity=row["labels"].get("severity", ""),
            labels=row["labels"],
            summary=row["annotations"].get("summary", ""),
            description=row["annotations"].get("description", ""),
            runbook=row["annotations"].get("runbook_url", ""),
            dashboard=row["annotations"].get("dashboard_url", ""),
            since=dt.datetime.fromisoformat(row["startsAt"]),
            quiet=row["status"]["state"] == "suppressed",
        )
        for row in rows
    ]
    return sorted(found, key=lambda alert: (alert.quiet, ORDER.get(alert.severity, 2), alert.since, alert.name, alert.which))


def split(alerts: list[Firing]) -> list[Firing]:
    """The alerts without the watchdog. Raises UnknownError when it is missing: then rules are not evaluated, or do not arrive."""
    if not any(alert.name == WATCHDOG for alert in alerts):
        raise UnknownError(
            "The alert Watchdog, which always fires, is missing: Prometheus is down or does not reach Alertmanager. "
            "Look at: make status, make logs S=prometheus   (a stack that has just started needs some seconds)"
        )
    return [alert for alert in alerts if alert.name != WATCHDOG]


def fetch(url: str, seconds: float) -> list[Firing]:
    """Everything that fires, the watchdog too. Raises UnknownError when Alertmanager does not answer as it should."""
    try:
        with urllib.request.urlopen(f"{url}/api/v2/alerts", timeout=seconds) as answer:  # noqa: S310 - the address is the operator's setting
            return parse(json.load(answer))
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise UnknownError(f"Alertmanager at {url} does not answer: {reason}. Look at: make status, make logs S=alertmanager") from error
