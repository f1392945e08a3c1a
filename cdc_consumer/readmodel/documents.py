"""The documents of this project. A new one, or a new field, is declared here and nowhere else."""

from __future__ import annotations

from cdc_consumer.readmodel.declare import Document, Link, Many, One
from cdc_consumer.readmodel.kinds import Kind

TIMES = {"created_at": Kind.TIMESTAMP_MS, "updated_at": Kind.TIMESTAMP_MS}

USERS = Document("users_read", root="users", fields={"name": Kind.RAW, "email": Kind.RAW, **TIMES})

ITEMS = Document(
    "items_read",
    root="items",
    fields={
        "title": Kind.RAW,
        "description": Kind.RAW,
        "price": Kind.DECIMAL,
        "status": Kind.RAW,
        **TIMES,
    },
    embeds={
        "owner": One("users", key="owner_id", fields={"name": Kind.RAW, "email": Kind.RAW}),
        "tags": Many(
            "tags",
            through=Link(table="item_tags", parent="item_id", child="tag_id"),
            fields={"name": Kind.RAW},
        ),
    },
)

DOCUMENTS = (USERS, ITEMS)
