"""The validators of the read collections: put in place, and never taken back to an older version (docs/decisions/0002-schema.md)."""

from __future__ import annotations

from typing import Any, Final

from pymongo.errors import OperationFailure

from cdc_consumer.mongo import Database
from cdc_consumer.readmodel.declare import Document
from cdc_consumer.readmodel.validator import validator, version_of

NAMESPACE_EXISTS: Final = 48


class NewerSchema(Exception):  # noqa: N818 - says what is the case
    """The collection belongs to a newer worker. Passes by itself when that worker takes over, never by trying."""


async def agree(db: Database, document: Document) -> bool:
    """Make the collection's validator the declared one; False when it is already.

    Raises NewerSchema when the validator, or, where there is none of ours, a document, is of a newer version than the declaration.
    """
    own: dict[str, Any] = {"validator": validator(document), "validationLevel": "strict", "validationAction": "error"}
    found = await _options(db, document.collection)
    if found is not None and {name: found.get(name) for name in own} == own:
        return False
    version = version_of((found or {}).get("validator", {})) or await _newest(db, document)
    if version > document.schema_version:
        raise NewerSchema(
            f"{document.collection} is of schema version {version}, this worker declares {document.schema_version}: it writes nothing. "
            "Run the newer worker. To go back on purpose: `make clean-mongo`, then drop the validator (collMod "
            f"{document.collection} with an empty one), then read the topics again."
        )
    if found is None:
        await _create(db, document.collection)
    await db.command({"collMod": document.collection, **own})
    return True


async def _options(db: Database, collection: str) -> dict[str, Any] | None:
    async for found in await db.list_collections(filter={"name": collection}):
        return dict(found.get("options", {}))
    return None


async def _newest(db: Database, document: Document) -> int:
    """The version of a document newer than declared; 0 when there is none. Walks the collection: only where no validator of ours is."""
    newer = {"schema_version": {"$gt": document.schema_version}}
    found = await db[document.collection].find_one(newer, {"schema_version": 1})
    return int(found["schema_version"]) if found else 0


async def _create(db: Database, collection: str) -> None:
    try:
        await db.command("create", collection)
    except OperationFailure as error:
        if error.code != NAMESPACE_EXISTS:  # another worker was quicker
            raise
