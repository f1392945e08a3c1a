"""The position of a change in the history of its source: what decides which of two states of a row is newer.

Why not the row's LSN alone: it orders the changes of one row among themselves (the row lock does), but not against a
snapshot. A transaction that changed the row *before* a snapshot and commits *after* it has a row LSN below the
snapshot's, so its update would lose against the older row the snapshot read (docs/decisions/0001-version.md). Commits are what
Postgres streams in order, so the commit position stands first.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Version(NamedTuple):
    """Compared in this order.

    epoch: generation of the source; grows when it is restored or replaced, because LSNs start again then.
    commit: LSN of the last commit streamed before the change (`source.sequence[0]`); 0 for rows of an initial snapshot, so
        that anything streamed afterwards in the same epoch is newer.
    lsn: LSN of the change itself (`source.lsn`).
    """

    epoch: int
    commit: int
    lsn: int

    def to_bson(self) -> dict[str, int]:
        """As stored in `_v`; MongoDB compares objects field by field in this order."""
        return {"e": self.epoch, "c": self.commit, "l": self.lsn}

    @classmethod
    def from_bson(cls, stored: dict[str, Any]) -> Version:
        """The opposite of `to_bson`."""
        return cls(int(stored["e"]), int(stored["c"]), int(stored["l"]))
