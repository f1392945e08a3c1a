from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base, BigId, Timestamps, Traced


class User(Timestamps, Traced, Base):
    """A person who owns items."""

    __tablename__ = "users"

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text, unique=True)
