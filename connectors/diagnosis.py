"""What state capture is in: one look at Connect and Postgres, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from connectors.checks import in_snapshot, lost_changes, streamed
from connectors.client import Connect, Status
from connectors.epoch import epoch_of
from connectors.errors import ConnectorMissingError
from connectors.marks import GAP_KEY, snapshot_epoch
from connectors.settings import ConnectSettings
from connectors.source import Slot, Source


class Kind(StrEnum):
    """In the order of what decides: a gap is a gap whatever the connector's state."""

    MISSING = "missing"
    GAP = "gap"
    FAILED = "failed"
    PAUSED = "paused"
    STOPPED = "stopped"
    STARTING = "starting"
    SNAPSHOT = "snapshot"
    STREAMING = "streaming"


@dataclass(frozen=True)
class Look:
    """What Connect and Postgres said; `config` None when there is no connector, `status` None when it has none yet."""

    config: Mapping[str, str] | None
    status: Status | None
    offsets: list[dict[str, Any]]
    slot: Slot | None
    published: Mapping[str, bool]


@dataclass(frozen=True)
class Diagnosis:
    """The state, in words that a user understands, and the epochs of the connector (0: none)."""

    kind: Kind
    reason: str
    epoch: int = 0
    snapshot_epoch: int = 0
    cause: str = ""
    """What is FAILED: connector or task."""


def look(connect: Connect, source: Source) -> Look:
    """Asks both. Slot before offsets, see `lost_changes`. Raises ConnectUnreachableError, ConnectBusyError, SourceUnreachableError."""
    published, slot = source.published(), source.slot()
    config = connect.config()
    if config is None:
        return Look(None, None, [], slot, published)
    try:
        return Look(config, connect.status(), connect.offsets(), slot, published)
    except ConnectorMissingError:  # only just made, or just deleted
        return Look(config, None, [], slot, published)


def diagnose(seen: Look, settings: ConnectSettings) -> Diagnosis:
    """What the look means. Pure."""
    if seen.config is None:
        return Diagnosis(Kind.MISSING, f"There is no connector {settings.name}.")
    kind, reason, cause = _state(seen, settings)
    return Diagnosis(kind, reason, epoch_of(seen.config), snapshot_epoch(seen.config), cause)


def _state(seen: Look, settings: ConnectSettings) -> tuple[Kind, str, str]:
    if reason := _gap(seen, settings):
        return Kind.GAP, reason, ""
    status = seen.status
    if status is None:
        return Kind.STARTING, "Connect has not written a state yet.", ""
    if status.failed:
        cause = "connector" if status.connector == "FAILED" else "task"
        return Kind.FAILED, f"The {cause} is FAILED: {status.cause}", cause
    return (*_unbroken(seen, status), "")


def _unbroken(seen: Look, status: Status) -> tuple[Kind, str]:
    if status.connector in {"PAUSED", "STOPPED"}:
        return Kind(status.connector.lower()), f"The connector is {status.connector}: somebody asked for it."
    if not status.running or not seen.offsets:
        return Kind.STARTING, f"The connector is {status.connector}, its task {', '.join(status.tasks) or 'not there yet'}."
    if in_snapshot(seen.offsets):
        return Kind.SNAPSHOT, "The initial snapshot goes on."
    if seen.slot is None or not seen.slot.active:
        return Kind.STARTING, "The task runs, but its slot is not in use."
    return Kind.STREAMING, "Changes are captured."


def _gap(seen: Look, settings: ConnectSettings) -> str | None:
    config = seen.config or {}
    if noted := config.get(GAP_KEY):
        return noted
    if reason := lost_changes(seen.offsets, seen.slot, settings.slot):
        return reason
    captured = [name.rpartition(".")[2] for name in config.get("table.include.list", "").split(",") if name]
    unpublished = [table for table in captured if table not in seen.published]
    if streamed(seen.offsets) and unpublished:
        # Postgres 18 only warns in its own log and sends nothing; what was written meanwhile is not sent afterwards either.
        return f"Publication {settings.publication} does not hold {', '.join(unpublished)}: changes made now are left out without an error."
    return None
