"""Values of both sides in one form, by kind. Pure.

========  ===============================================================================================
kind      compared as
========  ===============================================================================================
RAW       itself; 1 and 1.0 are one number, true is none; NaN and infinities as Postgres writes them
DECIMAL   decimal.Decimal by value: 12.5 equals 12.50, but a double or a string never equals a decimal
TIMESTAMP the moment, cut to the millisecond, which is what a BSON date holds
TEXT_TIME the moment, date, time or interval it means (`times`)
UUID      uuid.UUID
JSON      the value, numbers as in RAW, keys of an object in any order
BYTES     bytes
========  ===============================================================================================

A value that is not of its kind stays as it is, and so differs.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from cdc_consumer.readmodel.kinds import Kind
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
        return int(value)
    if value - value == 0:
        return value
    return {float("inf"): "Infinity", float("-inf"): "-Infinity"}.get(value, "NaN")


def _decimal(value: Decimal) -> Decimal | str:
    return value if value == value else "NaN"  # noqa: PLR0124 - only NaN differs from itself


def _timestamp(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return _to_millisecond(moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC))


def _to_millisecond(moment: dt.datetime) -> dt.datetime:
    rest = moment.microsecond % 1000
    return moment.replace(microsecond=moment.microsecond - rest) if rest else moment


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


FROM_POSTGRES: Mapping[Kind, Convert] = {
    Kind.RAW: plain,
    Kind.DECIMAL: lambda text: _decimal(Decimal(text)),
    Kind.TIMESTAMP_MS: _or_text(_timestamp),
    Kind.TEXT_TIME: text_time,
    Kind.UUID: uuid.UUID,
    Kind.JSON: lambda text: plain(json.loads(text)),
    Kind.BYTES: bytes.fromhex,
}
FROM_MONGO: Mapping[Kind, Convert] = {
    **dict.fromkeys(Kind, plain),
    Kind.DECIMAL: _if(Decimal, _decimal),
    Kind.TIMESTAMP_MS: _if(dt.datetime, _to_millisecond),
    Kind.TEXT_TIME: _if(str, text_time),
}
