"""A row as the mirror stores it: its columns beside `_id` and `_v`, or a tombstone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from cdc_consumer.coalesce import RowState
from cdc_consumer.envelope import Key
from cdc_consumer.poison import Poison
from cdc_consumer.version import Version

RESERVED: Final = frozenset({"_id", "_v", "_deleted", "_purge_at", "_was"})
BATCH: Final = 1000  # rows read or written in one command


def mongo_id(key: Key) -> Any:
    """The `_id` of a row: its key, as an object when the key has several columns."""
    return dict(key) if isinstance(key, tuple) else key


def row_key(_id: Any) -> Key:
    """The opposite of `mongo_id`: an object keeps the order it was made in."""
    return tuple(_id.items()) if isinstance(_id, dict) else _id


def text_of(row: Mapping[str, Any]) -> int:
    """Characters of text in a row, about its size: what is large in a table is text, or travels as text."""
    return sum(len(value) for value in row.values() if type(value) is str)


def at_least(row: Mapping[str, Any] | None, key: Key, version: Version) -> Mapping[str, Any]:
    """A mirrored row with this version, if its own is lower; a removed one if there is none."""
    if row is None:
        return {"_id": mongo_id(key), "_v": version.to_bson(), "_deleted": True}
    return row if Version.from_bson(row["_v"]) >= version else {**row, "_v": version.to_bson()}


def mirror_document(state: RowState, purge_at: dt.datetime) -> dict[str, Any]:
    """The mirror's document for a row: its columns and version, or a tombstone."""
    _id, _v = mongo_id(state.key), state.version.to_bson()
    if state.columns is None:
        return {"_id": _id, "_v": _v, "_deleted": True, "_purge_at": purge_at}
    if not RESERVED.isdisjoint(state.columns):
        raise Poison("reserved_column", f"columns {sorted(RESERVED & state.columns.keys())} have names the mirror needs for itself")
    return {"_id": _id, "_v": _v, **state.columns}
