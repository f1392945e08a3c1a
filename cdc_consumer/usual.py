"""The envelope of a row as nearly every record has it, read in half the time. Pure.

Only what is used is read, into a typed structure; every other form, and everything that is not right, is left to `envelope`, which says
what is wrong with it.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec


class Source(msgspec.Struct, gc=False):
    """The source block."""

    connector: str
    version: str
    schema: str
    table: str
    ts_ms: int
    lsn: int
    snapshot: Literal["false", "true", "first", "first_in_data_collection", "last_in_data_collection", "last"]
    sequence: str | None = None


class Usual(msgspec.Struct, gc=False):
    """A change of a row, streamed or read by an initial snapshot."""

    op: Literal["c", "u", "d", "r"]
    source: Source
    ts_ms: int
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


_decode: Final = msgspec.json.Decoder(Usual).decode


def usual(value: bytes) -> Usual | None:
    """The envelope; None when it is another one. Every row but a deleted one is there."""
    try:
        found = _decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return found if (found.after is None) is (found.op == "d") else None


def commit_of(source: Source) -> int | None:
    """What stands for the commit in the version of a change; None when it has to be looked at more carefully."""
    if source.snapshot != "false":
        return 0
    parts = (source.sequence or "").split('"', 4)
    if len(parts) != 5 or parts[0] != "[" or not parts[1].isdecimal():
        return None
    return max(int(parts[1]), 1)
