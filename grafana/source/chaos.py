"""What did a fault do, and was anything lost?"""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from grafana.source import shared
from grafana.source.assemble import dashboard
from grafana.source.look import about, rising
from grafana.source.panels import Panel, bars, lines, number, timeline
from grafana.source.query import KEEPER, PROBER, WORKER, added, m, most, or_none, per_second, total


def build() -> Dashboard:
    """The dashboard cdc-chaos."""
    rows = [
        ("Was anything lost?", _strip()),
        ("What was broken, and what did it break?", [_faults(), shared.components(), shared.lag()]),
        ("How did it come back?", [_backlog(), _drain(), _again(), _verified()]),
    ]
    return dashboard("cdc-chaos", "Chaos", "What did a fault do, and was anything lost?", rows)


def _strip() -> list[Panel]:
    def count(title: str, expr: str, what: str, then: str) -> Panel:
        return number(title, expr, about(what, good="0.", then=then), unit="short", limits=rising(None, 1))

    lost = "CdcCanaryLost in the runbook, then `make verify`."
    return [
        count(
            "Lost",
            or_none(added("cdc_canary_lost_total", window="$__range"), PROBER),
            "Canaries in this time range that never arrived.",
            lost,
        ),
        count("Divergent documents", total("cdc_divergent_documents"), "Documents that differ from Postgres now.", "`make verify`."),
        count(
            "Missed offsets",
            or_none(added("cdc_missed_offsets_total", window="$__range"), WORKER),
            "Records that Kafka deleted unread.",
            lost,
        ),
        count(
            "Parked",
            or_none(added("cdc_dead_letters_total", window="$__range"), WORKER),
            "Records parked in this range. An outage must park none.",
            lost,
        ),
        number(
            "Stale rows left out",
            or_none(added("cdc_stale_rows_total", window="$__range"), WORKER),
            about("Repetitions that were recognised: the price of losing nothing.", good="any number.", then="nothing to do."),
            unit="short",
        ),
        shared.freshness(),
    ]


def _faults() -> Panel:
    text = about(
        "Faults that are being made, by experiment.",
        good="none, unless you break something on purpose.",
        then="compare with the rows below.",
    )
    return timeline("Faults", [(most("cdc_chaos_active", by="experiment"), "{{experiment}}")], text, states=shared.FAULT, height=5)


def _backlog() -> Panel:
    text = about(
        "What waits in Kafka, worst partition, and in the worker.",
        good="it rises in a fault and falls to 0 after it.",
        then="it does not fall: see the component that is red above.",
    )
    queries = [(most("cdc_consumer_lag_records"), "records, worst partition"), (total("cdc_chunks_in_flight"), "chunks in the worker")]
    return lines("Backlog", queries, text, unit="short")


def _drain() -> Panel:
    text = about(
        "Records applied. After a fault this is how fast the backlog drains.",
        good="well above the rate of writing.",
        then="no faster than before: a worker more, `make up WORKERS=2`.",
    )
    return lines(
        "Applied", [(per_second("cdc_records_total"), "applied"), (per_second("cdc_stale_rows_total"), "stale, left out")], text, unit="ops"
    )


def _again() -> Panel:
    text = about(
        "Retries, restarts and rebalances that the fault made.",
        good="they end with it.",
        then="they go on: see Errors and retries on the Overview.",
    )
    queries = [
        (or_none(per_second("cdc_retries_total", by="cause"), WORKER), "retry {{cause}}"),
        (per_second("cdc_rebalances_total"), "rebalances"),
        (or_none(per_second("cdc_keeper_restarts_total"), KEEPER), "connector restarted"),
        (f"sum by (job) (changes({m('process_start_time_seconds')}[$__rate_interval]))", "restart {{job}}"),
    ]
    return lines("Tried again", queries, text, unit="ops")


def _verified() -> Panel:
    text = about(
        "Age of the moment up to which each collection was compared with Postgres and found equal.",
        good="minutes, and moving.",
        then="rising: verify cannot look, or found something.",
    )
    expr = "time() - " + most("cdc_verified_up_to_timestamp_seconds", by="collection")
    return bars("Verified up to, age", [(expr, "{{collection}}")], text, unit="s", limits=rising(600, 3600))
