"""Numbers that BSON holds exactly, or not at all. Pure."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any, Final

INT64: Final = range(-(2**63), 2**63)
# Decimal128: 34 digits. A digit that would be lost is an error; zeros at the end may go.
_DECIMAL128: Final = decimal.Context(
    prec=34, Emin=-6143, Emax=6144, clamp=1, traps=[decimal.InvalidOperation, decimal.Overflow, decimal.Inexact]
)
# As Java names them, and Debezium with it.
_SPECIAL: Final = {"NAN": "NaN", "POSITIVE_INFINITY": "Infinity", "NEGATIVE_INFINITY": "-Infinity"}
_FLOATS: Final = {"NaN", "Infinity", "-Infinity"}


def decimal34(text: str) -> Decimal:
    """A numeric as BSON's Decimal128 holds it, with its scale.

    Raises ValueError when that would lose a digit, decimal.InvalidOperation or TypeError when it is no number.
    """
    if type(text) is not str:
        raise TypeError
    try:
        return _DECIMAL128.create_decimal(_SPECIAL.get(text, text))
    except (decimal.Inexact, decimal.Overflow) as error:
        raise ValueError(f"{text:.60} has more than the 34 digits of Decimal128; declare the column as DECIMAL_TEXT") from error


def decimal_text(text: str) -> str:
    """A numeric of any precision, as Postgres writes it. Raises as `decimal34`."""
    if type(text) is not str:
        raise TypeError
    text = _SPECIAL.get(text, text)
    Decimal(text)
    return text


def whole(value: Any) -> int:
    """An integer column; BSON's 64-bit integers, which the mirror gives, are a type of their own. Raises TypeError when it is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError


def double(value: Any) -> float:
    """A real or double precision. Raises TypeError when it is none."""
    if type(value) is float:
        return value
    if type(value) is str and value in _FLOATS:
        return float(value)
    return float(whole(value))


def integer(text: str) -> int | Decimal:
    """An integer inside JSON: 64 bits, or else Decimal128. Raises ValueError when neither holds it."""
    if len(text) < 20:
        found = int(text)
        if found in INT64:
            return found
    return _exact(text)


def real(text: str) -> float | Decimal:
    """A number with a point or exponent inside JSON: a double when that is the very number, else Decimal128. Raises ValueError."""
    found = float(text)
    if Decimal(repr(found)) == Decimal(text):
        return found
    return _exact(text)


def _exact(text: str) -> Decimal:
    try:
        return _DECIMAL128.create_decimal(text)
    except decimal.DecimalException as error:
        raise ValueError(f"JSON number {text:.60} has no exact BSON type; declare the column as TEXT") from error
