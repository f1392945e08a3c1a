"""What a terminal shows: the pipeline's state from one scrape and an earlier one. Pure. None everywhere means NO DATA."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from monitor.watch.scrape import Scrape, quantile

TARGETS: Final = ("postgres", "connect", "kafka", "worker", "mongo", "api", "redis", "prometheus")
ROUNDTRIP: Final = "cdc_canary_roundtrip_seconds"
NO_DATA: Final = "NO DATA"


@dataclass(frozen=True)
class View:
    """Seconds, bytes and records. `why` says why there is no data at all."""

    at: float
    freshness: float | None
    quantiles: dict[str, float | None]
    canaries: dict[str, float | None]
    components: dict[str, bool | None]
    states: dict[str, str | None]
    lag: dict[str, dict[int, float]]
    backlog: dict[str, float | None]
    divergent: dict[str, float]
    verified_ago: dict[str, float | None]
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """One object for programs."""
        return dict(vars(self))


def build(now: Scrape, before: Scrape, why: str = "") -> View:
    """`before` is the scrape that quantiles begin at; an empty one makes them those since the prober began."""
    applied = [value for _, value in now.all("cdc_canary_last_applied_source_timestamp_seconds")]
    emitted = now.all("cdc_canary_emitted_total")
    whole = bool(applied) and len(applied) == len(emitted)
    buckets, earlier = now.buckets(ROUNDTRIP), before.buckets(ROUNDTRIP)
    if any(buckets.get(bound, 0.0) < count for bound, count in earlier.items()):
        earlier = {}  # the prober began anew
    lag: dict[str, dict[int, float]] = defaultdict(dict)
    for labels, value in now.all("cdc_consumer_lag_records"):
        lag[labels["topic"]][int(labels["partition"])] = value
    divergent: dict[str, float] = defaultdict(float)
    for labels, value in now.all("cdc_divergent_documents"):
        divergent[labels["collection"]] += value
    verified = {labels["collection"]: now.at - value for labels, value in now.all("cdc_verified_up_to_timestamp_seconds")}
    return View(
        at=now.at,
        freshness=now.at - min(applied) if whole else None,
        quantiles={f"p{round(q * 100)}": quantile(q, buckets, earlier) for q in (0.5, 0.9, 0.99)},
        canaries={name: _sum(now, f"cdc_canary_{name}_total") for name in ("emitted", "lost", "late", "duplicates", "reordered")},
        components={target: _true(now.one("cdc_probe_up", target=target)) for target in TARGETS},
        states=dict(_states(now)),
        lag={topic: dict(sorted(parts.items())) for topic, parts in sorted(lag.items())},
        backlog={
            "slot retained bytes": now.one("cdc_slot_wal_retained_bytes"),
            "slot unconfirmed bytes": now.one("cdc_slot_wal_unconfirmed_bytes"),
            "oldest transaction seconds": now.one("cdc_source_oldest_transaction_seconds"),
            "dead letters": now.one("cdc_dead_letters_waiting"),
            "keys behind them": now.one("cdc_dead_letter_keys"),
        },
        divergent=dict(sorted(divergent.items())),
        verified_ago=dict(sorted(verified.items())),
        why=why,
    )


def _states(now: Scrape) -> Iterator[tuple[str, str | None]]:
    present, active = now.one("cdc_slot_present"), now.one("cdc_slot_active")
    status = now.state("cdc_slot_wal_status", "status")
    if present == 0:
        yield "slot", "MISSING"
    else:
        yield "slot", None if active is None or status is None else f"{'in use' if active else 'NOT in use'}, {status}"
    tasks = [f"{value:.0f} {labels['state']}" for labels, value in now.all("cdc_connector_tasks") if value]
    connector = now.state("cdc_connector_state")
    yield "connector", connector and f"{connector}, tasks: {', '.join(tasks) or 'none'}"
    primary = now.one("cdc_mongo_primary")
    yield "primary", None if primary is None else "there" if primary else "NONE"
    members = now.one("cdc_consumer_group_members")
    yield "group", None if members is None else f"{members:.0f} members"


def _sum(now: Scrape, name: str) -> float | None:
    found = [value for _, value in now.all(name)]
    return sum(found) if found else None


def _true(value: float | None) -> bool | None:
    return None if value is None else value == 1
