"""Does Postgres keep the log, and does Debezium read it?"""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from grafana.source import jmx, shared, slots
from grafana.source.assemble import dashboard
from grafana.source.look import about, falling, rising
from grafana.source.panels import Panel, lines
from grafana.source.query import added, least, most, per_second, total

STREAMING = 'context="streaming"'


def build() -> Dashboard:
    """The dashboard cdc-source."""
    rows = [
        ("Does Postgres keep the log for the connector?", [*slots.slot(), slots.log(), slots.transactions()]),
        ("Does the connector run?", [shared.connector(), slots.wal_status(), slots.tasks(), slots.keeper()]),
        ("Is Debezium late, idle or stalled?", [_behind(), _queue()]),
        ("What does it read?", [_events(), _rates(), _snapshot(), _trouble()]),
        ("Has Kafka Connect what it needs?", [_commits(), _rebalances(), _heap()]),
    ]
    return dashboard("cdc-source", "Source and Connect", "Does Postgres keep the log, and does Debezium read it?", rows)


def _behind() -> Panel:
    text = about(
        "Two numbers that only together say something: how late the last event was, and how long ago it was. "
        "The first freezes when nothing comes. Missing: no event yet.",
        good="behind below 1,000 ms and the last event below 3,000 ms ago (the heartbeat writes every second).",
        then="last event long ago and the slot active: the source is stuck. Behind high and events fresh: Debezium is too slow.",
    )
    queries = [
        (most(jmx.BEHIND_SOURCE_MS, STREAMING, by="context"), "behind the source"),
        (most(jmx.SINCE_EVENT_MS, STREAMING, by="context"), "since the last event"),
    ]
    return lines("Behind, and since the last event", queries, text, unit="ms", limits=rising(5000, 10000))


def _queue() -> Panel:
    text = about(
        "Fill of the queue between reading and sending.",
        good="below 50 %.",
        then="full: Kafka takes records too slowly (see Kafka). Empty while late: reading is the narrow place.",
    )
    expr = f"1 - {most(jmx.QUEUE_FREE, STREAMING)} / {most(jmx.QUEUE_TOTAL, STREAMING)}"
    return lines("Queue fill", [(expr, "filled")], text, unit="percentunit", limits=rising(0.8, 0.95))


def _events() -> Panel:
    text = about(
        "Row changes that Debezium read from the log, by operation; snapshot rows are not among them.",
        good="what is written.",
        then="0 while rows are written: see Behind.",
    )
    names = {"create": jmx.CREATES, "update": jmx.UPDATES, "delete": jmx.DELETES}
    queries = [(per_second(name, STREAMING), op) for op, name in names.items()]
    return lines("Events by operation", queries, text, unit="ops")


def _rates() -> Panel:
    text = about(
        "Records that the source task polled from Debezium, and that Kafka acknowledged.",
        good="the same.",
        then="polled and not written: Kafka or the network, see Kafka.",
    )
    queries = [(per_second(jmx.POLLED), "polled"), (per_second(jmx.WRITTEN), "written")]
    return lines("Records through Connect", queries, text, unit="ops")


def _snapshot() -> Panel:
    text = about(
        "Whether a snapshot runs, and tables that it still has to read.",
        good="0 in normal running.",
        then="1 for long and tables do not fall: CdcSnapshotStuck in the runbook.",
    )
    queries = [(most(jmx.SNAPSHOT_RUNNING), "running"), (most(jmx.SNAPSHOT_LEFT), "tables left")]
    return lines("Snapshot", queries, text, unit="short")


def _trouble() -> Panel:
    text = about(
        "Events Debezium could not handle, and Connect's errors, failures and retries of records.",
        good="0.",
        then="`make logs S=connect`; see CdcErroneousEvents in the runbook.",
    )
    named = {"erroneous": jmx.ERRONEOUS, "errors": jmx.RECORD_ERRORS, "failed": jmx.RECORD_FAILURES, "retries": jmx.RECORD_RETRIES}
    queries = [(per_second(name), legend) for legend, name in named.items()]
    return lines("Events and records in trouble", queries, text, unit="ops", limits=rising(None, 1))


def _commits() -> Panel:
    text = about(
        "Share of Connect's offset commits that succeeded, the worst task.",
        good="100 %.",
        then="below 80 %: CdcOffsetCommitFailing in the runbook.",
    )
    return lines(
        "Offset commits that succeed", [(least(jmx.COMMIT_SUCCESS), "succeed")], text, unit="percentunit", limits=falling(0.8), span=8
    )


def _rebalances() -> Panel:
    text = about(
        "Rebalances that Connect's workers completed: tasks stop while one lasts.",
        good="none but after a start.",
        then="many: `make logs S=connect` says who joined or left.",
    )
    return lines("Rebalances of Connect", [(added(jmx.CONNECT_REBALANCES), "rebalances")], text, unit="short", span=8)


def _heap() -> Panel:
    text = about(
        "Heap of Connect's and Kafka's JVMs.",
        good="a saw below its limit (CONNECT_HEAP, KAFKA_HEAP).",
        then="flat near the limit: raise it in stack.env.",
    )
    queries = [
        (total(jmx.HEAP_USED, 'area="heap"', by="job"), "used {{job}}"),
        (total(jmx.HEAP_MAX, 'area="heap"', by="job"), "limit {{job}}"),
    ]
    return lines("Heap", queries, text, unit="bytes", span=8)
