"""Panels and expressions that more than one dashboard shows, so that the same number is the same everywhere."""

from __future__ import annotations

from typing import Final

from grafana.source import jmx
from grafana.source.look import BAD, OK, UNKNOWN, UP_DOWN, WARN, State, about, rising
from grafana.source.panels import Panel, lines, number, timeline
from grafana.source.query import TOPIC, Query, coded, least, most, per_second, quantile

FRESHNESS: Final = "max(cdc:freshness_seconds)"
FRESH: Final = "below 7 s, of which up to 5 s are the time since Prometheus last asked"
FRESH_LIMITS: Final = rising(7, 10)  # the second is the objective
CONNECTOR_CODES: Final = {"running": 1, "paused": 2, "stopped": 3, "unassigned": 4, "failed": 5, "missing": 6, "restarting": 7}
CONNECTOR_STATES: Final[dict[int, State]] = {
    1: ("RUNNING", OK),
    2: ("PAUSED", WARN),
    3: ("STOPPED", WARN),
    4: ("UNASSIGNED", WARN),
    5: ("FAILED", BAD),
    6: ("MISSING", BAD),
    7: ("RESTARTING", WARN),
}
WAL_CODES: Final = {"reserved": 1, "extended": 2, "unreserved": 3, "lost": 4}
WAL_STATES: Final[dict[int, State]] = {1: ("RESERVED", OK), 2: ("EXTENDED", WARN), 3: ("UNRESERVED", BAD), 4: ("LOST", BAD)}
FAULT: Final[dict[int, State]] = {0: ("none", UNKNOWN), 1: ("FAULT", BAD)}

# The states of the path's components as 0 and 1, in the order in which a row meets them.
COMPONENTS: Final[list[Query]] = [
    (least("cdc_probe_up", by="target"), "{{target}}"),
    (most("cdc_slot_active"), "slot"),
    (most("cdc_connector_state", 'state="running"'), "connector"),
    (most("cdc_mongo_primary"), "primary"),
    (least("up", by="job"), "scrape {{job}}"),
]


def freshness(span: int = 4) -> Panel:
    """Age of the read model."""
    text = about(
        "Age of what readers see: time since the newest canary row that arrived in MongoDB was written to Postgres. "
        "Of four canaries, one for each partition, the oldest counts.",
        good=f"{FRESH} (`make watch` asks itself); the objective is 10 s.",
        then="look at the states and the lag by hop below; the first hop that is late is the one to look into.",
    )
    return number("Freshness", FRESHNESS, text, unit="s", limits=FRESH_LIMITS, span=span, drill="cdc-slo")


def components(height: int = 10) -> Panel:
    """What is up, over time."""
    text = about(
        "What the prober and Prometheus see of each component: whether it does its work, not whether a port is open. "
        "A gap: nobody could look.",
        good="all green.",
        then="take the topmost red row first, those below it often follow from it. `make status`, then `make logs S=<name>`.",
    )
    return timeline("Components", COMPONENTS, text, states=UP_DOWN, height=height, drill="cdc-source")


def lag(height: int = 8) -> Panel:
    """Seconds by hop, measured from the outside and by the worker."""
    text = about(
        "Freshness as the canary sees it, its round trip, and the p99 of each hop as the worker saw it. When nothing arrives the hops end, "
        "while freshness goes on rising.",
        good=f"freshness {FRESH}; each hop below 1 s. The dashed lines are 7 s and the objective, 10 s.",
        then="the highest hop names the place: source and Connect, Kafka, or worker and MongoDB.",
    )
    queries = [
        (FRESHNESS, "canary"),
        (quantile(0.99, "cdc_canary_roundtrip_seconds"), "read back"),
        (quantile(0.99, "cdc_hop_seconds", by="hop"), "{{hop}}"),
    ]
    return lines("Lag by hop", queries, text, unit="s", limits=FRESH_LIMITS, span=24, height=height, drill="cdc-slo")


def backlog(span: int = 12) -> Panel:
    """Records that wait in Kafka, the worst partition of each topic."""
    text = about(
        "Records that Kafka holds and the worker has not committed, seen from the outside: the worst partition of each topic.",
        good="near 0, or falling; it may jump in a load.",
        then="rising while records are applied: the worker is too slow, `make up WORKERS=2`. "
        "Rising and nothing applied: `make logs S=worker`.",
    )
    query = most("cdc_consumer_lag_records", TOPIC, by="topic")
    return lines("Records waiting, worst partition", [(query, "{{topic}}")], text, unit="short", span=span, drill="cdc-worker")


def connector(span: int = 24) -> Panel:
    """The connector's state over time."""
    text = about(
        "Debezium's connector as Kafka Connect reports it.",
        good="RUNNING.",
        then="FAILED: `make logs S=connect` shows why; the keeper restarts it. "
        "MISSING: `python -m stack exec -- python -m connectors register`.",
    )
    query = (coded("cdc_connector_state", "state", CONNECTOR_CODES), "connector")
    return timeline("Connector", [query], text, states=CONNECTOR_STATES, span=span, height=4)


RATES: Final[list[Query]] = [
    (per_second("cdc_api_request_seconds_count", 'method=~"POST|PUT|DELETE"', 'status=~"2.."'), "written by the API, requests"),
    (per_second("cdc_records_total", 'op!="r"'), "applied, records"),
    (per_second("cdc_documents_total"), "materialised, documents"),
    (per_second(jmx.MESSAGES_IN, 'topic=~"cdc.public.*"'), "in Kafka, records"),
]
