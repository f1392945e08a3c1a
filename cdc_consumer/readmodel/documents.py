"""The documents of this project. A new one, or a new field, is declared here and nowhere else."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from cdc_consumer.readmodel.declare import Document, Link, Many, One
from cdc_consumer.readmodel.kinds import Kind

TIMES = {"created_at": Kind.TIMESTAMP_MS, "updated_at": Kind.TIMESTAMP_MS}

USERS = Document("users_read", root="users", fields={"name": Kind.TEXT, "email": Kind.TEXT, **TIMES})

ITEMS = Document(
    "items_read",
    root="items",
    fields={
        "title": Kind.TEXT,
        "description": Kind.TEXT,
        "price": Kind.DECIMAL,
        "status": Kind.TEXT,
        **TIMES,
    },
    embeds={
        "owner": One("users", key="owner_id", fields={"name": Kind.TEXT, "email": Kind.TEXT}),
        "tags": Many(
            "tags",
            through=Link(table="item_tags", parent="item_id", child="tag_id"),
            fields={"name": Kind.TEXT},
        ),
    },
)

CANARY = Document("canary_read", root="cdc_canary", fields={"seq": Kind.RAW, "emitted_at": Kind.TIMESTAMP_MS}, early=False)
"""The prober's own rows: they take exactly the path of every other row, and nobody but the prober reads them.

It measures what is confirmed, and counts what is written twice.
"""

FOR_CLIENTS: tuple[Document, ...] = (USERS, ITEMS)
DOCUMENTS: tuple[Document, ...] = (*FOR_CLIENTS, CANARY)
HERE: Final = f"{__name__}:DOCUMENTS"


def load(place: str) -> tuple[Document, ...]:
    """The declarations at "module:name", a sequence of documents.

    Raises ValueError when there are none, with what to write instead.
    """
    module, _, name = place.partition(":")
    try:
        found = tuple(getattr(import_module(module), name))
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"no declarations at {place!r} ({error}); write module:name, as {HERE}") from error
    if not found or not all(isinstance(document, Document) for document in found):
        raise ValueError(f"{place!r} is not a sequence of Document; see {HERE}")
    return found
