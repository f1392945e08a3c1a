"""Whether publication, slot and stored offsets fit together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.errors import SourceMismatchError
from connectors.source import Slot

START_AGAIN = "Take a new snapshot: `make recover` (`python -m connectors recover`)."


def check_publication(name: str, published: Mapping[str, bool], wanted: Iterable[str]) -> None:
    """Raises SourceMismatchError when a captured table would be snapshotted but never streamed, or would stream without old values."""
    migrate = "Run the migrations: `alembic upgrade head` (`make up` does it)."
    if missing := [table for table in wanted if table not in published]:
        raise SourceMismatchError(f"Publication {name} does not hold {', '.join(missing)}.", migrate)
    if bare := [table for table in wanted if not published[table]]:
        raise SourceMismatchError(f"REPLICA IDENTITY is not FULL on {', '.join(bare)}.", migrate)


def in_snapshot(offsets: list[dict[str, Any]]) -> bool:
    """Whether the stored offsets are from an initial snapshot that did not end; the connector takes that one again."""
    return any(offset.get("snapshot") and not offset.get("snapshot_completed") for offset in offsets)


def streamed(offsets: list[dict[str, Any]]) -> bool:
    """Whether the connector remembers a position in the stream of changes, so that it goes on from there instead of taking a snapshot."""
    return bool(offsets) and not in_snapshot(offsets)


def remembered_lsn(offsets: list[dict[str, Any]]) -> int:
    """How far the connector is; every commit before it was streamed."""
    return max((int(offset.get(key) or 0) for offset in offsets for key in ("lsn", "lsn_proc", "lsn_commit")), default=0)


def lost_changes(offsets: list[dict[str, Any]], slot: Slot | None, slot_name: str) -> str | None:
    """Why changes would be missing if the connector ran on; None when the slot has everything that it still needs.

    The slot has to be read before the offsets: a connector moves its offset first and the slot after it.
    """
    if slot is not None and not slot.usable:
        return (
            f"Replication slot {slot_name} is {slot.wal_status} ({slot.invalidation_reason or 'its WAL was removed'}): "
            "changes since its last position cannot be read any more."
        )
    if not streamed(offsets):
        return None
    if slot is None:
        return (
            f"Connect remembers how far the connector was, but replication slot {slot_name} is gone: "
            "changes made since then would be missing."
        )
    # While it is in use only the connector itself can move it.
    if not slot.active and (slot.confirmed_lsn or 0) > remembered_lsn(offsets):
        return (
            f"Replication slot {slot_name} was made anew or advanced by somebody else: it begins after the connector's position, "
            "changes between them would be missing."
        )
    return None


def check_continuity(offsets: list[dict[str, Any]], slot: Slot | None, slot_name: str) -> str | None:
    """A note for the operator when the connector starts again beside something old; None when all is in order.

    Raises SourceMismatchError when changes would be missing: the connector remembers a position from which Postgres cannot go on.
    """
    if reason := lost_changes(offsets, slot, slot_name):
        raise SourceMismatchError(reason, START_AGAIN)
    if slot is not None and not offsets:
        return (
            f"Replication slot {slot_name} was there already, but Connect remembers no position: the snapshot is taken again. "
            "Documents of rows deleted in between disappear when the keeper has swept after it."
        )
    return None
