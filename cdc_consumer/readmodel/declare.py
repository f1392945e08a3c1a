"""The language in which documents are declared. Nothing outside a declaration names a table.

A `Document` is a root table and, below it, a tree of embeds. Every table is keyed by one column (`key`), but link
tables of a `Many(through=...)`, which are keyed by their two columns. An embed is one of three shapes:

- `One("users", key="owner_id")`: the row of `users` whose key equals the parent's column `owner_id`;
  in the document an object `{"id": <owner_id>, <fields>...}`, `None` when the column is NULL, and
  `{"id": <owner_id>}` alone until that row arrives.
- `Many("lines", foreign="order_id")`: the rows of `lines` whose column `order_id` equals the parent's key.
- `Many("tags", through=Link("item_tags", parent="item_id", child="tag_id"))`: the rows of `tags` linked to the parent.

A `Many` is a list of objects `{"id": ..., <fields>...}` in ascending order of id; a linked row that has not arrived yet
is `{"id": ...}`. Embeds nest to any depth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from cdc_consumer.readmodel.kinds import AnyKind

Fields: TypeAlias = Mapping[str, AnyKind]


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link table between a parent and its children, keyed by (parent, child)."""

    table: str
    parent: str
    child: str


@dataclass(frozen=True)
class One:
    """At most one row of `table`, found by the parent's column `key`."""

    table: str
    key: str = field(kw_only=True)
    fields: Fields = field(kw_only=True)
    embeds: Mapping[str, Embed] = field(default_factory=dict, kw_only=True)
    id: str = field(default="id", kw_only=True)


@dataclass(frozen=True)
class Many:
    """The rows of `table` that point at the parent (`foreign`) or are linked to it (`through`)."""

    table: str
    fields: Fields = field(kw_only=True)
    foreign: str | None = field(default=None, kw_only=True)
    through: Link | None = field(default=None, kw_only=True)
    embeds: Mapping[str, Embed] = field(default_factory=dict, kw_only=True)
    id: str = field(default="id", kw_only=True)

    def __post_init__(self) -> None:
        if (self.foreign is None) == (self.through is None):
            raise ValueError(f"Many({self.table!r}) takes either foreign= or through=")


Embed: TypeAlias = One | Many


@dataclass(frozen=True)
class Document:
    """One collection of the read model: a document for each row of `root`, `_id` being the row's key.

    `early`: readers may see a document before it is confirmed (`cdc_consumer.drafts`).
    """

    collection: str
    root: str = field(kw_only=True)
    fields: Fields = field(kw_only=True)
    embeds: Mapping[str, Embed] = field(default_factory=dict, kw_only=True)
    id: str = field(default="id", kw_only=True)
    schema_version: int = field(default=1, kw_only=True)
    early: bool = field(default=True, kw_only=True)

    def tables(self) -> frozenset[str]:
        """Every table the document is made of, link tables included."""
        found = {self.root}
        for embed in walk(self.embeds):
            found.add(embed.table)
            if isinstance(embed, Many) and embed.through:
                found.add(embed.through.table)
        return frozenset(found)


def walk(embeds: Mapping[str, Embed]) -> Iterator[Embed]:
    """Every embed of a tree, parents before children."""
    for embed in embeds.values():
        yield embed
        yield from walk(embed.embeds)


def mirror_name(table: str) -> str:
    """The collection that mirrors a table."""
    return f"mirror_{table}"
