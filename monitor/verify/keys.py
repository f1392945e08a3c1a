"""Keys of documents: a column's values in Postgres, `_id` in MongoDB. Pure.

Both sides are walked in key order, so verify knows the types for which both have the same one: integers, UUIDs (text in
MongoDB, as Debezium writes them) and text, by code point.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, TypeAlias

Key: TypeAlias = int | str

INTEGERS = {"smallint", "integer", "bigint"}
TEXTS = ("text", "character varying", "citext")


class UnsupportedKeyError(Exception):
    """The key's type has no order that both sides share."""


@dataclass(frozen=True)
class KeyType:
    """How keys of one column are written."""

    cast: str
    """The Postgres type to cast text to."""
    bson: str
    """MongoDB's name for the type of `_id`."""
    collated: bool

    def owns(self, value: Any) -> bool:
        """Whether a value of `_id` can be a key of the column at all."""
        if self.bson == "number":
            return isinstance(value, int) and not isinstance(value, bool)
        if not isinstance(value, str) or "\0" in value:
            return False
        return self.cast != "uuid" or _is_uuid(value)

    def key(self, value: Any) -> Key:
        """The key of a Postgres value, as `_id` has it."""
        return int(value) if self.bson == "number" else str(value)


def key_type(sql_type: str) -> KeyType:
    """For the name that Postgres's format_type gives. Raises UnsupportedKeyError."""
    if sql_type in INTEGERS:
        # bigint for all: an _id that does not fit the column's own type must be found to be extra, not be an error
        return KeyType(cast="bigint", bson="number", collated=False)
    if sql_type == "uuid":
        return KeyType(cast="uuid", bson="string", collated=False)
    if sql_type.startswith(TEXTS):
        return KeyType(cast="text", bson="string", collated=True)
    raise UnsupportedKeyError(f"keys of type {sql_type} are not supported")


def _is_uuid(value: str) -> bool:
    try:
        return str(uuid.UUID(value)) == value
    except ValueError:
        return False
