"""When the fault was noticed, when all was well again, and how bad it was in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from chaos.checker.alerts import REMEMBERS, name_of
from chaos.history.book import History
from chaos.history.records import Outcome, Sample

T = TypeVar("T", int, float)
QUIET_SECONDS = 3.0  # so long it has to stay well
NO_BACKLOG_SECONDS = 2.0  # no acknowledged write has waited longer than this: freshness in its objective (10 s), nothing left to catch up


@dataclass(frozen=True)
class Times:
    """Moments, and seconds in between; None where something did not happen.

    `detect`: from the fault to the first alert. `carry`: from the fault until nothing waited any more although it lasted. `mend`: from the
    beginning of mending until every component serves again, which is how long a process takes to start. `recover`: from then until all is
    well.
    """

    fault: float
    heal: float
    end: float
    mend: float
    detect: float | None
    first_alert: str
    carry: float | None
    recover: float | None
    peak_lag: float
    peak_wal: int | None
    peak_records: int | None


def times(history: History) -> Times | None:
    """None when no fault was made."""
    fault, heal = history.mark("fault"), history.last_mark("heal")
    if fault is None or heal is None:
        return None
    serves = history.last_mark("serves") or heal
    samples = history.samples
    end = samples[-1].at if samples else heal
    during = [sample for sample in samples if sample.at >= fault]
    noticed = first_alert(samples, fault)
    well = recovered(history, heal)
    effect = history.mark("effect")
    carry = carried(samples, effect, heal) if effect is not None else None
    return Times(
        fault,
        heal,
        end,
        serves - heal,
        noticed[0] - fault if noticed else None,
        noticed[1] if noticed else "",
        carry - fault if carry is not None else None,
        max(0.0, well - serves) if well is not None else None,
        max((sample.lag for sample in during), default=0.0),
        _peak(during, lambda sample: sample.wal),
        _peak(during, lambda sample: sample.records),
    )


def first_alert(samples: Iterable[Sample], fault: float) -> tuple[float, str] | None:
    """When the first alert fired that did not fire before the fault, and which."""
    old: set[str] = set()
    for sample in samples:
        if sample.at < fault:
            old = set(sample.alerts)
        elif new := sorted(set(sample.alerts) - old):
            return sample.at, new[0]
    return None


def fired(history: History, fault: float) -> list[tuple[float, str]]:
    """Every alert that fired since the fault and did not before it, with the time at which it was first seen.

    A burn rate that remembers an outage before this one may do so in another window too.
    """
    found: dict[str, float] = {}
    before = [sample for sample in history.samples if sample.at < fault]
    old = set(before[-1].alerts) if before else set()
    remembered = REMEMBERS in map(name_of, old)
    for sample in history.samples:
        for alert in sample.alerts:
            if sample.at >= fault and alert not in old and not (remembered and name_of(alert) == REMEMBERS):
                found.setdefault(alert, sample.at)
    return sorted((at, alert) for alert, at in found.items())


def recovered(history: History, heal: float) -> float | None:
    """When, after the healing, a write had been acknowledged, nothing waited longer than usual, everything was up, and stayed so."""
    answered = min((write.end for write in history.writes if write.outcome is Outcome.OK and write.start >= heal), default=None)
    if answered is None:
        return None
    since: float | None = None
    for sample in history.samples:
        if sample.at < answered:
            continue
        well = sample.lag <= NO_BACKLOG_SECONDS and all(state == "up" for state in sample.states.values())
        since = (sample.at if since is None else since) if well else None
        if since is not None and sample.at - since >= QUIET_SECONDS:
            return max(since, answered)
    return since  # the measuring ended first


def carried(samples: Iterable[Sample], effect: float, heal: float) -> float | None:
    """When, once the fault had taken effect, nothing had been waiting for 3 s although it lasted."""
    since: float | None = None
    for sample in samples:
        if effect <= sample.at <= heal:
            since = (sample.at if since is None else since) if sample.lag <= NO_BACKLOG_SECONDS else None
            if since is not None and sample.at - since >= QUIET_SECONDS:
                return since
    return None


def _peak(samples: Iterable[Sample], value: Callable[[Sample], T | None]) -> T | None:
    found = [known for sample in samples if (known := value(sample)) is not None]
    return max(found, default=None)
