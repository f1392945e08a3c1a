from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, SmallInteger, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base


class Heartbeat(Base):
    """One row that the connector updates: it moves the slot forward and shows that capture lives."""

    __tablename__ = "cdc_heartbeat"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    beat_at: Mapped[dt.datetime] = mapped_column(TIMESTAMP(timezone=True))


class Signal(Base):
    """What the connector is asked to do (an incremental snapshot), and the marks it sets around each of its chunks."""

    __tablename__ = "cdc_signal"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    data: Mapped[str | None] = mapped_column(Text)


class Canary(Base):
    """One row a partition that the prober updates every second and looks for in MongoDB."""

    __tablename__ = "cdc_canary"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    emitted_at: Mapped[dt.datetime] = mapped_column(TIMESTAMP(timezone=True, precision=3))
