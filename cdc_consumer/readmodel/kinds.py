"""What a declared column is in Debezium's JSON, and which value a document holds for it.

The connector writes schemaless JSON (decimals and times as strings, bytea as base64), so the type of a column
is part of the declaration. The values are plain Python; `codec` maps them to BSON at the edge:

=============  ===============================  =======================================  ==================
kind           Postgres types                   Debezium JSON                            BSON
=============  ===============================  =======================================  ==================
RAW            text, integers, bool, float,     as it is                                 string, int, ...
               enums, arrays of these
DECIMAL        numeric                          string                                   Decimal128
TIMESTAMP_MS   timestamptz(3)                   ISO 8601 string                          date
TEXT_TIME      timestamptz, date, time,         ISO 8601 string                          string
               interval
UUID           uuid                             string                                   Binary, subtype 4
JSON           json, jsonb                      string holding JSON                      document, array, ...
BYTES          bytea                            base64 string                            Binary, subtype 0
=============  ===============================  =======================================  ==================
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import enum
import json
import uuid
from collections.abc import Callable
from typing import Any


class Kind(enum.Enum):
    """Type of a declared column; see the table of the module."""

    RAW = "raw"
    DECIMAL = "decimal"
    TIMESTAMP_MS = "timestamp_ms"
    TEXT_TIME = "text_time"
    UUID = "uuid"
    JSON = "json"
    BYTES = "bytes"


def _timestamp_ms(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


_CONVERT: dict[Kind, Callable[[Any], Any]] = {
    Kind.RAW: lambda value: value,
    Kind.DECIMAL: decimal.Decimal,
    Kind.TIMESTAMP_MS: _timestamp_ms,
    Kind.TEXT_TIME: lambda value: value,
    Kind.UUID: uuid.UUID,
    Kind.JSON: json.loads,
    Kind.BYTES: base64.b64decode,
}


def convert(kind: Kind, value: Any) -> Any:
    """The document's value for a captured column. NULL stays None.

    Raises ValueError (decimal.InvalidOperation is mapped to it) when the value is not of the declared kind.
    """
    if value is None:
        return None
    try:
        return _CONVERT[kind](value)
    except (decimal.InvalidOperation, TypeError, AttributeError) as error:
        raise ValueError(f"{value!r} is not a {kind.value}") from error
