"""Whether publication, slot and stored offsets fit together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.errors import SourceMismatchError
from connectors.source import Slot

START_AGAIN = "Start again with a new snapshot: `python -m connectors delete --slot --offsets`, then `python -m connectors register`."


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


def check_continuity(offsets: list[dict[str, Any]], slot: Slot | None, slot_name: str) -> str | None:
    """A note for the operator when the connector starts again beside something old; None when all is in order.

    Raises SourceMismatchError when changes would be missing: the connector remembers a position from which Postgres cannot go on.
    """
    streamed = bool(offsets) and not in_snapshot(offsets)
    if slot is not None and not slot.usable:
        raise SourceMismatchError(
            f"Replication slot {slot_name} is {slot.wal_status} ({slot.invalidation_reason or 'its WAL was removed'}): "
            "changes since its last position cannot be read any more.",
            START_AGAIN,
        )
    if streamed and slot is None:
        raise SourceMismatchError(
            f"Connect remembers how far the connector was, but replication slot {slot_name} is gone: "
            "changes made since then would be missing.",
            START_AGAIN,
        )
    if slot is not None and not offsets:
        return (
            f"Replication slot {slot_name} was there already, but Connect remembers no position: the snapshot is taken again. "
            "Documents of rows deleted in between may remain; `make verify` shows them."
        )
    return None
