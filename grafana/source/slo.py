"""Is the freshness objective met, and how fast is its budget spent?"""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from grafana.source import shared
from grafana.source.assemble import dashboard
from grafana.source.look import about, falling, rising
from grafana.source.panels import Panel, lines, listing, number
from grafana.source.query import PROBER, most, or_none, per_second, quantiles


def build() -> Dashboard:
    """The dashboard cdc-slo."""
    rows = [
        ("Is the objective met?", _strip()),
        ("How fast is the budget spent?", [_burn(), _budget()]),
        ("What does the canary see?", [_age(), _roundtrip(), _counts(), _wrong()]),
        ("Which alerts fire?", [_alerts()]),
    ]
    return dashboard("cdc-slo", "SLO", "Is the freshness objective met, and how fast is its budget spent?", rows)


def _strip() -> list[Panel]:
    burning = "the first alert that fires and the Overview; the runbook at CdcFreshnessBurnFast."
    return [
        shared.freshness(6),
        number(
            "Budget left",
            "min(slo:period_error_budget_remaining:ratio)",
            about("Share of the allowed bad time that is left in the period.", good="above 25 %.", then="below 0: no risky changes."),
            unit="percentunit",
            limits=falling(0, 0.25),
            span=6,
        ),
        number(
            "Burn rate",
            "max(slo:current_burn_rate:ratio)",
            about("How many times faster than allowed the budget is spent now.", good="below 1.", then=burning),
            unit="short",
            limits=rising(1, 6),
            span=6,
        ),
        number(
            "Bad time, last hour",
            "max(cdc:freshness_error:ratio_1h)",
            about("Share of the last hour in which the read model was older than 10 s or nobody knew.", good="0 %.", then=burning),
            unit="percentunit",
            limits=rising(0.001, 0.0144),
            span=6,
        ),
    ]


def _burn() -> Panel:
    text = about(
        "Share of bad time in each window that the alerts look at. A page fires when a long and a short one are both too high.",
        good="0; long windows come down slowly after an outage.",
        then="short ones high: it burns now, see the Overview. Long ones alone: it is over.",
    )
    queries = [('max by (sloth_window) ({__name__=~"slo:sli_error:ratio_rate.+"})', "{{sloth_window}}")]
    return lines("Bad time by window", queries, text, unit="percentunit", limits=rising(0.006, 0.0144))


def _budget() -> Panel:
    text = about(
        "The share of the error budget that is left, over time.",
        good="above 25 % and flat.",
        then="steps down are outages; the annotations name them.",
    )
    queries = [("min(slo:period_error_budget_remaining:ratio)", "left")]
    return lines("Budget left", queries, text, unit="percentunit", limits=falling(0, 0.25))


def _age() -> Panel:
    text = about(
        "Age of each canary, one a partition.",
        good=f"all {shared.FRESH}.",
        then="one alone rises: its partition is stuck, see Kafka.",
    )
    expr = "time() - " + most("cdc_canary_last_applied_source_timestamp_seconds", by="canary")
    return lines("Age by canary", [(expr, "canary {{canary}}")], text, unit="s", limits=shared.FRESH_LIMITS)


def _roundtrip() -> Panel:
    text = about(
        "Round trip of the canaries that arrived.", good="p50 below 0.2 s, p99 below 1 s.", then="what never arrives is not here: see Lost."
    )
    return lines("Round trip", quantiles("cdc_canary_roundtrip_seconds", shares=(0.5, 0.9, 0.99)), text, unit="s", limits=rising(2, 10))


def _counts() -> Panel:
    text = about(
        "Canaries written, and those that came back.",
        good="both the same, about one a second for each canary.",
        then="written and not back: see Lag by hop on the Overview.",
    )
    queries = [(per_second("cdc_canary_emitted_total"), "written"), (per_second("cdc_canary_roundtrip_seconds_count"), "back")]
    return lines("Canaries", queries, text, unit="ops")


def _wrong() -> Panel:
    text = about(
        "Canaries that were lost, came twice, came in the wrong order, or could not be written.",
        good="0.",
        then="lost: CdcCanaryLost in the runbook. Not written: Postgres is away.",
    )
    named = {"lost": "lost_total", "twice": "duplicates_total", "wrong order": "reordered_total", "not written": "attempt_failed_total"}
    queries = [(or_none(per_second(f"cdc_canary_{name}"), PROBER), legend) for legend, name in named.items()]
    return lines("Canaries gone wrong", queries, text, unit="ops")


def _alerts() -> Panel:
    text = about("Every alert that fires or waits to.", good="Watchdog alone.", then="the runbook at the alert's name.")
    expr = "max by (alertname, alertstate, severity, instance) (ALERTS)"
    return listing("Alerts", expr, text, columns=("alertname", "alertstate", "severity", "instance"))
