from __future__ import annotations

import datetime as dt
from typing import Annotated

from sqlalchemy import BigInteger, Identity, MetaData, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# The names PostgreSQL itself would give, so that an error's constraint name reads the same in psql and in code.
NAMING = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
}

# BY DEFAULT, not ALWAYS: the seed copies rows with their ids.
BigId = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]

# Milliseconds, because a BSON date holds no more: a finer time would never compare equal to its document.
Moment = Annotated[dt.datetime, mapped_column(TIMESTAMP(timezone=True, precision=3), server_default=text("now()"))]


class Base(DeclarativeBase):
    """Declarative base with the naming convention."""

    metadata = MetaData(naming_convention=NAMING)


class Timestamps:
    """created_at and updated_at; a trigger sets updated_at on every UPDATE, whoever sends it."""

    created_at: Mapped[Moment] = mapped_column(sort_order=10)
    updated_at: Mapped[Moment] = mapped_column(sort_order=11)


class Traced:
    """traceparent of the sampled request that wrote the row last, for the worker's log; an UPDATE without one clears it."""

    traceparent: Mapped[str | None] = mapped_column(Text, sort_order=12)
