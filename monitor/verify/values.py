"""Values of both sides in one form, by kind. Pure.

==============  =============================================================================================
kind            compared as
==============  =============================================================================================
RAW             itself; 1 and 1.0 are one number, true is none; NaN and infinities as Postgres writes them
TEXT, OPAQUE    the text
INTEGER         int
FLOAT           the double; NaN is itself, -0 is not 0
DECIMAL         decimal.Decimal by value: 12.5 equals 12.50, but a double or a string never equals a decimal
DECIMAL_TEXT    the text, without zeros behind the point
TIMESTAMP_MS    the moment, to the microsecond
TEXT_TIME       the moment, date, time or interval it means (`times`)
UUID            uuid.UUID
JSON            the value, numbers by value as far as they go (1 is 1.0, a double is what its shortest text says)
BYTES           bytes
ListOf(kind)    a list of these
==============  =============================================================================================

A value that is not of its kind stays as it is, and so differs.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from cdc_consumer.readmodel.kinds import AnyKind, Kind, ListOf
from monitor.verify.times import text_time

Convert: TypeAlias = Callable[[Any], Any]

AS_THEY_ARE = {str, bool, int, type(None)}


def plain(value: Any) -> Any:
    """A value without a kind."""
    if type(value) in AS_THEY_ARE:
        return value
    if isinstance(value, int):
        return int(value)  # BSON's 64-bit integers are a type of their own
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return value


def _number(value: float) -> int | float | str:
    if value.is_integer():
        return int(Decimal(repr(value)))  # as its shortest text says, which is what Postgres writes: 1e300 is not int(1e300)
    if value - value == 0:
        return value
    return {float("inf"): "Infinity", float("-inf"): "-Infinity"}.get(value, "NaN")


def _decimal(value: Decimal) -> Decimal | str:
    return value if value == value else "NaN"  # noqa: PLR0124 - only NaN differs from itself


def _float(value: float) -> float | str:
    if value != value:  # noqa: PLR0124 - only NaN differs from itself
        return "NaN"
    return value if value or math.copysign(1, value) > 0 else "-0"


def _digits(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _timestamp(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _json(value: Any) -> Any:
    """A value of JSON, each number as an int when it is whole, as a Decimal when it is not."""
    if isinstance(value, dict):
        return {name: _json(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_json(part) for part in value]
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() else value
    return plain(value)


def _or_text(convert: Convert) -> Convert:
    """A text of Postgres that has no such value, like a date of infinity, stays as it is: nothing in MongoDB can be equal to it."""

    def read(text: Any) -> Any:
        try:
            return convert(text)
        except (ValueError, ArithmeticError):
            return text

    return read


def _if(kind: type, convert: Convert) -> Convert:
    """What is of another type in MongoDB than its kind asks for stays as it is, and so differs."""
    return lambda value: convert(value) if isinstance(value, kind) else plain(value)


def of_kind(converts: Mapping[Kind, Convert], kind: AnyKind) -> Convert:
    """How a value of this kind is brought into the common form."""
    if not isinstance(kind, ListOf):
        return converts[kind]
    convert = converts[kind.kind]
    return lambda value: [None if part is None else convert(part) for part in value] if isinstance(value, list) else plain(value)


FROM_POSTGRES: Mapping[Kind, Convert] = {
    Kind.RAW: plain,
    Kind.TEXT: plain,
    Kind.INTEGER: int,
    Kind.FLOAT: lambda text: _float(float(text)),
    Kind.BOOL: plain,
    Kind.DECIMAL: lambda text: _decimal(Decimal(text)),
    Kind.DECIMAL_TEXT: _digits,
    Kind.TIMESTAMP_MS: _or_text(_timestamp),
    Kind.TEXT_TIME: text_time,
    Kind.UUID: uuid.UUID,
    Kind.JSON: lambda text: _json(json.loads(text, parse_float=Decimal)),
    Kind.BYTES: bytes.fromhex,
    Kind.OPAQUE: plain,
}
FROM_MONGO: Mapping[Kind, Convert] = {
    **dict.fromkeys(Kind, plain),
    Kind.FLOAT: _if(float, _float),
    Kind.DECIMAL: _if(Decimal, _decimal),
    Kind.DECIMAL_TEXT: _if(str, _digits),
    Kind.TEXT_TIME: _if(str, text_time),
    Kind.JSON: _json,
}
