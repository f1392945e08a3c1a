"""The types of the API's values: how each is read, checked and written."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema

MAX_ID = 2**63 - 1
MAX_PRICE = Decimal("9999999999.99")
MAX_LIMIT = 200
PRICE_TEXT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")
CENT = Decimal("0.01")


class Model(BaseModel):
    """Base of what clients send: a member or parameter that does not exist is an error, not silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _storable(text: str) -> str:
    # PostgreSQL's text cannot hold NUL, and UTF-8 has no lone surrogates; JSON can express both.
    if "\0" in text:
        raise ValueError("the character NUL is not allowed")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("lone surrogates are not allowed")
    return text


def read_price(value: Any) -> Decimal:
    """A price from a JSON string or number. Raises ValueError unless 0 to 9999999999.99 with at most two decimals."""
    if isinstance(value, str):
        # Decimal() itself would take "1_0", "1e3", " 1 " and digits of other scripts.
        if not PRICE_TEXT.fullmatch(value):
            raise ValueError("a price is written like 12.50")
        return Decimal(value).quantize(CENT)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise ValueError("a price is a string or a number")  # noqa: TRY004  # pydantic reports ValueError only
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not (number.is_finite() and 0 <= number <= MAX_PRICE):
        raise ValueError(f"a price lies between 0 and {MAX_PRICE}")
    if number != number.quantize(CENT):
        raise ValueError("a price has at most two decimals")
    return abs(number.quantize(CENT))  # -0.0 is a number too


def price_text(price: Decimal) -> str:
    """A price as it is answered: two decimals, in a string because JSON numbers are binary fractions to most readers."""
    return f"{price:.2f}"


def _email(text: str) -> str:
    try:
        # .test and its like are accepted: there is no mail to deliver here.
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None


def rfc3339(moment: dt.datetime) -> str:
    """UTC with milliseconds, e.g. 2026-11-22T17:13:44.572Z."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_STORABLE = AfterValidator(_storable)
_PRICE_SCHEMA = {"type": "string", "pattern": r"^[0-9]{1,10}(\.[0-9]{1,2})?$", "examples": ["12.50"]}
_PRICE_IN_SCHEMA = {"anyOf": [_PRICE_SCHEMA, {"type": "number", "minimum": 0, "maximum": float(MAX_PRICE)}]}

Id = Annotated[int, Field(ge=1, le=MAX_ID, examples=[7])]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), _STORABLE]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), _STORABLE]
Description = Annotated[str, StringConstraints(max_length=10_000), _STORABLE]
TagName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), _STORABLE]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), _STORABLE]
Email = Annotated[str, _STORABLE, AfterValidator(_email), WithJsonSchema({"type": "string", "format": "email"})]
Price = Annotated[Decimal, BeforeValidator(read_price), WithJsonSchema(_PRICE_IN_SCHEMA)]
PriceOut = Annotated[Decimal, PlainSerializer(price_text, return_type=str), WithJsonSchema(_PRICE_SCHEMA)]
Moment = Annotated[dt.datetime, PlainSerializer(rfc3339, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})]
Limit = Annotated[int, Field(ge=1, description=f"Rows on a page; more than {MAX_LIMIT} counts as {MAX_LIMIT}")]


class PageParameters(Model):
    """Where a page starts and how long it is."""

    limit: Annotated[Limit, AfterValidator(lambda limit: min(limit, MAX_LIMIT))] = 50
    cursor: str | None = Field(None, description="`next` of the previous page")
