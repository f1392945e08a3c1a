"""What the keeper counts, in a registry of its own: sweeping in this process would else show the worker's metrics as the keeper's."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, PlatformCollector, ProcessCollector

REGISTRY: Final = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

RESTARTS: Final = Counter("cdc_keeper_restarts_total", "Restarts of what was FAILED, by what it was", ["cause"], registry=REGISTRY)
GAVE_UP: Final = Gauge("cdc_keeper_gave_up", "1 while something is FAILED and no further restart is tried", registry=REGISTRY)
SLOT_LOST: Final = Gauge(
    "cdc_keeper_slot_lost", "1 while changes are missing: slot lost, gone or moved, tables not published", registry=REGISTRY
)
LAST_LOOK: Final = Gauge("cdc_keeper_last_look_timestamp_seconds", "When connector and slot were last seen", registry=REGISTRY)
ERRORS: Final = Counter("cdc_keeper_errors_total", "Looks and actions that failed, by whose fault", ["target"], registry=REGISTRY)
SWEPT: Final = Counter("cdc_keeper_swept_rows_total", "Rows buried after a snapshot that did not see them", ["table"], registry=REGISTRY)

for _cause in ("connector", "task"):
    RESTARTS.labels(_cause)
for _target in ("connect", "postgres", "sweep"):
    ERRORS.labels(_target)
