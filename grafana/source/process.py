"""Panels about the worker as a process: its health in six numbers, and what it uses."""

from __future__ import annotations

from grafana.source.look import about, rising
from grafana.source.panels import Panel, lines, number
from grafana.source.query import WORKER, least, most, or_none, per_second, total


def strip() -> list[Panel]:
    """Whether the worker moves on."""
    log = "`make logs S=worker`."
    return [
        number(
            "Worst partition",
            most("cdc_consumer_lag_records"),
            about(
                "Records that wait in the partition that is furthest behind.", good="near 0 or falling.", then="see the two graphs below."
            ),
            unit="short",
            limits=rising(10000, 100000),
        ),
        number(
            "Stalled",
            most("cdc_watchdog_stalled_seconds"),
            about(
                "Seconds since a worker with records to apply last made progress. The watchdog ends it when this gets too long.",
                good="below 10 s.",
                then=log,
            ),
            unit="s",
            limits=rising(15, 60),
        ),
        number(
            "Circuits open",
            total("cdc_circuits_open"),
            about(
                "Partitions whose records are refused because most of a chunk cannot be applied.",
                good="0.",
                then="the log names the cause; mend it and restart the worker.",
            ),
            unit="short",
            limits=rising(None, 1),
        ),
        number(
            "Chunks in flight",
            total("cdc_chunks_in_flight"),
            about(
                "Chunks that were fetched and MongoDB has not acknowledged yet.",
                good="a few.",
                then="many and not falling: MongoDB, below.",
            ),
            unit="short",
        ),
        number(
            "Missed offsets",
            or_none(total("cdc_missed_offsets_total"), WORKER),
            about(
                "Records that Kafka deleted before the worker read them, since its start: data is lost until a new snapshot.",
                good="0.",
                then="CdcOffsetGap in the runbook.",
            ),
            unit="short",
            limits=rising(None, 1),
        ),
        number(
            "Dead letters",
            most("cdc_dead_letters_waiting"),
            about(
                "Records that wait on cdc.dead-letters.",
                good="0.",
                then="`python -m stack exec -- python -m cdc_consumer dead-letters list`.",
            ),
            unit="short",
            limits=rising(1),
        ),
    ]


def memory() -> Panel:
    """Bytes of every process of ours."""
    text = about(
        "Resident memory of each process that is scraped.",
        good="flat; bounded in an outage too.",
        then="rising for an hour: restart it and keep the graph for a bug report.",
    )
    return lines("Memory", [(least("process_resident_memory_bytes", by="job, instance"), "{{job}} {{instance}}")], text, unit="bytes")


def cpu() -> Panel:
    """Cores of every process of ours."""
    text = about(
        "Processor time that each process uses, in cores.",
        good="below 1 for a Python process.",
        then="a worker at 1 with records waiting: `make up WORKERS=2`.",
    )
    return lines(
        "CPU",
        [(per_second("process_cpu_seconds_total", by="job, instance"), "{{job}} {{instance}}")],
        text,
        unit="short",
        limits=rising(0.95),
    )
