import datetime as dt
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api.fields import MAX_PRICE, Description, Email, Id, Moment, Name, PageParameters, Price, PriceOut, price_text, read_price

PRICES = st.decimals(0, MAX_PRICE, places=2)


@given(PRICES)
def test_a_price_survives_as_text(price):
    assert read_price(price_text(price)) == price


@given(st.integers(0, 10**11))
def test_a_price_survives_as_a_json_number(cents):
    text = f"{cents // 100}.{cents % 100:02}"
    assert read_price(json.loads(text)) == Decimal(text)


@pytest.mark.parametrize(("value", "written"), [("12.5", "12.50"), (7, "7.00"), (12.1, "12.10"), (-0.0, "0.00"), (1e2, "100.00")])
def test_a_price_is_written_with_two_decimals(value, written):
    assert price_text(read_price(value)) == written


NOT_PRICES = [
    "",
    " 1",
    "1 ",
    "1_0",
    "1e3",
    "-1",
    "+1",
    ".5",
    "5.",
    "1.234",
    "NaN",
    "Infinity",
    "٣",
    "12345678901",
    "1,5",
    "0x1",
    True,
    None,
    [],
]
NOT_PRICES += [-2, -0.01, 0.001, 1.999, 10**10, 10**400, 1e300, float("inf"), float("nan"), {"a": 1}]


@pytest.mark.parametrize("value", NOT_PRICES)
def test_what_is_not_a_price(value):
    with pytest.raises(ValidationError):
        TypeAdapter(Price).validate_python(value)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none()))
def test_any_value_is_a_price_or_a_validation_error(value):
    try:
        price = TypeAdapter(Price).validate_python(value)
    except ValidationError:
        return
    assert 0 <= price <= MAX_PRICE
    assert price.as_tuple().exponent == -2


def test_prices_are_answered_as_json_strings():
    assert TypeAdapter(PriceOut).dump_json(Decimal("12.5")) == b'"12.50"'


def test_times_are_answered_in_utc_with_milliseconds():
    local = dt.datetime(2026, 11, 22, 18, 0, 0, 5000, dt.timezone(dt.timedelta(hours=1)))
    assert TypeAdapter(Moment).dump_json(local) == b'"2026-11-22T17:00:00.005Z"'


@pytest.mark.parametrize("text", ["", "   ", "a\0b", "\ud800", "x" * 201])
def test_what_is_not_a_name(text):
    with pytest.raises(ValidationError):
        TypeAdapter(Name).validate_python(text)


@given(st.text(max_size=200))
def test_a_description_that_is_accepted_can_be_stored(text):
    try:
        accepted = TypeAdapter(Description).validate_python(text)
    except ValidationError:
        return
    assert "\0" not in accepted
    assert accepted.encode().decode() == accepted


@pytest.mark.parametrize("text", ["", "a", "a@", "@b.co", "a b@c.co", "Ada <a@b.co>", "a@b.co\0", "a@b", "x" * 250 + "@b.co", "a@b.co\nx"])
def test_what_is_not_an_email(text):
    with pytest.raises(ValidationError):
        TypeAdapter(Email).validate_python(text)


def test_the_domain_of_an_email_has_no_case():
    assert TypeAdapter(Email).validate_python("Ada@EXAMPLE.org") == "Ada@example.org"


@pytest.mark.parametrize("value", [0, -1, 2**63, 10**30, "x", 1.5])
def test_what_is_not_an_id(value):
    with pytest.raises(ValidationError):
        TypeAdapter(Id).validate_python(value)


def test_a_limit_above_the_greatest_is_the_greatest():
    assert PageParameters.model_validate({"limit": "1000000000000000000000"}).limit == 200
