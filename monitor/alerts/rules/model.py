"""An alert and a recording rule, and what they are in a Prometheus rule file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

RUNBOOK: Final = "docs/runbook.md"
"""Where runbook_url begins; stack/rules.py puts RUNBOOK_URL in its place."""
DASHBOARDS: Final = "/d/"
"""Where dashboard_url begins; stack/rules.py puts DASHBOARD_URL before it."""

Severity = Literal["page", "ticket", "none"]


@dataclass(frozen=True)
class Record:
    """A recording rule."""

    name: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def rule(self) -> dict[str, Any]:
        """As in a rule file."""
        labels = {"labels": dict(self.labels)} if self.labels else {}
        return {"record": self.name, "expr": self.expr, **labels}


@dataclass(frozen=True, kw_only=True)
class Alert:
    """An alert; those of one name differ in `labels`.

    `hold` is Prometheus' `for`; `dashboard` is a dashboard's uid, `variables` are the labels that it is opened with.
    """

    name: str
    severity: Severity
    summary: str
    expr: str
    impact: str
    causes: str
    steps: str
    dashboard: str
    hold: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    variables: tuple[str, ...] = ()

    def rule(self) -> dict[str, Any]:
        """As in a rule file."""
        query = "&".join(f"var-{label}={{{{ $labels.{label} }}}}" for label in self.variables)
        return {
            "alert": self.name,
            "expr": self.expr,
            **({"for": self.hold} if self.hold else {}),
            "labels": {"severity": self.severity, **self.labels},
            "annotations": {
                "summary": self.summary,
                "description": f"Impact: {self.impact} Causes: {self.causes} First steps: {self.steps}",
                "runbook_url": f"{RUNBOOK}#{self.name.lower()}",
                "dashboard_url": f"{DASHBOARDS}{self.dashboard}{'?' if query else ''}{query}",
            },
        }


@dataclass(frozen=True)
class Group:
    """Rules that are evaluated one after the other, every `interval`."""

    name: str
    interval: str
    rules: tuple[Record | Alert, ...]

    def group(self) -> dict[str, Any]:
        """As in a rule file."""
        return {"name": self.name, "interval": self.interval, "rules": [rule.rule() for rule in self.rules]}
