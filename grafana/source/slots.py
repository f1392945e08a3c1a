"""Panels about Postgres' slot and the connector that reads it."""

from __future__ import annotations

from grafana.source import shared
from grafana.source.look import ALARM, YES_NO, about, falling, rising
from grafana.source.panels import Panel, lines, number, timeline
from grafana.source.query import KEEPER, added, coded, least, most, or_none, total


def slot() -> list[Panel]:
    """The strip of numbers about the slot."""
    later = "CdcSlotMissing and CdcSlotInactive in the runbook; a connector that runs makes its slot active."
    return [
        number(
            "Slot there",
            most("cdc_slot_present"),
            about("Whether the replication slot exists in Postgres.", good="YES.", then=later),
            unit="short",
            states=YES_NO,
        ),
        number(
            "Slot active",
            most("cdc_slot_active"),
            about("Whether a connector reads from the slot at this moment.", good="YES.", then=later),
            unit="short",
            states=YES_NO,
        ),
        number(
            "Log kept, of the limit",
            most("cdc_slot_wal_retained_bytes") + " / " + most("cdc_slot_wal_limit_bytes"),
            about(
                "What the slot keeps on disk, as a share of SLOT_WAL_KEEP_MB. At 100 % the slot is lost and a new snapshot is needed.",
                good="below 20 %.",
                then="bring the connector back, or raise the limit while there is disk.",
            ),
            unit="percentunit",
            limits=rising(0.5, 0.8),
        ),
        number(
            "Log that may still be written",
            least("cdc_slot_safe_wal_bytes"),
            about("Bytes that can be written before the slot is in danger of being lost.", good="gigabytes.", then="as for Log kept."),
            unit="bytes",
            limits=falling(2**29, 2**31),
        ),
        number(
            "Oldest transaction",
            most("cdc_source_oldest_transaction_seconds"),
            about(
                "Age of the oldest open transaction in Postgres. The slot cannot move past it.",
                good="below 10 s.",
                then="`SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY xact_start` names it.",
            ),
            unit="s",
            limits=rising(60, 600),
        ),
        number(
            "Slot given up",
            most("cdc_keeper_slot_lost"),
            about(
                "Whether the slot is gone while Connect still remembers a position: everything written since then was not captured.",
                good="NO.",
                then="the runbook at CdcSlotMissing: register again and let a new snapshot run.",
            ),
            unit="short",
            states=ALARM,
        ),
    ]


def log() -> Panel:
    """Log that waits."""
    text = about(
        "Log that the connector has not confirmed, and what the slot keeps on disk.",
        good="a few MB up and down; after an outage it falls.",
        then="rising steadily: the connector does not read, or an old transaction holds the slot.",
    )
    queries = [(most("cdc_slot_wal_unconfirmed_bytes"), "unconfirmed"), (most("cdc_slot_wal_retained_bytes"), "retained")]
    return lines("Log waiting in Postgres", queries, text, unit="bytes")


def transactions() -> Panel:
    """What may hold the slot back."""
    text = about(
        "Age of the oldest open transaction over time; the slot keeps all log since it began.",
        good="below 10 s, a saw at most.",
        then="a line that climbs is one session: end it by pid.",
    )
    query = (most("cdc_source_oldest_transaction_seconds"), "oldest transaction")
    return lines("Oldest transaction", [query], text, unit="s", limits=rising(60, 600))


def wal_status() -> Panel:
    """Postgres' word on the slot's log."""
    text = about(
        "Postgres' own word on the slot's log: reserved, extended beyond max_wal_size, unreserved (may go any time), lost.",
        good="RESERVED or EXTENDED.",
        then="UNRESERVED: get the connector to read now. LOST: a new snapshot, see CdcSlotWalStatusBad in the runbook.",
    )
    query = (coded("cdc_slot_wal_status", "status", shared.WAL_CODES), "log of the slot")
    return timeline("Log of the slot", [query], text, states=shared.WAL_STATES, height=4)


def tasks() -> Panel:
    """The connector's tasks."""
    text = about(
        "The connector's tasks by state, as Connect reports them; Postgres' connector has exactly one.",
        good="one, running.",
        then="failed: the trace is in `make logs S=connect`.",
    )
    return lines("Tasks by state", [(total("cdc_connector_tasks", by="state"), "{{state}}")], text, unit="short")


def keeper() -> Panel:
    """What the keeper did."""
    text = about(
        "Restarts of the connector by the keeper, by cause, and whether it has given up.",
        good="no restarts, not given up.",
        then="given up (1): mend the cause that the log names, then `python -m stack exec -- python -m connectors restart`.",
    )
    queries = [
        (or_none(added("cdc_keeper_restarts_total", by="cause"), KEEPER), "restart {{cause}}"),
        (most("cdc_keeper_gave_up"), "given up"),
    ]
    return lines("Keeper", queries, text, unit="short", limits=rising(None, 1))
