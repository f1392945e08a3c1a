"""What a document must be, from SQL alone: a declaration becomes one statement. Pure.

This is the independent half of verify. It shares the declarations with the worker and no code: the worker joins mirrors
in MongoDB, here Postgres joins its tables itself.

A statement gives rows (id, document), the document as jsonb in which a column of each kind is written without loss:
numbers, json and uuid as their text, bytea in hex, a list as an array of such, everything else as Postgres writes it in JSON (times
as ISO 8601). It expects a session in UTC with `intervalstyle = iso_8601`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from psycopg import sql

from cdc_consumer.readmodel.declare import Document, Embed, Fields, Many, One
from cdc_consumer.readmodel.kinds import AnyKind, Kind, ListOf
from monitor.verify.keys import KeyType

TEXT = sql.SQL("{0}::text")
# As the type's own output says, which a cast to text does not do for every type (inet). IS NOT NULL is not true of (1,NULL).
OUTPUT = sql.SQL("CASE WHEN {0} IS DISTINCT FROM NULL THEN format('%%s', {0}) END")
WRITTEN = {
    Kind.TEXT: OUTPUT,
    Kind.INTEGER: TEXT,
    Kind.FLOAT: TEXT,
    Kind.DECIMAL: sql.SQL("{0}::numeric::text"),
    Kind.DECIMAL_TEXT: TEXT,
    Kind.UUID: TEXT,
    Kind.JSON: TEXT,
    Kind.BYTES: sql.SQL("encode({0}, 'hex')"),
    Kind.OPAQUE: OUTPUT,
}
AS_IT_IS = sql.SQL("{0}")
LIST = sql.SQL(
    "CASE WHEN {0} IS NOT NULL THEN"
    " (SELECT coalesce(jsonb_agg({1} ORDER BY e.place), '[]') FROM unnest({0}) WITH ORDINALITY AS e(value, place)) END"
)


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
    columns = [_named(_written(kind, _column(table, name)), name) for name, kind in fields.items()]
    for name, embed in embeds.items():
        value = _one(embed, table, names) if isinstance(embed, One) else _many(embed, identity, names)
        columns.append(_named(value, name))
    return columns


def _written(kind: AnyKind, column: sql.Composable) -> sql.Composed:
    if isinstance(kind, ListOf):
        return LIST.format(column, _written(kind.kind, sql.SQL("e.value")))
    return WRITTEN.get(kind, AS_IT_IS).format(column)


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
