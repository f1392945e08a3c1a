"""Alerts on components that do not answer, and on the watching itself."""

from __future__ import annotations

from typing import Final

from monitor.alerts.rules.model import Alert
from monitor.alerts.rules.profile import Profile

JOBS: Final = ("prometheus", "alertmanager", "api", "worker", "prober", "keeper", "kafka", "connect")
"""Every job that Prometheus has to scrape: one that is missing altogether has no `up` that could be 0."""


def alerts(p: Profile) -> list[Alert]:
    """Causes that other alerts are inhibited by, and the dead man's switch."""
    missing = " or ".join(f'absent(up{{job="{job}"}})' for job in JOBS)
    return [
        Alert(
            name="CdcComponentDown",
            severity="ticket",
            hold=p.pick("1m", "20s"),
            summary="{{ $labels.target }} does not answer the prober",
            expr="max by (target) (cdc_probe_up) == 0",
            impact="depends on the component; a page tells when clients notice.",
            causes="the process is down, frozen or starting, or its port cannot be reached.",
            steps="make status, then make logs S={{ $labels.target }}; a stopped program: make restart S={{ $labels.target }}.",
            dashboard="cdc-overview",
            variables=("target",),
        ),
        Alert(
            name="ExporterDown",
            severity="ticket",
            hold=p.pick("2m", "30s"),
            summary="Prometheus gets no metrics of {{ $labels.job }} {{ $labels.instance }}",
            expr=f"min by (job, instance) (up) == 0 or {missing}",
            impact="alerts that need these metrics are blind.",
            causes="the process is down, its metrics port is taken, or Prometheus was told a wrong address.",
            steps="make status; then the targets page of Prometheus (Status, Targets) shows the error.",
            dashboard="cdc-overview",
            variables=("job", "instance"),
        ),
        Alert(
            name="Watchdog",
            severity="none",
            summary="Alerting works",
            expr="vector(1)",
            impact="none: this alert fires always, and its absence is the alarm.",
            causes="rules are evaluated and Alertmanager is reached.",
            steps="none. Let a dead man's switch outside this machine expect it.",
            dashboard="cdc-overview",
        ),
    ]
