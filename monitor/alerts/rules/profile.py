"""A profile: how long the freshness SLO looks back, and how long a condition has to last. There is one for production and one for a laptop.

A stack on a laptop lives minutes, so a 30-day budget with windows of hours would never say anything there. Both profiles share the
SLI (a canary is fresh when it is at most 10 s old), the four burn factors and the alerts. They differ in objective, windows and holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}

THRESHOLD_SECONDS: Final = 10
"""The freshness that is promised: T of the SLI."""


def seconds(duration: str) -> int:
    """Seconds of a Prometheus duration with one unit: 5m is 300."""
    return int(duration[:-1]) * UNITS[duration[-1]]


@dataclass(frozen=True)
class Burn:
    """One row of the burn table: the alert fires when both windows exceed `factor` times the error budget."""

    severity: str
    long: str
    short: str
    factor: float


@dataclass(frozen=True, kw_only=True)
class Profile:
    """`objective` is the share of time that is fresh, `period` what the budget is for, `interval` how often rules are evaluated."""

    name: str
    objective: float
    period: str
    interval: str
    slow_interval: str
    burns: tuple[Burn, ...]
    production: bool

    def pick(self, production: str, laptop: str) -> str:
        """The duration or number that is right in this profile."""
        return production if self.production else laptop

    @property
    def budget(self) -> float:
        """The share of time that may be stale."""
        return round(1 - self.objective, 6)

    @property
    def windows(self) -> tuple[str, ...]:
        """Every window that the burn table and the remaining budget need, shortest first."""
        found = {window for burn in self.burns for window in (burn.long, burn.short)} | {self.period}
        return tuple(sorted(found, key=seconds))

    def spent(self, burn: Burn) -> float:
        """The share of the period's budget that is gone when a row of the table fires."""
        return burn.factor * seconds(burn.long) / seconds(self.period)


# Windows and factors of the SRE workbook, as sloth's google-30d.yaml has them.
PRODUCTION: Final = Profile(
    name="30d",
    objective=0.999,
    period="30d",
    interval="15s",
    slow_interval="2m",
    burns=(
        Burn("page", "1h", "5m", 14.4),
        Burn("page", "6h", "30m", 6),
        Burn("ticket", "1d", "2h", 3),
        Burn("ticket", "3d", "6h", 1),
    ),
    production=True,
)

# The same factors over minutes. 14.4 % of 5 minutes are 43 s: a process that is killed and comes back stays below it, one that stays
# down pages a minute after its last canary (10 s that are allowed, 45 s that burn).
LAPTOP: Final = Profile(
    name="laptop",
    objective=0.99,
    period="12h",
    interval="5s",
    slow_interval="15s",
    burns=(
        Burn("page", "5m", "1m", 14.4),
        Burn("page", "30m", "5m", 6),
        Burn("ticket", "1h", "10m", 3),
        Burn("ticket", "3h", "30m", 1),
    ),
    production=False,
)

PROFILES: Final = {profile.name: profile for profile in (PRODUCTION, LAPTOP)}
