"""What a document must be, from SQL alone: a declaration becomes one statement. Pure.

This is the independent half of verify. It shares the declarations with the worker and no code: the worker joins mirrors
in MongoDB, here Postgres joins its tables itself.

A statement gives rows (id, document), the document as jsonb in which a column of each kind is written without loss:
numeric as its text, json as its text, bytea in hex, uuid as text, everything else as Postgres writes it in JSON (times
as ISO 8601). It expects a session in UTC with `intervalstyle = iso_8601`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from psycopg import sql

from cdc_consumer.readmodel.declare import Document, Embed, Fields, Many, One
from cdc_consumer.readmodel.kinds import Kind
from monitor.verify.keys import KeyType

WRITTEN = {
    Kind.DECIMAL: sql.SQL("{}::text"),
    Kind.UUID: sql.SQL("{}::text"),
    Kind.JSON: sql.SQL("{}::text"),
    Kind.BYTES: sql.SQL("encode({}, 'hex')"),
}
AS_IT_IS = sql.SQL("{}")


@dataclass(frozen=True)
class Statements:
    """The queries of one document type."""

    first_page: sql.Composed
    """Parameters: size. Rows in ascending order of id."""
    next_page: sql.Composed
    """Parameters: after, size."""
    by_keys: sql.Composed
    """Parameters: keys, a list of text."""


def statements(document: Document, key: KeyType) -> Statements:
    """The statements for a declaration whose root has a key of this type."""
    names = (sql.Identifier(f"t{number}") for number in itertools.count())
    root = next(names)
    identity = _column(root, document.id)
    # The order MongoDB keeps: by code point. For integers and UUIDs both sides agree anyway.
    ordered = sql.SQL('{} COLLATE "C"').format(identity) if key.collated else identity
    select = sql.SQL("SELECT {id} AS id, {document} AS document FROM {table} AS {root}").format(
        id=identity,
        document=_object(_columns(document.fields, document.embeds, root, identity, names)),
        table=_name(document.root),
        root=root,
    )
    page = sql.SQL(" ORDER BY {} LIMIT %(size)s").format(ordered)
    keys = sql.SQL(" WHERE {} = ANY(%(keys)s::text[]::{}[])").format(identity, sql.SQL(key.cast))
    return Statements(
        first_page=select + page,
        next_page=select + sql.SQL(" WHERE {} > %(after)s").format(ordered) + page,
        by_keys=select + keys,
    )


def _object(columns: list[sql.Composed]) -> sql.Composed:
    """A JSON object of named columns. A sub-select, because functions take no more than 100 arguments."""
    return sql.SQL("(SELECT to_jsonb(o) FROM (SELECT {}) AS o)").format(sql.SQL(", ").join(columns))


def _columns(
    fields: Fields, embeds: Mapping[str, Embed], table: sql.Identifier, identity: sql.Composed, names: Iterator[sql.Identifier]
) -> list[sql.Composed]:
    columns = [_named(WRITTEN.get(kind, AS_IT_IS).format(_column(table, name)), name) for name, kind in fields.items()]
    for name, embed in embeds.items():
        value = _one(embed, table, names) if isinstance(embed, One) else _many(embed, identity, names)
        columns.append(_named(value, name))
    return columns


def _child(embed: Embed, table: sql.Identifier, identity: sql.Composed, names: Iterator[sql.Identifier]) -> sql.Composed:
    """The object of an embedded row that is there."""
    return _object([_named(identity, "id"), *_columns(embed.fields, embed.embeds, table, identity, names)])


def _one(embed: One, parent: sql.Identifier, names: Iterator[sql.Identifier]) -> sql.Composed:
    """NULL, the object, or the bare id of a row that is not there."""
    table, key = next(names), _column(parent, embed.key)
    identity = _column(table, embed.id)
    return sql.SQL(
        "CASE WHEN {key} IS NOT NULL THEN"
        " coalesce((SELECT {child} FROM {name} AS {table} WHERE {identity} = {key}), jsonb_build_object('id', {key})) END"
    ).format(key=key, child=_child(embed, table, identity, names), name=_name(embed.table), table=table, identity=identity)


def _many(embed: Many, parent: sql.Composed, names: Iterator[sql.Identifier]) -> sql.Composed:
    """The array of objects, in no order: which order is right is said by the comparison, not by a collation."""
    table = next(names)
    identity = _column(table, embed.id)
    child = _child(embed, table, identity, names)
    if embed.through is None:
        rows = sql.SQL("SELECT {child} AS child FROM {name} AS {table} WHERE {foreign} = {parent}").format(
            child=child, name=_name(embed.table), table=table, foreign=_column(table, str(embed.foreign)), parent=parent
        )
    else:
        link = next(names)
        rows = sql.SQL(
            "SELECT CASE WHEN {identity} IS NULL THEN jsonb_build_object('id', {far}) ELSE {child} END AS child"
            " FROM {links} AS {link} LEFT JOIN {name} AS {table} ON {identity} = {far} WHERE {near} = {parent}"
        ).format(
            identity=identity,
            far=_column(link, embed.through.child),
            child=child,
            links=_name(embed.through.table),
            link=link,
            name=_name(embed.table),
            table=table,
            near=_column(link, embed.through.parent),
            parent=parent,
        )
    return sql.SQL("(SELECT coalesce(jsonb_agg(m.child), '[]') FROM ({}) AS m)").format(rows)


def _name(name: str) -> sql.Identifier:
    """A name in a statement with parameters, where a % would begin a placeholder."""
    return sql.Identifier(name.replace("%", "%%"))


def _column(table: sql.Identifier, name: str) -> sql.Composed:
    return sql.SQL("{}.{}").format(table, _name(name))


def _named(value: sql.Composed, name: str) -> sql.Composed:
    return sql.SQL("{} AS {}").format(value, _name(name))
