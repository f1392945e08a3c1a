"""One way of writing dates, times and intervals, whichever of the two sides wrote them. Pure.

Debezium's ISO strings and Postgres's differ in form, not in meaning: `2024-05-01Z` and `2024-05-01`, `10:00:00Z` and
`12:00:00+02`, `P0Y0M1DT2H0M0S` and `P1DT2H`, `-0043-03-15Z` and `0044-03-15 BC`. A form that is neither stays as it is.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

DATE = re.compile(r"([+-]?\d{4,})-(\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?( BC)?")
UTC = re.compile(r"([+-]?\d{4,})-(\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(?:Z|\+00:00)?( BC)?")
MIDNIGHT = re.compile(r"(24:00:00)(?:Z|\+00)?")
NUMBER = r"(?:(-?\d+(?:\.\d+)?){})?"
INTERVAL = re.compile("P" + "".join(NUMBER.format(unit) for unit in "YMD") + "(?:T" + "".join(NUMBER.format(unit) for unit in "HMS") + ")?")
DAY_SECONDS = 24 * 3600


def text_time(text: str) -> str:
    """The text in the one form: UTC, no zone letter on dates, no zero units in intervals."""
    if found := DATE.fullmatch(text):
        return f"{_year(found[1], found[3])}-{found[2]}"
    if found := UTC.fullmatch(text):
        return f"{_year(found[1], found[5])}-{found[2]}T{found[3]}{(found[4] or '').rstrip('0').rstrip('.')}"
    if text.startswith("P") and (found := INTERVAL.fullmatch(text)):
        years, months, days, hours, minutes, seconds = (Decimal(part or 0) for part in found.groups())
        clock = ((hours * 60 + minutes) * 60 + seconds).normalize()
        return f"P{years * 12 + months}M{days}DT{clock:f}S"
    if found := MIDNIGHT.fullmatch(text):
        return found[1]
    for parse in (_moment, _time):
        try:
            return parse(text)
        except (ValueError, OverflowError):
            continue
    return text


def _year(digits: str, before_christ: str | None) -> str:
    """Astronomical, as ISO 8601 has it: 1 BC is the year 0."""
    return f"{1 - int(digits) if before_christ else int(digits):05d}"


def _moment(text: str) -> str:
    if "T" not in text:
        raise ValueError(text)
    moment = dt.datetime.fromisoformat(text)
    return text_time((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC).isoformat())


def _time(text: str) -> str:
    time = dt.time.fromisoformat(text)
    offset = time.utcoffset() or dt.timedelta()
    seconds = (time.hour * 3600 + time.minute * 60 + time.second - int(offset.total_seconds())) % DAY_SECONDS
    return dt.time(seconds // 3600, seconds // 60 % 60, seconds % 60, time.microsecond).isoformat()
