"""The validator of a read collection, derived from its declaration. Pure.

It is a query that MongoDB asks of every document written: a tombstone, or the shape that `build` gives. Every field is there, of its
kind's BSON type or null; nothing is there that was not declared, but names that begin with `_`, which are the worker's own. The
`schema_version` is the declared one, which also tells whose validator it is (`version_of`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from cdc_consumer.readmodel.declare import Document, Embed, Fields, One
from cdc_consumer.readmodel.kinds import AnyKind, Kind, ListOf

Schema: TypeAlias = dict[str, Any]

INTEGER: Final = ("int", "long")
TYPES: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.RAW: ("string", *INTEGER, "double", "bool", "array", "object"),
    Kind.TEXT: ("string",),
    Kind.INTEGER: INTEGER,
    Kind.FLOAT: ("double",),
    Kind.BOOL: ("bool",),
    Kind.DECIMAL: ("decimal",),
    Kind.DECIMAL_TEXT: ("string",),
    Kind.TIMESTAMP_MS: ("date",),
    Kind.TEXT_TIME: ("string",),
    Kind.UUID: ("binData",),
    Kind.JSON: ("object", "array", "string", *INTEGER, "double", "decimal", "bool"),
    Kind.BYTES: ("binData",),
    Kind.OPAQUE: ("string",),
}
KEY: Final = {"bsonType": ["string", *INTEGER, "double", "bool", "object"]}


def validator(document: Document) -> Schema:
    """What `create` and `collMod` take as `validator`."""
    properties = {
        "_id": KEY,
        "_rev": {"bsonType": "objectId"},
        "schema_version": {"enum": [document.schema_version]},
        **_properties(document.fields, document.embeds),
    }
    shape = _object(properties) | {"patternProperties": {"^_": {}}}
    return {"$or": [{"_deleted": True}, {"$jsonSchema": shape}]}


def version_of(found: Mapping[str, Any]) -> int | None:
    """The schema version for which a validator was made; None when it is none of ours."""
    for part in found.get("$or", ()):
        version = part.get("$jsonSchema", {}).get("properties", {}).get("schema_version", {}).get("enum")
        if version:
            return int(version[0])
    return None


def _object(properties: Schema) -> Schema:
    return {"bsonType": "object", "required": sorted(properties), "properties": properties, "additionalProperties": False}


def _properties(fields: Fields, embeds: Mapping[str, Embed]) -> Schema:
    return {name: _field(kind) for name, kind in fields.items()} | {name: _embed(embed) for name, embed in embeds.items()}


def _field(kind: AnyKind) -> Schema:
    if isinstance(kind, ListOf):
        return {"bsonType": ["array", "null"], "items": _field(kind.kind)}
    return {"bsonType": [*TYPES[kind], "null"]}


def _embed(embed: Embed) -> Schema:
    whole = _object({"id": KEY, **_properties(embed.fields, embed.embeds)})
    # A row that has not arrived, or is gone, is its id alone.
    bare = _object({"id": KEY})
    row = {"anyOf": [whole, bare]} if len(whole["properties"]) > 1 else whole
    if isinstance(embed, One):
        return {"anyOf": [{"bsonType": "null"}, *row.get("anyOf", [row])]}
    return {"bsonType": "array", "items": row}
