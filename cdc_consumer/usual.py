"""The envelope of a row as nearly every record has it, read in a third of the time. Pure.

Each source has a reader of its own, which knows its names and so makes no text of them. Only what is used is read, and the images of
the row stay as they are until somebody looks at them (`image`); that they can be read is found out here, as far as msgspec checks what
it skips. Every other form, and everything that is not right, is left to `envelope`, which says what is wrong with it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias

import msgspec

from cdc_consumer.image import UNREADABLE

NULL: Final = msgspec.Raw(b"null")
BRACE: Final = (ord("{"),)
_first: Final = struct.Struct("B").unpack_from
_positions: Final[Callable[[str], tuple[str, str]]] = msgspec.json.Decoder(tuple[str, str]).decode


class Source(msgspec.Struct, gc=False):
    """The source block, without the names that its reader knows."""

    ts_ms: int
    lsn: int
    snapshot: Literal["false", "true", "first", "first_in_data_collection", "last_in_data_collection", "last"]
    sequence: str | None = None


class Usual(msgspec.Struct, gc=False, kw_only=True):
    """A change of a row, streamed or read by an initial snapshot."""

    op: Literal["c", "u", "d", "r"]
    source: Source
    ts_ms: int
    before: msgspec.Raw = NULL
    after: msgspec.Raw = NULL


Reader: TypeAlias = Callable[[bytes], Usual | None]


def reader(names: dict[str, str]) -> Reader:
    """What reads envelopes of a source with these names, such as {"table": "items"}.

    It answers None when the envelope is another one. Every row but a deleted one is there.
    """
    known: list[tuple[str, Any]] = [(name, Literal[value]) for name, value in names.items()]
    source = msgspec.defstruct("Known", known, bases=(Source,), kw_only=True, gc=False)
    envelope = msgspec.defstruct("Envelope", [("source", source)], bases=(Usual,), kw_only=True, gc=False)
    decode = msgspec.json.Decoder(envelope).decode

    def read(value: bytes) -> Any:
        try:
            found: Any = decode(value)
            if not value.isascii():
                value.decode()  # msgspec checks no text that it skips
        except UNREADABLE:
            return None
        before, after = found.before, found.after
        if (after == NULL) is not (found.op == "d"):
            return None
        return found if (before == NULL or _is_object(before)) and (after == NULL or _is_object(after)) else None

    return read


def _is_object(raw: msgspec.Raw) -> bool:
    return _first(raw) == BRACE


def commit_of(source: Source) -> int | None:
    """What stands for the commit in the version of a change; None when it has to be looked at more carefully."""
    if source.snapshot != "false":
        return 0
    if source.sequence is None:
        return None
    try:
        commit = int(_positions(source.sequence)[0])
    except UNREADABLE:
        return None
    return commit if commit > 0 else 1
