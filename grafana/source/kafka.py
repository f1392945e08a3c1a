"""Is Kafka healthy, and does somebody wait for it?"""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from grafana.source import jmx, shared
from grafana.source.assemble import dashboard
from grafana.source.look import UP_DOWN, about, falling, rising
from grafana.source.panels import Panel, bars, lines, number
from grafana.source.query import TOPIC, least, most, per_second, total


def build() -> Dashboard:
    """The dashboard cdc-kafka."""
    rows = [
        ("Is the broker healthy?", _strip()),
        ("Do the worker's records wait?", [shared.backlog(), _partitions(), _seconds(), _members()]),
        ("How much goes through?", [_bytes(), _messages()]),
        ("Are requests slow, and in which phase?", [_phases("Produce"), _phases("FetchConsumer"), _failed(), _heap()]),
        ("What lies on disk?", [_disk()]),
    ]
    return dashboard("cdc-kafka", "Kafka", "Is Kafka healthy, and does somebody wait for it?", rows, variables=("topic",))


def _strip() -> list[Panel]:
    logs = "`make logs S=kafka`; the runbook has a section for the alert of this name."
    return [
        number(
            "Kafka answers",
            least("cdc_probe_up", 'target="kafka"'),
            about("Whether the prober gets an answer to a metadata request.", good="UP.", then=logs),
            unit="short",
            states=UP_DOWN,
        ),
        number(
            "Active controllers",
            total(jmx.ACTIVE_CONTROLLER),
            about("Brokers that are the controller: it decides which broker leads each partition.", good="exactly 1.", then=logs),
            unit="short",
            limits=falling(1),
        ),
        number(
            "Offline partitions",
            total(jmx.OFFLINE_PARTITIONS),
            about("Partitions without a leader: nobody can write or read them.", good="0.", then=logs),
            unit="short",
            limits=rising(None, 1),
        ),
        number(
            "Under min ISR",
            total(jmx.UNDER_MIN_ISR),
            about("Partitions with too few copies in step: writes that ask for all are refused.", good="0.", then=logs),
            unit="short",
            limits=rising(None, 1),
        ),
        number(
            "Under-replicated",
            total(jmx.UNDER_REPLICATED),
            about("Partitions with a copy that lags. With one broker always 0.", good="0.", then=logs),
            unit="short",
            limits=rising(1),
        ),
        number(
            "Group members",
            most("cdc_consumer_group_members"),
            about(
                "Workers that hold partitions in the consumer group, as Kafka says.",
                good="as many as run.",
                then="0: no worker is in the group, `make logs S=worker`.",
            ),
            unit="short",
            limits=falling(1),
        ),
    ]


def _partitions() -> Panel:
    text = about(
        "Records waiting by partition. A mean would hide the one that is stuck.",
        good="all about the same.",
        then="one alone stays high: its key is hot, its circuit is open, or a fan-out holds it. See Worker and MongoDB.",
    )
    query = (most("cdc_consumer_lag_records", TOPIC, by="topic, partition"), "{{topic}} {{partition}}")
    return bars("Records waiting by partition", [query], text, unit="short", limits=rising(1000, 100000))


def _seconds() -> Panel:
    text = about(
        "Freshness beside the records that wait. Many records and little time: volume. Few records and much time: something stands still.",
        good=f"{shared.FRESH}.",
        then="rising with few records waiting: the worker is stuck, CdcSinkStuck in the runbook.",
    )
    return lines("The same in seconds", [(shared.FRESHNESS, "canary")], text, unit="s", limits=shared.FRESH_LIMITS, drill="cdc-worker")


def _members() -> Panel:
    text = about(
        "Workers in the group over time: one that died leaves after CDC_SESSION_TIMEOUT.",
        good="a flat line.",
        then="steps are rebalances; see Worker and MongoDB.",
    )
    return lines("Group members", [(most("cdc_consumer_group_members"), "members")], text, unit="short")


def _bytes() -> Panel:
    text = about(
        "Bytes written to topics and read from them.",
        good="out follows in.",
        then="in without out: nobody reads. Out far above in: a rewind.",
    )
    queries = [(per_second(jmx.BYTES_IN, TOPIC), "in"), (per_second(jmx.BYTES_OUT, TOPIC), "out")]
    return lines("Bytes", queries, text, unit="Bps")


def _messages() -> Panel:
    text = about(
        "Records that producers wrote, by topic, stacked to the whole.",
        good="what the tables change.",
        then="none while rows are written: see Source and Connect.",
    )
    return lines("Records by topic", [(per_second(jmx.MESSAGES_IN, TOPIC, by="topic"), "{{topic}}")], text, unit="mps", parts=True)


def _phases(request: str) -> Panel:
    text = about(
        f"Time of {request} requests by phase, 99th percentile.",
        good="below 10 ms; a consumer's fetch may wait in `remote` until there is something to send.",
        then="queue: too few request threads. Local: the disk. Remote: copies, or a fetch that waits. Send: the network.",
    )
    names = {"queue": jmx.REQUEST_QUEUE_MS, "local": jmx.REQUEST_LOCAL_MS, "remote": jmx.REQUEST_REMOTE_MS, "send": jmx.REQUEST_SEND_MS}
    only = (f'request="{request}"', 'quantile="0.99"')
    return lines(f"{request}, p99 by phase", [(most(name, *only), phase) for phase, name in names.items()], text, unit="ms")


def _failed() -> Panel:
    text = about("Produce and fetch requests that the broker answered with an error.", good="0.", then="`make logs S=kafka`.")
    queries = [(per_second(jmx.FAILED_PRODUCE), "produce"), (per_second(jmx.FAILED_FETCH), "fetch")]
    return lines("Failed requests", queries, text, unit="reqps", limits=rising(None, 1))


def _heap() -> Panel:
    text = about(
        "Share of time that JVMs spend collecting garbage.", good="below 5 %.", then="above: raise KAFKA_HEAP or CONNECT_HEAP in stack.env."
    )
    return lines(
        "Garbage collection", [(per_second(jmx.GC_SECONDS, by="job"), "{{job}}")], text, unit="percentunit", limits=rising(0.05, 0.2)
    )


def _disk() -> Panel:
    text = about(
        "Bytes on disk by topic, all partitions together.",
        good="below TOPIC_RETENTION_BYTES a partition.",
        then="near it before TOPIC_RETENTION_MS: raise one, or records go before a worker that was away comes back.",
    )
    return bars("Bytes by topic", [(total(jmx.LOG_SIZE, TOPIC, by="topic"), "{{topic}}")], text, unit="bytes", span=24, height=6)
