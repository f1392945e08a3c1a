"""What the prober counts itself; states and backlogs are on the `board`. Labels are bounded.

A canary is named after its partition. `stage` of a failed attempt: connect (no connection), write (Postgres refused: nothing was
written), answer (the connection broke or time ran out: it may have been written).
"""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

REGISTRY: Final = CollectorRegistry()

STAGES: Final = ("connect", "write", "answer")


def _buckets() -> tuple[float, ...]:
    """Seconds from 5 ms to 30 min; up to 2 s each is 1.2 times the one before, so that a quantile is right within 20 %."""
    fine = [0.005]
    while fine[-1] * 1.2 < 2:
        fine.append(round(fine[-1] * 1.2, 4))
    return (*fine, 2, 2.5, 3, 4, 5, 7.5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1200, 1800)


BUCKETS: Final = _buckets()

EMITTED: Final = Counter("cdc_canary_emitted_total", "Canary rows whose commit Postgres acknowledged", ["canary"], registry=REGISTRY)
FAILED: Final = Counter(
    "cdc_canary_attempt_failed_total", "Canary rows that could not be written, by stage", ["canary", "stage"], registry=REGISTRY
)
LOST: Final = Counter(
    "cdc_canary_lost_total", "Emitted and not seen in MongoDB in time (PROBER_LOST_AFTER_S), counted once", ["canary"], registry=REGISTRY
)
LATE: Final = Counter("cdc_canary_late_total", "Counted as lost before, and seen in MongoDB after all", ["canary"], registry=REGISTRY)
DUPLICATES: Final = Counter("cdc_canary_duplicates_total", "Documents written again with the row they had", ["canary"], registry=REGISTRY)
REORDERED: Final = Counter("cdc_canary_reordered_total", "Documents that went back to an older row", ["canary"], registry=REGISTRY)
LAST_EMITTED: Final = Gauge(
    "cdc_canary_last_emitted_timestamp_seconds", "When the newest acknowledged row was sent to Postgres", ["canary"], registry=REGISTRY
)
LAST_APPLIED: Final = Gauge(
    "cdc_canary_last_applied_source_timestamp_seconds",
    "When the row that MongoDB shows was sent to Postgres",
    ["canary"],
    registry=REGISTRY,
)
ROUNDTRIP: Final = Histogram(
    "cdc_canary_roundtrip_seconds",
    "From sending a row to Postgres until it, or a newer one of its key, is read from MongoDB",
    ["canary"],
    buckets=BUCKETS,
    registry=REGISTRY,
)
UP: Final = Gauge("cdc_probe_up", "Whether the component answered at the last look", ["target"], registry=REGISTRY)
SECONDS: Final = Histogram(
    "cdc_probe_seconds",
    "How long a component took to answer",
    ["target"],
    buckets=(0.001, 0.005, 0.025, 0.1, 0.5, 1, 2, 5),
    registry=REGISTRY,
)
LAST_SUCCESS: Final = Gauge("cdc_probe_last_success_timestamp_seconds", "When the component answered last", ["target"], registry=REGISTRY)
VERIFIED: Final = Counter("cdc_verified_documents_total", "Documents compared with Postgres", ["collection"], registry=REGISTRY)
UP_TO: Final = Gauge(
    "cdc_verified_up_to_timestamp_seconds",
    "Start of the last pass that compared every document and left none wrong or open",
    ["collection"],
    registry=REGISTRY,
)
ERRORS: Final = Counter("cdc_prober_errors_total", "Looks that failed and are tried again, by part", ["part"], registry=REGISTRY)

ProcessCollector(registry=REGISTRY)


def canaries(names: tuple[str, ...]) -> None:
    """Show the counters of these canaries from the start: a first loss must be an increase, not a new series."""
    for name in names:
        for counter in (EMITTED, LOST, LATE, DUPLICATES, REORDERED):
            counter.labels(name)
        ROUNDTRIP.labels(name)
        for stage in STAGES:
            FAILED.labels(name, stage)
