"""Documents of both sides in one form that can be compared value by value (`values` has the values). Pure.

Tombstones count as absent; `_id` and what is the worker's own (`_rev`, `_v`, `_draft`) are not compared; `schema_version` must be the
declared one. A list that came from Postgres is put into ascending order of id here; MongoDB's must have it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from cdc_consumer.readmodel.declare import Document, Embed, Fields
from cdc_consumer.readmodel.kinds import Kind
from monitor.verify.values import FROM_MONGO, FROM_POSTGRES, Convert, of_kind, plain

State: TypeAlias = dict[str, Any] | None
Read: TypeAlias = Callable[[Mapping[str, Any]], State]


def from_postgres(document: Document) -> Read:
    """Reads a document as the oracle's SQL wrote it."""
    shape, version = Shape(document.fields, document.embeds, FROM_POSTGRES, ordered=True), document.schema_version

    def read(raw: Mapping[str, Any]) -> State:
        return shape.object(raw) | {"schema_version": version}

    return read


def from_mongo(document: Document) -> Read:
    """Reads a document as `readmodel.codec.CODEC` decoded it; None for a tombstone."""
    shape = Shape(document.fields, document.embeds, FROM_MONGO, ordered=False)

    def read(raw: Mapping[str, Any]) -> State:
        if raw.get("_deleted"):
            return None
        found = shape.object(raw)
        found.pop("_id", None)
        for own in ("_rev", "_v", "_draft"):
            found.pop(own, None)
        return found

    return read


class Shape:
    """How the values of one object are brought into the common form. Made once, used for every document."""

    def __init__(self, fields: Fields, embeds: Mapping[str, Embed], convert: Mapping[Kind, Convert], *, ordered: bool) -> None:
        self._ordered = ordered
        self._values = {name: of_kind(convert, kind) for name, kind in fields.items()} | {
            name: Shape(embed.fields, embed.embeds, convert, ordered=ordered).embedded for name, embed in embeds.items()
        }

    def object(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """An object, also with names nobody declared."""
        known = self._values
        return {name: None if value is None else known.get(name, plain)(value) for name, value in raw.items()}

    def embedded(self, value: Any) -> Any:
        """An object, a list of objects, or whatever stands in their place."""
        if isinstance(value, dict):
            return self.object(value)
        if isinstance(value, list):
            rows = [self.embedded(row) for row in value]
            return sorted(rows, key=lambda row: row["id"]) if self._ordered else rows
        return plain(value)
