"""No value is rounded: what a kind cannot hold exactly is refused, with the kind that can."""

import datetime as dt
import math
from decimal import Decimal

import pytest
from bson import encode
from hypothesis import given
from hypothesis import strategies as st

from cdc_consumer.readmodel.codec import CODEC
from cdc_consumer.readmodel.kinds import Kind, ListOf, convert


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        (Kind.DECIMAL, "1234567890123456789012345678901.234", Decimal("1234567890123456789012345678901.234")),
        (Kind.DECIMAL, "12300." + "0" * 2046, Decimal(12300)),  # numeric(5,-2), as Debezium writes it
        (Kind.DECIMAL, "POSITIVE_INFINITY", Decimal("Infinity")),
        (Kind.DECIMAL_TEXT, "NAN", "NaN"),
        (Kind.DECIMAL_TEXT, "1" * 60, "1" * 60),
        (Kind.FLOAT, 3, 3.0),
        (Kind.FLOAT, "-Infinity", -math.inf),
        (Kind.TIMESTAMP_MS, "2024-05-01T10:00:00.123Z", dt.datetime(2024, 5, 1, 10, 0, 0, 123_000, tzinfo=dt.UTC)),
        (Kind.TEXT_TIME, "+5877611-06-21Z", "infinity"),
        (Kind.TEXT_TIME, "-292275055-05-16T23:00:00Z", "-infinity"),
        (Kind.JSON, "9223372036854775808", Decimal(9223372036854775808)),
        (Kind.JSON, "[1.5, 1.123456789012345678901]", [1.5, Decimal("1.123456789012345678901")]),
        (Kind.JSON, "null", None),
        (Kind.OPAQUE, "KDEseCk=", "(1,x)"),
        (ListOf(Kind.DECIMAL), ["1.50", None], [Decimal("1.50"), None]),
        (ListOf(Kind.BYTES), ["AP8="], [b"\x00\xff"]),
    ],
)
def test_what_a_kind_holds(kind, value, found):
    assert convert(kind, value) == found


@pytest.mark.parametrize(
    ("kind", "value", "advice"),
    [
        (Kind.DECIMAL, "1" * 35, "DECIMAL_TEXT"),
        (Kind.DECIMAL, "1E-7000", "DECIMAL_TEXT"),
        (Kind.DECIMAL, "dear", "not a decimal"),
        (Kind.DECIMAL, 12.5, "not a decimal"),
        (Kind.DECIMAL_TEXT, "dear", "not a decimal_text"),
        (Kind.TIMESTAMP_MS, "2024-05-01T10:00:00.123456Z", "TEXT_TIME"),
        (Kind.TIMESTAMP_MS, "infinity", "TEXT_TIME"),
        (Kind.TIMESTAMP_MS, "-0043-03-15T00:00:00Z", "TEXT_TIME"),
        (Kind.TIMESTAMP_MS, "+12345-01-01T00:00:00Z", "TEXT_TIME"),
        (Kind.TEXT, 7, "not a text"),
        (Kind.INTEGER, True, "not a integer"),
        (Kind.INTEGER, 1.0, "not a integer"),
        (Kind.FLOAT, "much", "not a float"),
        (Kind.BOOL, 1, "not a bool"),
        (Kind.BYTES, "%", "not a bytes"),
        (Kind.UUID, "x", "badly formed"),
        (Kind.JSON, "1e7000", "TEXT"),
        (Kind.JSON, "1" * 40, "TEXT"),
        (Kind.JSON, '{"a": 1, "a": 1}', "twice"),
        (Kind.JSON, "[" * 91 + "]" * 91, "levels"),
        (Kind.JSON, "[" * 100_000 + "]" * 100_000, "levels"),
        (ListOf(Kind.TEXT), ["[Ljava.lang.String;@687e600f"], "dimension"),
        (ListOf(Kind.INTEGER), [[1]], "dimension"),
        (ListOf(Kind.INTEGER), "{1}", "not a list"),
    ],
)
def test_what_a_kind_cannot_hold_is_refused(kind, value, advice):
    with pytest.raises(ValueError, match=advice):
        convert(kind, value)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_is_the_same_in_bson_or_refused(number):
    for kind, text in ((Kind.DECIMAL, format(number, "f")), (Kind.JSON, format(number, "f"))):
        try:
            found = convert(kind, text)
        except ValueError:
            continue
        assert Decimal(repr(found) if isinstance(found, float) else found) == number
        assert encode({"n": found}, codec_options=CODEC)
