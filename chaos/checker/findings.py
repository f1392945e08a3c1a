"""What can be wrong with an answer or with a final state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Every one of these makes a verdict FAIL."""

    LOST = "lost"  # an acknowledged write is in neither database, or its document never came
    STALE = "stale"  # a document older than the newest acknowledged write when all is over, or older than was promised with a read
    RESURRECTED = "resurrected"  # a deleted document can be read again
    DUPLICATED = "duplicated"  # one write made two rows or documents, or a list holds one thing twice
    REORDERED = "reordered"  # one client's reads of one key went back in time
    TORN = "torn"  # columns of one transaction belong to different writes
    PHANTOM = "phantom"  # a value that nobody wrote to this key
    REFUSED = "refused_but_applied"  # a client was told that its write was not made, and it was


@dataclass(frozen=True)
class Finding:
    """One violation; `at` is when it was seen, None in the final state."""

    kind: Kind
    table: str
    key: int | None
    text: str
    at: float | None = None
