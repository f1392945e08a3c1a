"""Alerts as text, `Name{label="value",...}`, and what an experiment expects of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

IGNORED = {"Watchdog"}  # always fires
# For minutes after an outage that is over. How late the pipeline is now is asked under load, before the fault.
REMEMBERS = "CdcFreshnessBurnFast"
_PAIR = re.compile(r'(\w+)\s*=\s*"([^"]*)"')


@dataclass(frozen=True)
class Expected:
    """`must` fire within so many seconds of the fault, `may` fire besides. A page that is neither is wrong."""

    must: Mapping[str, float] = field(default_factory=dict)
    may: tuple[str, ...] = ()
    judged: bool = True
    """False when the fault makes it impossible to know (Prometheus itself is down)."""


def text(name: str, labels: Mapping[str, str]) -> str:
    """An alert as it stands in a sample."""
    inner = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()) if key != "alertname")
    return f"{name}{{{inner}}}"


def name_of(alert: str) -> str:
    """The alert's name alone."""
    return alert.partition("{")[0]


def matches(selector: str, alert: str) -> bool:
    """Whether an alert has the selector's name and all of its labels."""
    wanted, found = dict(_PAIR.findall(selector)), dict(_PAIR.findall(alert))
    return name_of(selector) == name_of(alert) and all(found.get(key) == value for key, value in wanted.items())


def is_page(alert: str) -> bool:
    """Whether it wakes somebody."""
    return 'severity="page"' in alert


def judge(expected: Expected, fired: Iterable[tuple[float, str]], fault: float, held: float) -> tuple[list[str], list[str]]:
    """What is wrong with the alerts, and what could not be judged because the fault was `held` for too few seconds."""
    if not expected.judged:
        return [], ["no alerts can be known while this fault lasts"]
    seen = [(at, alert) for at, alert in fired if name_of(alert) not in IGNORED]
    wrong, notes = [], []
    for selector, seconds in expected.must.items():
        hits = [at for at, alert in seen if matches(selector, alert)]
        if hits and hits[0] - fault <= seconds + 15:  # the sampler and a busy machine
            continue
        if hits:
            wrong.append(f"{selector} fired {hits[0] - fault:.0f} s after the fault, expected within {seconds:.0f} s")
        elif held < seconds:
            notes.append(
                f"{selector} may take {seconds:.0f} s and the fault lasted {held:.0f} s: not judged (DURATION={seconds + 20:.0f} does)"
            )
        else:
            wrong.append(f"{selector} did not fire")
    allowed = (*expected.must, *expected.may)
    pages = sorted({alert for _, alert in seen if is_page(alert) and not any(matches(selector, alert) for selector in allowed)})
    return wrong + [f"wrong page: {alert}" for alert in pages], notes
