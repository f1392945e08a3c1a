"""Alerts in a terminal, and as JSON."""

from __future__ import annotations

import datetime as dt
import json

from rich.console import Console
from rich.markup import escape

from monitor.alerts.firing import Firing

_COLOURS = {"page": "bold red", "ticket": "yellow"}


def show(alerts: list[Firing], now: dt.datetime, console: Console) -> None:
    """One paragraph for each alert; those that another one explains in a line."""
    loud = [alert for alert in alerts if not alert.quiet]
    for alert in loud:
        age = dt.timedelta(seconds=int((now - alert.since).total_seconds()))
        colour = _COLOURS.get(alert.severity, "default")
        title = f"[{colour}]{escape(alert.severity):<6}[/] [bold]{escape(alert.name)}[/] {escape(alert.which)} [dim]for {age}[/]"
        console.print(title.replace("  ", " "), highlight=False, soft_wrap=True)
        for line in (alert.summary, alert.description.partition("First steps: ")[2], alert.runbook):
            if line:
                console.print(f"       {line}", highlight=False, markup=False, soft_wrap=True)
    quiet = [alert for alert in alerts if alert.quiet]
    if quiet:
        names = ", ".join(f"{alert.name} {alert.which}".strip() for alert in quiet)
        console.print(f"Explained by these or silenced: {names}", highlight=False, markup=False, soft_wrap=True)
    if not alerts:
        console.print("No alert fires; rules are evaluated and arrive (Watchdog).", highlight=False)


def as_json(alerts: list[Firing]) -> str:
    """For programs."""
    return json.dumps(
        [
            {
                "alert": alert.name,
                "severity": alert.severity,
                "labels": dict(alert.labels),
                "summary": alert.summary,
                "description": alert.description,
                "runbook_url": alert.runbook,
                "dashboard_url": alert.dashboard,
                "since": alert.since.isoformat(),
                "quiet": alert.quiet,
            }
            for alert in alerts
        ],
        indent=1,
    )
