"""Every Postgres type a user would put in a table, with the values at its edges. docs/types.md is written from this.

`types`: small values, a column for each type and a row for each turn of their literals. `big`: values that Postgres moves out of the row
(TOAST), beside a small one. `lost`: what Debezium does not carry as it is, so that verify, or a dead letter, has to name it.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

from cdc_consumer.readmodel.declare import Document
from cdc_consumer.readmodel.kinds import AnyKind, Kind, ListOf


class Column(NamedTuple):
    """A column, how it is declared, and SQL literals for it."""

    type: str
    kind: AnyKind
    literals: tuple[str, ...]


def _of(sql: str, kind: AnyKind, *literals: str) -> Column:
    return Column(sql, kind, (*(f"'{literal}'" for literal in literals), "NULL"))


_LONG = "1234567890123456789012345678901234567890.12345678901234567890"
_FLOATS = ("0.1", "3", "-0", "NaN", "Infinity", "-Infinity")
_JSON = (
    '{"a": [1, 2.50, null, true, {"b": []}], "😀 $.": "é\\ud83d\\ude00", "": 9223372036854775807}',
    "[123456789012345678901234567890, 0.1, 1.123456789012345678901, 9223372036854775808, -1e-30, 1e300]",
    '"text"',
    "3",
)  # fmt: skip
_MOMENTS = ("2024-05-01 10:00:00.123456", "2024-05-01 10:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999")
_FAR = (*_MOMENTS, "0044-03-15 00:00:00.5 BC", "294276-12-31 23:59:59.999999", "infinity", "-infinity")
_UUID = "6f1a2b3c-0000-4000-8000-0123456789ab"

COLUMNS: dict[str, Column] = {
    "small": _of("smallint", Kind.INTEGER, "-32768", "32767"),
    "whole": _of("integer", Kind.INTEGER, "-2147483648", "2147483647", "0"),
    "large": _of("bigint", Kind.INTEGER, "-9223372036854775808", "9223372036854775807"),
    "oid": _of("oid", Kind.INTEGER, "4294967295"),
    "price": _of("numeric(12,2)", Kind.DECIMAL, "12.5", "-0.01", "0"),
    "scaled": _of("numeric(5,-2)", Kind.DECIMAL, "12345"),
    "digits34": _of("numeric", Kind.DECIMAL, "1234567890123456789012345678901.234", "1e-30", "NaN", "Infinity", "-Infinity", "2.50"),
    "digits": _of("numeric", Kind.DECIMAL_TEXT, _LONG, "NaN", "Infinity", "-Infinity", "2.50", "1e-40", "1e100"),
    "money": _of("money", Kind.DECIMAL, "-1234567.89"),
    "single": _of("real", Kind.FLOAT, *_FLOATS, "1.1", "1e-40", "16777217"),
    "double": _of("double precision", Kind.FLOAT, *_FLOATS, "1e300", "1e-310", "123456789012345680"),
    "raw_double": _of("double precision", Kind.RAW, "0.1", "1e300", "Infinity", "3"),
    "truth": _of("boolean", Kind.BOOL, "true", "false"),
    "words": _of("text", Kind.TEXT, '😀 é "quoted" \\ \n \x7f', "", "cdc unavailable", "Y2RjAA"),
    "short": _of("varchar(20)", Kind.TEXT, "Łódź"),
    "padded": _of("char(5)", Kind.TEXT, "ab"),
    "label": _of("name", Kind.TEXT, "ab"),
    "mood": _of("mood", Kind.TEXT, "happy", "so so"),
    "at": _of("timestamptz(3)", Kind.TIMESTAMP_MS, "2024-05-01 10:00:00.123+02", "0001-01-02 00:00:00Z", "9999-12-31 23:59:59.999Z"),
    "local_at": _of("timestamp(3)", Kind.TIMESTAMP_MS, "2024-05-01 10:00:00.123"),
    "moment": _of("timestamptz", Kind.TEXT_TIME, *_FAR),
    "local": _of("timestamp", Kind.TEXT_TIME, *_FAR),
    "day": _of("date", Kind.TEXT_TIME, "2024-05-01", "0001-01-01", "9999-12-31", "5874897-12-31", "infinity", "-infinity"),
    "clock": _of("time", Kind.TEXT_TIME, "10:00:00.123456", "00:00", "23:59:59.999999"),
    "zoned_clock": _of("timetz", Kind.TEXT_TIME, "10:00:00.123456+02", "23:00-05", "24:00Z"),
    "span": _of(
        "interval", Kind.TEXT_TIME, "1 year 2 months -3 days 04:05:06.789123", "0", "-00:00:00.5", "178000000 years", "9 days 30:00"
    ),
    "uuid": _of("uuid", Kind.UUID, _UUID),
    "uuid_text": _of("uuid", Kind.TEXT, _UUID),
    "json": _of("json", Kind.JSON, *_JSON),
    "jsonb": _of("jsonb", Kind.JSON, *_JSON),
    "json_text": _of("json", Kind.TEXT, '{"a": 1, "a":  2, "big": 1e400, "nul": "\\u0000"}', "null"),
    "jsonb_text": _of("jsonb", Kind.TEXT, '{"big": 1e400, "n": null}', "null"),
    "bytes": _of("bytea", Kind.BYTES, "\\x00ff7f", ""),
    "address": _of("inet", Kind.TEXT, "10.0.0.1/8", "10.0.0.1", "::1"),
    "net": _of("cidr", Kind.TEXT, "10.0.0.0/8"),
    "mac": _of("macaddr", Kind.TEXT, "08:00:2b:01:02:03"),
    "texts": _of("text[]", ListOf(Kind.TEXT), '{a,NULL,"b c","","😀"}', "{}"),
    "raw_texts": _of("text[]", Kind.RAW, "{a,NULL}", "{}"),
    "wholes": _of("integer[]", ListOf(Kind.INTEGER), "{1,NULL,-2147483648}", "{}"),
    "larges": _of("bigint[]", ListOf(Kind.INTEGER), "{9223372036854775807,NULL}"),
    "numbers": _of("numeric[]", ListOf(Kind.DECIMAL), "{1.50,NULL,0}", "{}"),
    "long_numbers": _of("numeric[]", ListOf(Kind.DECIMAL_TEXT), f"{{{_LONG},1.50,NULL}}"),
    "doubles": _of("double precision[]", ListOf(Kind.FLOAT), "{1.5,NULL,NaN,Infinity,3}"),
    "truths": _of("boolean[]", ListOf(Kind.BOOL), "{t,f,NULL}"),
    "uuids": _of("uuid[]", ListOf(Kind.UUID), f"{{{_UUID},NULL}}"),
    "moments": _of("timestamptz[]", ListOf(Kind.TEXT_TIME), '{"2024-05-01 10:00:00.123456+02",NULL}'),
    "days": _of("date[]", ListOf(Kind.TEXT_TIME), "{2024-05-01,NULL}"),
    "jsonbs": _of("jsonb[]", ListOf(Kind.JSON), '{"{\\"a\\": 1.5}",NULL}'),
    "blobs": _of("bytea[]", ListOf(Kind.BYTES), '{"\\\\x00ff",NULL}'),
    "addresses": _of("inet[]", ListOf(Kind.TEXT), "{10.0.0.1}"),
    "moods": _of("mood[]", ListOf(Kind.TEXT), "{happy,so so}", "{}"),
    "int_range": _of("int4range", Kind.TEXT, "[1,5)"),
    "time_range": _of("tstzrange", Kind.TEXT, "[2024-01-01Z,)"),
    "pair": _of("pair", Kind.OPAQUE, "(1,x)", "(,)"),
    "ranges": _of("int4multirange", Kind.OPAQUE, "{[1,2),[5,6)}"),
    "lsn": _of("pg_lsn", Kind.OPAQUE, "16/B374D848"),
    "positive": _of("positive", Kind.DECIMAL, "3.10"),
}

_WORDS = "(SELECT string_agg(md5(random()::text), '') FROM generate_series(1, {}))"
_DIGITS = "(SELECT string_agg((random() * 9)::int::text, '') FROM generate_series(1, 20000))"
BIG: dict[str, Column] = {
    "megabyte": Column("text", Kind.TEXT, (_WORDS.format(32_768),)),
    "json": Column("json", Kind.JSON, (f"json_build_object('a', {_WORDS.format(300)})",)),
    "jsonb": Column("jsonb", Kind.JSON, (f"jsonb_build_object('a', {_WORDS.format(300)})",)),
    "bytes": Column("bytea", Kind.BYTES, (f"convert_to({_WORDS.format(300)}, 'utf8')",)),
    "texts": Column("text[]", ListOf(Kind.TEXT), (f"ARRAY[{_WORDS.format(300)}, NULL]",)),
    "wholes": Column("integer[]", ListOf(Kind.INTEGER), ("(SELECT array_agg((random() * 1e9)::int) FROM generate_series(1, 5000))",)),
    "larges": Column("bigint[]", ListOf(Kind.INTEGER), ("(SELECT array_agg((random() * 1e18)::bigint) FROM generate_series(1, 5000))",)),
    "uuids": Column("uuid[]", ListOf(Kind.UUID), ("(SELECT array_agg(gen_random_uuid()) FROM generate_series(1, 500))",)),
}
"""Types whose unchanged TOASTed value arrives even with REPLICA IDENTITY DEFAULT."""
BIG_IF_FULL: dict[str, Column] = {
    "digits": Column("numeric", Kind.DECIMAL_TEXT, (f"('1' || {_DIGITS})::numeric",)),
    "numbers": Column("numeric[]", ListOf(Kind.DECIMAL), ("(SELECT array_agg(random()::numeric) FROM generate_series(1, 2000))",)),
    "doubles": Column("double precision[]", ListOf(Kind.FLOAT), ("(SELECT array_agg(random()) FROM generate_series(1, 2000))",)),
}  # fmt: skip
"""Types whose unchanged TOASTed value arrives only with REPLICA IDENTITY FULL, which `connectors register` demands."""

LOST = {
    1: ("clock", "time '24:00'"),  # arrives as 00:00
    2: ("span", "interval 'infinity'"),  # as no time at all
    3: ("wholes", "'{{1,2},{3,4}}'::int[]"),  # as [null, null]
    4: ("texts", "'{{a,b},{c,d}}'::text[]"),  # as something Java wrote
    5: ("day", "date '0044-03-15 BC'"),  # in a snapshot as 44 AD; the stream carries it
}
"""What Debezium does not carry: verify names each, but for row 4, which is parked."""


def row(turn: int, columns: dict[str, Column] = COLUMNS) -> str:
    """The values of one row, in the order of the columns."""
    return ", ".join(column.literals[turn % len(column.literals)] for column in columns.values())


ROWS = max(len(column.literals) for column in COLUMNS.values())


def _table(name: str, columns: dict[str, Column]) -> str:
    listed = ", ".join(f'"{column}" {made.type}' for column, made in columns.items())
    return f"CREATE TABLE {name} (id bigint PRIMARY KEY, beside integer NOT NULL DEFAULT 0, {listed});"


DDL = (
    "CREATE TYPE mood AS ENUM ('happy', 'so so'); CREATE TYPE pair AS (a int, b text);"
    "CREATE DOMAIN positive AS numeric CHECK (value > 0);"
    + _table("types", COLUMNS)
    + _table("big", BIG)
    + _table("big_if_full", BIG_IF_FULL)
    + "CREATE TABLE lost (id bigint PRIMARY KEY, clock time, span interval, wholes int[], texts text[], day date);"
)
DATA = "".join(itertools.chain(
    (f"INSERT INTO types VALUES ({turn}, 0, {row(turn)});" for turn in range(ROWS)),
    (f"INSERT INTO lost (id, {column}) VALUES ({key}, {value});" for key, (column, value) in LOST.items()),
    ("INSERT INTO lost (id) VALUES (9);",),
    (f"INSERT INTO big VALUES ({number}, 0, {row(0, BIG)});" for number in (1, 2)),
    (f"INSERT INTO big_if_full VALUES ({number}, 0, {row(0, BIG_IF_FULL)});" for number in (1, 2)),
))  # fmt: skip

TABLES = ("types", "big", "big_if_full", "lost")


def _document(table: str, columns: dict[str, Column]) -> Document:
    fields: dict[str, AnyKind] = {"beside": Kind.INTEGER}
    fields.update((name, column.kind) for name, column in columns.items())
    return Document(f"{table}_read", root=table, fields=fields)


LOST_FIELDS: dict[str, AnyKind] = {
    "clock": Kind.TEXT_TIME, "span": Kind.TEXT_TIME, "wholes": ListOf(Kind.INTEGER), "texts": ListOf(Kind.TEXT), "day": Kind.TEXT_TIME
}  # fmt: skip
EXACT = (_document("types", COLUMNS), _document("big", BIG), _document("big_if_full", BIG_IF_FULL))
DOCUMENTS = (*EXACT, Document("lost_read", root="lost", fields=LOST_FIELDS))
