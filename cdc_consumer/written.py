"""Documents as they are written: current ones, tombstones, and the check of what MongoDB would refuse.

Beside what is declared a document has the worker's own: `_rev`, fresh with every write, and `_v`, the version of its root row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import bson
from bson import ObjectId

from cdc_consumer.poison import Poison
from cdc_consumer.readmodel.build import MirrorRow, Related, build
from cdc_consumer.readmodel.codec import CODEC
from cdc_consumer.readmodel.declare import Document
from cdc_consumer.retry import data_cause

LARGEST: Final = 16 * 1024 * 1024  # bytes of a document


def current(document: Document, row: MirrorRow, related: Mapping[str, Related]) -> dict[str, Any]:
    """The document of a live root row. Raises Poison when a value is not of its declared kind."""
    try:
        built = build(document, row, related)
    except ValueError as error:
        raise Poison("bad_value", f"{document.collection} {row['_id']!r}: {error}") from error
    return {**built, "_rev": ObjectId(), "_v": row["_v"]}


def removed(row: MirrorRow, purge_at: dt.datetime) -> dict[str, Any]:
    """The tombstone in the place of a deleted row's document."""
    return {"_id": row["_id"], "_deleted": True, "_purge_at": purge_at, "_rev": ObjectId(), "_v": row["_v"]}


def check(document: dict[str, Any]) -> None:
    """Raises Poison when MongoDB would refuse the document; as costly as writing it, so only after a unit was refused."""
    try:
        size = len(bson.encode(document, codec_options=CODEC))
    except Exception as error:
        raise Poison(data_cause(error) or "not_bson", f"{document['_id']!r}: {error}") from error
    if size > LARGEST:
        raise Poison("too_large", f"{document['_id']!r} would have {size:,} bytes; MongoDB takes {LARGEST:,}")
