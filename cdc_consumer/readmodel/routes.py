"""From a table to the documents it is part of: derived from the declarations. Pure.

A route leads from a changed row up to the root of a document, one hop per level. A hop says how to get from rows of a table to
the keys of its parents:

- `Column(column)`: the parent's key stands in a column of the row itself (a link row, the child of `Many(foreign=...)`);
- `Pointing(table, column)`: the parents are the rows of `table` whose `column` holds the row's key (the child of a `One`);
- `Linked(link)`: the parents are found through a link table (the child of `Many(through=...)`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from cdc_consumer.readmodel.declare import Document, Embed, Link, One, walk


@dataclass(frozen=True)
class Column:
    """The parent's key is in `column` of the row of `table`."""

    table: str
    column: str


@dataclass(frozen=True)
class Pointing:
    """The parents are the rows of `table` whose `column` holds the key."""

    table: str
    column: str


@dataclass(frozen=True)
class Linked:
    """The parents are linked to the key by a link table."""

    link: Link


Hop: TypeAlias = Column | Pointing | Linked


@dataclass(frozen=True)
class Route:
    """The hops from a table up to the root of `document`; none when the table is the root."""

    document: Document
    hops: tuple[Hop, ...]


def routes(documents: Iterable[Document]) -> Mapping[str, tuple[Route, ...]]:
    """For each captured table, every route by which a change of its rows reaches a document."""
    found: dict[str, list[Route]] = defaultdict(list)
    for document in documents:
        found[document.root].append(Route(document, ()))
        for table, hops in _climb(document.root, document.embeds, ()):
            route = Route(document, hops)
            if route not in found[table]:
                found[table].append(route)
    return {table: tuple(ways) for table, ways in found.items()}


def _climb(parent: str, embeds: Mapping[str, Embed], above: tuple[Hop, ...]) -> Iterator[tuple[str, tuple[Hop, ...]]]:
    for embed in embeds.values():
        if isinstance(embed, One):
            hops: tuple[Hop, ...] = (Pointing(parent, embed.key), *above)
        elif embed.through:
            hops = (Linked(embed.through), *above)
            yield embed.through.table, (Column(embed.through.table, embed.through.parent), *above)
        else:
            hops = (Column(embed.table, str(embed.foreign)), *above)
        yield embed.table, hops
        yield from _climb(embed.table, embed.embeds, hops)


def captured_tables(documents: Iterable[Document]) -> tuple[str, ...]:
    """Every table that a document is made of, sorted."""
    return tuple(sorted(set().union(*(document.tables() for document in documents))))


def topic_of(prefix: str, table: str) -> str:
    """The topic that Debezium writes a table's records to."""
    return f"{prefix}.public.{table}"


def embedding(documents: Iterable[Document]) -> frozenset[str]:
    """The roots of documents that other tables are part of: best read after those, so that each document is built once."""
    return frozenset(document.root for document in documents if document.embeds)


def mirror_indexes(documents: Iterable[Document]) -> Mapping[str, tuple[str, ...]]:
    """For each table the columns its mirror must find rows by, when it builds documents or looks for their parents."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        parents: list[tuple[str, Mapping[str, Embed]]] = [(document.root, document.embeds)]
        parents += [(embed.table, embed.embeds) for embed in walk(document.embeds)]
        for parent, embeds in parents:
            for embed in embeds.values():
                if isinstance(embed, One):
                    wanted[parent].add(embed.key)
                elif embed.through:
                    wanted[embed.through.table] |= {embed.through.parent, embed.through.child}
                else:
                    wanted[embed.table].add(str(embed.foreign))
    return {table: tuple(sorted(columns)) for table, columns in wanted.items()}
