"""Is the pipeline healthy, how late is it, and why? To be answered in five seconds."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from grafana.source import shared
from grafana.source.assemble import dashboard
from grafana.source.look import about, falling, rising
from grafana.source.panels import Panel, lines, listing, number
from grafana.source.query import KEEPER, PROBER, WORKER, most, or_none, per_second, quantile, total


def build() -> Dashboard:
    """The dashboard cdc-overview."""
    rows = [
        ("Is the read model fresh, complete and within its objective?", _health()),
        ("What is up, and which hop is late?", [shared.components(), shared.lag()]),
        ("Where does work wait?", [_log_waiting(), shared.backlog(), _in_flight(), _pace()]),
        ("What goes wrong?", [_errors(), _alerts()]),
    ]
    return dashboard("cdc-overview", "Overview", "Is the pipeline healthy, how late is it, and why?", rows, variables=("topic",))


def _health() -> list[Panel]:
    firing = 'count(ALERTS{alertstate="firing",alertname!="Watchdog"}) or 0 * count(ALERTS{alertstate="firing",alertname="Watchdog"})'
    return [
        shared.freshness(),
        number(
            "End to end, p99",
            quantile(0.99, "cdc_canary_roundtrip_seconds", window="5m"),
            about(
                "From the canary's commit in Postgres until it was read back from MongoDB, the slowest of a hundred in five minutes.",
                good="below 1 s.",
                then="compare with Lag by hop. Only the p99 is high: look for fan-outs and rebalances on Worker and MongoDB.",
            ),
            unit="s",
            limits=rising(2, 10),
            drill="cdc-slo",
        ),
        number(
            "Error budget left",
            "min(slo:period_error_budget_remaining:ratio)",
            about(
                "Share of the time in which the read model may be older than 10 s that is still left in the period of the objective.",
                good="above 25 %. Below 0 the objective is missed.",
                then="the SLO dashboard shows when it was spent; no risky changes until it recovers.",
            ),
            unit="percentunit",
            limits=falling(0, 0.25),
            drill="cdc-slo",
        ),
        number(
            "Divergent documents",
            total("cdc_divergent_documents"),
            about(
                "Documents that the continuous verify found missing, extra or different from what Postgres says, after looking twice.",
                good="0, always.",
                then="`make verify` names them. Parked keys explain some: see Dead letters.",
            ),
            unit="short",
            limits=rising(None, 1),
            drill="cdc-worker",
        ),
        number(
            "Dead letters",
            most("cdc_dead_letters_waiting"),
            about(
                "Records that could not be applied and wait on cdc.dead-letters, with the later records of their keys.",
                good="0.",
                then="`python -m stack exec -- python -m cdc_consumer dead-letters list`, then show, replay or discard.",
            ),
            unit="short",
            limits=rising(1),
            drill="cdc-worker",
        ),
        number(
            "Alerts firing",
            firing,
            about(
                "Alerts that fire now, without Watchdog. Watchdog always fires: without it no rule is evaluated, and this says NO DATA.",
                good="0.",
                then="the table at the end names them; the runbook has a section for each.",
            ),
            unit="short",
            limits=rising(None, 1),
            drill="cdc-slo",
        ),
    ]


def _log_waiting() -> Panel:
    text = about(
        "Postgres' log that the connector has not confirmed, and what the slot keeps on disk for it.",
        good="a few MB, going up and down. The limit is SLOT_WAL_KEEP_MB; beyond it the slot is lost.",
        then="rising: the connector is away or slow, see Source and Connect.",
    )
    queries = [(most("cdc_slot_wal_unconfirmed_bytes"), "unconfirmed"), (most("cdc_slot_wal_retained_bytes"), "retained")]
    return lines("Log waiting in Postgres", queries, text, unit="bytes", drill="cdc-source")


def _in_flight() -> Panel:
    text = about(
        "Chunks that a worker has fetched and MongoDB has not acknowledged, and documents that running fan-outs still have to write.",
        good="a few; back to 0 when nothing is written.",
        then="full and not falling: MongoDB does not answer, or a fan-out is large. See Worker and MongoDB.",
    )
    queries = [
        (total("cdc_chunks_in_flight", by="instance"), "chunks {{instance}}"),
        (total("cdc_fan_out_remaining_documents"), "fan-out, documents"),
    ]
    return lines("In the worker", queries, text, unit="short", drill="cdc-worker")


def _pace() -> Panel:
    text = about(
        "How fast each stage works: what clients wrote, what Kafka took, what the worker applied and materialised.",
        good="the lines move together. One write makes one or more records, a rename many documents.",
        then="the first stage that falls behind is the narrow one.",
    )
    return lines("Pace of every stage", shared.RATES, text, unit="ops", drill="cdc-kafka")


def _errors() -> Panel:
    text = about(
        "Everything that failed, by kind, a second.",
        good="0. Retries during an outage are right: nothing is dropped, and they end with it.",
        then="5xx: API. Retries: the cause is the label, see Worker and MongoDB. Lost canaries: CdcCanaryLost in the runbook.",
    )
    queries = [
        (per_second("cdc_api_request_seconds_count", 'status=~"5.."'), "5xx"),
        (or_none(per_second("cdc_retries_total", by="cause"), WORKER), "retry {{cause}}"),
        (or_none(per_second("cdc_dead_letters_total"), WORKER), "parked"),
        (or_none(per_second("cdc_canary_attempt_failed_total"), PROBER), "canary not written"),
        (or_none(per_second("cdc_canary_lost_total"), PROBER), "lost"),
        (or_none(per_second("cdc_keeper_restarts_total"), KEEPER), "connector restarted"),
    ]
    return lines("Errors and retries", queries, text, unit="ops", span=12)


def _alerts() -> Panel:
    text = about(
        "The alerts that fire now. Watchdog is always here: it proves that rules are evaluated.",
        good="Watchdog alone.",
        then="open the runbook at the alert's name.",
    )
    return listing(
        "Firing alerts",
        'max by (alertname, severity, instance) (ALERTS{alertstate="firing"})',
        text,
        columns=("alertname", "severity", "instance"),
        span=12,
        height=8,
    )
