"""Dates and times as Debezium writes them with time.precision.mode=isostring. Pure."""

from __future__ import annotations

import datetime as dt
from typing import Final

# What Debezium writes for the infinities of date and timestamp: moments that Postgres itself cannot hold (a date ends with 5874897, a
# timestamp with 294276), so that none is taken for a real one. Snapshots differ from the stream. timestamptz has words.
_INFINITY: Final = {
    "+292278994-08-16T23:00:00Z": "infinity",
    "-292275055-05-16T23:00:00Z": "-infinity",
    "+292278994-08-16Z": "infinity",
    "+292269055-12-02Z": "-infinity",
    "+5877611-06-21Z": "infinity",
    "-5877611-06-22Z": "-infinity",
}


def text_time(text: str) -> str:
    """The text itself, or `infinity` and `-infinity`."""
    return _INFINITY.get(text, text)


def timestamp_ms(text: str) -> dt.datetime:
    """A moment as a BSON date holds it.

    Raises ValueError for what is no moment of whole milliseconds in the years 1 to 9999; TypeError when it is not a string.
    """
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text:.60} is no moment of the years 1 to 9999; declare the column as TEXT_TIME") from error
    if moment.microsecond % 1000:
        raise ValueError(f"{text} is finer than a BSON date holds; make the column timestamptz(3), or declare it as TEXT_TIME")
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
