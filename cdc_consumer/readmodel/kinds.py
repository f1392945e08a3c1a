"""What a declared column is in Debezium's JSON, and which value a document holds for it.

The connector writes schemaless JSON (decimals and times as strings, bytea as base64), so the type of a column
is part of the declaration. The values are plain Python; `codec` maps them to BSON at the edge. No value is ever rounded: what
its kind cannot hold is an error that names the kind which can. docs/types.md says what was really seen for each Postgres type:

==============  =====================================  ============================  =====================================
kind            Postgres types                         Debezium JSON                 BSON
==============  =====================================  ============================  =====================================
RAW             text, integers, bool, enums, arrays    as it is                      string, int, ...
TEXT            text, enums, inet, uuid, json, ...     string                        string
INTEGER         smallint, integer, bigint, oid         number                        int, long
FLOAT           real, double precision                 number, "NaN", "Infinity"     double
BOOL            boolean                                true, false                   bool
DECIMAL         numeric up to 34 digits, money         string                        Decimal128
DECIMAL_TEXT    numeric of any precision               string                        string
TIMESTAMP_MS    timestamptz(3), timestamp(3)           ISO 8601 string               date
TEXT_TIME       timestamptz, date, time, interval ...  ISO 8601 string               string
UUID            uuid                                   string                        Binary, subtype 4
JSON            json, jsonb                            string holding JSON           document, array, ...
BYTES           bytea                                  base64 string                 Binary, subtype 0
OPAQUE          types that Debezium does not know      base64 of Postgres' text      string
ListOf(kind)    one-dimensional arrays                 array                         array
==============  =====================================  ============================  =====================================
"""

from __future__ import annotations

import base64
import binascii
import decimal
import enum
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from cdc_consumer.readmodel import numbers, times
from cdc_consumer.readmodel.json_text import loads


class Kind(enum.Enum):
    """Type of a declared column; see the table of the module."""

    RAW = "raw"
    TEXT = "text"
    INTEGER = "integer"
    FLOAT = "float"
    BOOL = "bool"
    DECIMAL = "decimal"
    DECIMAL_TEXT = "decimal_text"
    TIMESTAMP_MS = "timestamp_ms"
    TEXT_TIME = "text_time"
    UUID = "uuid"
    JSON = "json"
    BYTES = "bytes"
    OPAQUE = "opaque"


@dataclass(frozen=True)
class ListOf:
    """An array of one dimension; its elements are of `kind`, or NULL."""

    kind: Kind


AnyKind: TypeAlias = Kind | ListOf

# What Java prints for an inner array: Debezium takes the rows of a two-dimensional text array for texts.
_INNER_ARRAY: Final = re.compile(r"\[L[\w.$]+;@[0-9a-f]+")


def _instance(*types: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) not in types:
            raise TypeError
        return value

    return check


_text = _instance(str)
_CONVERT: Final[dict[Kind, Callable[[Any], Any]]] = {
    Kind.RAW: lambda value: value,
    Kind.TEXT: _text,
    Kind.INTEGER: numbers.whole,
    Kind.FLOAT: numbers.double,
    Kind.BOOL: _instance(bool),
    Kind.DECIMAL: numbers.decimal34,
    Kind.DECIMAL_TEXT: numbers.decimal_text,
    Kind.TIMESTAMP_MS: times.timestamp_ms,
    Kind.TEXT_TIME: lambda value: times.text_time(_text(value)),
    Kind.UUID: uuid.UUID,
    Kind.JSON: loads,
    Kind.BYTES: lambda value: base64.b64decode(value, validate=True),
    Kind.OPAQUE: lambda value: base64.b64decode(value, validate=True).decode(),
}


def convert(kind: AnyKind, value: Any) -> Any:
    """The document's value for a captured column. NULL stays None.

    Raises ValueError when the value is not of the declared kind, or when the kind cannot hold it exactly.
    """
    if value is None:
        return None
    if isinstance(kind, ListOf):
        return _list(kind.kind, value)
    try:
        return _CONVERT[kind](value)
    except (decimal.InvalidOperation, TypeError, AttributeError, binascii.Error) as error:
        raise ValueError(f"{value!r:.100} is not a {kind.value}") from error


def _list(kind: Kind, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r:.100} is not a list of {kind.value}")  # noqa: TRY004 - as for any other value
    if any(isinstance(part, list) or (isinstance(part, str) and _INNER_ARRAY.fullmatch(part)) for part in value):
        raise ValueError("an array of more than one dimension, which Debezium cannot carry")
    return [convert(kind, part) for part in value]
