from __future__ import annotations

import datetime as dt

from sqlalchemy import SmallInteger
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base


class Heartbeat(Base):
    """One row that the connector updates: it moves the slot forward and shows that capture lives."""

    __tablename__ = "cdc_heartbeat"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    beat_at: Mapped[dt.datetime] = mapped_column(TIMESTAMP(timezone=True))
