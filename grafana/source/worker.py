"""Does the worker apply what Kafka holds, and does MongoDB take it?"""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from grafana.source import mongo, process, shared
from grafana.source.assemble import dashboard
from grafana.source.look import about, rising
from grafana.source.panels import Panel, lines
from grafana.source.query import TABLE, WORKER, most, or_none, per_second, quantile, quantiles


def build() -> Dashboard:
    """The dashboard cdc-worker."""
    rows = [
        ("Does the worker move on?", [*process.strip(), _waiting(), shared.backlog()]),
        ("How fast, and which step takes the time?", [_records(), _documents(), _steps(), _chunks()]),
        ("What is tried again, left out or parked?", [_retries(), _stale(), _parked(), _group()]),
        ("Is MongoDB well?", mongo.panels()),
        ("Does the process have what it needs?", [process.memory(), process.cpu()]),
    ]
    question = "Does the worker apply what Kafka holds, and does MongoDB take it?"
    return dashboard("cdc-worker", "Worker and MongoDB", question, rows, variables=("table", "topic"))


def _waiting() -> Panel:
    text = about(
        "Whether an outage makes a worker wait, by cause.",
        good="0.",
        then="the cause names the component that is away; the worker goes on by itself.",
    )
    return lines(
        "Paused", [(or_none(most("cdc_worker_paused", by="instance, cause"), WORKER), "{{cause}} {{instance}}")], text, unit="short"
    )


def _records() -> Panel:
    text = about(
        "Records applied, by table and operation: c created, u updated, d deleted, r read by a snapshot.",
        good="what the tables change.",
        then="0 while records wait: `make logs S=worker`.",
    )
    return lines(
        "Records applied", [(per_second("cdc_records_total", TABLE, by="table, op"), "{{table}} {{op}}")], text, unit="ops", parts=True
    )


def _documents() -> Panel:
    text = about(
        "Documents built from the mirrors and written, by collection.",
        good="one or more for each record.",
        then="many for few records: a rename fans out.",
    )
    return lines("Documents written", [(per_second("cdc_documents_total", by="collection"), "{{collection}}")], text, unit="ops")


def _steps() -> Panel:
    text = about(
        "How long each step of a chunk takes, the slowest of a hundred.",
        good="below 0.5 s.",
        then="the slowest step names the place: mirror and materialise are MongoDB.",
    )
    return lines("Steps of a chunk, p99", [(quantile(0.99, "cdc_step_seconds", by="step"), "{{step}}")], text, unit="s")


def _chunks() -> Panel:
    text = about(
        "Records of one chunk: what is applied together.",
        good="1 to 10 when quiet, up to 5,000 in a load.",
        then="large chunks while quiet: something waited before.",
    )
    return lines("Size of chunks", quantiles("cdc_chunk_records"), text, unit="short")


def _retries() -> Panel:
    text = about(
        "Chunks tried again, by cause, and transactions that lost a race.",
        good="few.",
        then="the cause names what is away. Many conflicts: hot documents.",
    )
    queries = [
        (or_none(per_second("cdc_retries_total", by="cause"), WORKER), "retry {{cause}}"),
        (per_second("cdc_transaction_conflicts_total"), "conflicts"),
    ]
    return lines("Tried again", queries, text, unit="ops")


def _stale() -> Panel:
    text = about(
        "Rows that were there already or newer: repetitions, dropped rightly.",
        good="0; after a crash or rebalance a burst.",
        then="steadily high: offsets are not committed, see Group.",
    )
    queries = [
        (or_none(per_second("cdc_stale_rows_total", TABLE, by="table"), WORKER), "stale {{table}}"),
        (or_none(per_second("cdc_clock_skew_events_total", by="hop"), WORKER), "clock skew {{hop}}"),
    ]
    return lines("Left out", queries, text, unit="ops")


def _parked() -> Panel:
    text = about(
        "Records parked, by cause, and documents left as they are because of a parked row.",
        good="0.",
        then="`python -m stack exec -- python -m cdc_consumer dead-letters list`.",
    )
    queries = [
        (or_none(per_second("cdc_dead_letters_total", by="cause"), WORKER), "parked {{cause}}"),
        (or_none(per_second("cdc_documents_skipped_total", by="collection"), WORKER), "skipped {{collection}}"),
    ]
    return lines("Parked", queries, text, unit="ops", limits=rising(None, 1))


def _group() -> Panel:
    text = about(
        "Offset commits by outcome, rebalances and rewinds.",
        good="one commit a second while records come; no rebalances.",
        then="refused commits or many rebalances: CdcRebalanceStorm in the runbook.",
    )
    queries = [
        (per_second("cdc_commits_total", by="outcome"), "commit {{outcome}}"),
        (per_second("cdc_rebalances_total"), "rebalances"),
        (per_second("cdc_rewinds_total"), "rewinds"),
    ]
    return lines("Commits and rebalances", queries, text, unit="ops")
