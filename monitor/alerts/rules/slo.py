"""The freshness SLO: the SLI, its error ratio over every window, and the burn-rate alerts.

The denominator is time, not what arrived: a second without a fresh canary is bad, whether the canary is late, the prober is gone or its
value is frozen. Time before Prometheus ran counts as good: what nobody could see is no reason to wake somebody.
"""

from __future__ import annotations

from typing import Final

from monitor.alerts.rules.model import Alert, Group, Record, Severity
from monitor.alerts.rules.profile import THRESHOLD_SECONDS, Burn, Profile, seconds

SLO: Final = {"sloth_id": "cdc-freshness", "sloth_service": "cdc", "sloth_slo": "freshness"}
_SCRAPE_SECONDS = 5
_COLD_SECONDS = 60  # Prometheus has to have run this long before a missing canary is bad

# A canary that was emitted and never applied since the prober started counts from the prober's start: the others must not hide it.
_LAST_APPLIED = (
    "cdc_canary_last_applied_source_timestamp_seconds or on (canary) "
    '(cdc_canary_last_emitted_timestamp_seconds * 0 + on () group_left () max(process_start_time_seconds{job="prober"}))'
)
FRESHNESS: Final = f"time() - min({_LAST_APPLIED})"

# Prometheus has scraped something for a minute, so that a cold start is not a breach.
_WARM = f"max(count_over_time(up[{_COLD_SECONDS + 10}s])) >= {_COLD_SECONDS // _SCRAPE_SECONDS}"
BAD: Final = f"(cdc:freshness_seconds > bool {THRESHOLD_SECONDS}) or on () (vector(1) and on () ({_WARM}))"


def error_ratio(profile: Profile, window: str) -> str:
    """The bad share of a window. A window that is not full yet is filled up with good time, or the first bad sample would be 100 %."""
    whole = seconds(window) // seconds(profile.interval)
    return f"sum_over_time(cdc:freshness_bad:bool[{window}]) / clamp_min(count_over_time(cdc:freshness_bad:bool[{window}]), {whole})"


def _ratios(profile: Profile, windows: tuple[str, ...]) -> list[Record]:
    """Each ratio under this project's name and under sloth's, so that public dashboards work."""
    found: list[Record] = []
    for window in windows:
        ours = f"cdc:freshness_error:ratio_{window}"
        found.append(Record(ours, error_ratio(profile, window)))
        found.append(Record(f"slo:sli_error:ratio_rate{window}", ours, {**SLO, "sloth_window": window}))
    return found


def _burn(profile: Profile, burn: Burn) -> Alert:
    limit = f"({burn.factor:g} * {profile.budget:g})"
    fast = burn.severity == "page"
    severity: Severity = "page" if fast else "ticket"
    return Alert(
        name="CdcFreshnessBurnFast" if fast else "CdcFreshnessBurnSlow",
        severity=severity,
        labels={"window": burn.long},
        summary=f"MongoDB is stale: more than {THRESHOLD_SECONDS} s late in {{{{ $value | humanizePercentage }}}} of the last {burn.long}",
        expr=f"cdc:freshness_error:ratio_{burn.long} > {limit} and cdc:freshness_error:ratio_{burn.short} > {limit}",
        impact=f"clients read old documents; {profile.spent(burn):.0%} of the error budget of {profile.period} is gone.",
        causes="a component is down or frozen, the worker is stuck, a backlog is being read, or the prober itself cannot work.",
        steps="make status names what does not serve; make alerts shows the cause beside this symptom.",
        dashboard="cdc-slo",
    )


def groups(profile: Profile) -> list[Group]:
    """The SLI first: Prometheus evaluates the rules of a group in order."""
    quick = {window for burn in profile.burns if burn.severity == "page" for window in (burn.long, burn.short)}
    fast = tuple(window for window in profile.windows if window in quick)
    slow = tuple(window for window in profile.windows if window not in quick)
    shortest, period = profile.windows[0], profile.period
    days = seconds(period) / seconds("1d")
    sli: list[Record | Alert] = [
        Record("cdc:freshness_seconds", FRESHNESS),
        Record("cdc:freshness_bad:bool", BAD),
        *_ratios(profile, fast),
        *(_burn(profile, burn) for burn in profile.burns if burn.severity == "page"),
    ]
    budget: list[Record | Alert] = [
        *_ratios(profile, slow),
        Record("slo:objective:ratio", f"vector({profile.objective:g})", SLO),
        Record("slo:error_budget:ratio", f"vector({profile.budget:g})", SLO),
        Record("slo:time_period:days", f"vector({days:g})", SLO),
        Record("slo:current_burn_rate:ratio", f"cdc:freshness_error:ratio_{shortest} / {profile.budget:g}", SLO),
        Record("slo:period_burn_rate:ratio", f"cdc:freshness_error:ratio_{period} / {profile.budget:g}", SLO),
        Record("slo:period_error_budget_remaining:ratio", f"1 - cdc:freshness_error:ratio_{period} / {profile.budget:g}", SLO),
        *(_burn(profile, burn) for burn in profile.burns if burn.severity == "ticket"),
    ]
    return [Group("cdc-sli", profile.interval, tuple(sli)), Group("cdc-slo", profile.slow_interval, tuple(budget))]
