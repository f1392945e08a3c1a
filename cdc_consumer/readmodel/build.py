"""A document as a pure function of rows: `document == build(declaration, row, related)`.

The rows are mirror documents: the captured columns plus `_id`, and `_deleted` on tombstones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from cdc_consumer.readmodel.declare import Document, Embed, Fields, One
from cdc_consumer.readmodel.kinds import convert

MirrorRow: TypeAlias = Mapping[str, Any]


@dataclass(slots=True)
class Related:
    """What was read for one embed: its rows by key, for a `Many` the children of each parent, and its own embeds.

    `built` keeps what was made of a row, since an owner of many items is shown in each of them: once a unit, not once an item.
    """

    rows: Mapping[Any, MirrorRow] = field(default_factory=dict)
    children: Mapping[Any, Sequence[Any]] = field(default_factory=dict)
    embeds: Mapping[str, Related] = field(default_factory=dict)
    built: dict[Any, dict[str, Any]] = field(default_factory=dict)


def build(document: Document, row: MirrorRow, related: Mapping[str, Related]) -> dict[str, Any]:
    """The document of one live root row, without what is the worker's own.

    Raises ValueError when a value is not of its declared kind.
    """
    built = {"_id": row["_id"], **values(document.fields, row), "schema_version": document.schema_version}
    built.update(_embeds(document.embeds, row, related))
    return built


def values(fields: Fields, row: MirrorRow) -> dict[str, Any]:
    """What a document shows of a row, embeds left out. Raises ValueError when a value is not of its declared kind."""
    built = {}
    for name, kind in fields.items():
        try:
            built[name] = convert(kind, row.get(name))
        except ValueError as error:
            raise ValueError(f"column {name}: {error}") from error
    return built


def _embeds(embeds: Mapping[str, Embed], row: MirrorRow, related: Mapping[str, Related]) -> dict[str, Any]:
    built: dict[str, Any] = {}
    for name, embed in embeds.items():
        found = related.get(name) or Related()
        if isinstance(embed, One):
            key = row.get(embed.key)
            built[name] = None if key is None else _child(embed, key, found)
        else:
            built[name] = [_child(embed, key, found) for key in sorted(found.children.get(row["_id"], ()))]
    return built


def _child(embed: Embed, key: Any, found: Related) -> dict[str, Any]:
    known = found.built.get(key)
    if known is None:
        row = found.rows.get(key)
        if row is None or row.get("_deleted"):
            known = {"id": key}  # its row has not arrived, or is gone: the arrival of either refreshes this document
        else:
            known = {"id": key, **values(embed.fields, row), **_embeds(embed.embeds, row, found.embeds)}
        found.built[key] = known
    return known
