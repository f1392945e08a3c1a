from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base, BigId


class Tag(Base):
    """A word that items share."""

    __tablename__ = "tags"

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(Text, unique=True)


class ItemTag(Base):
    """Which item carries which tag."""

    __tablename__ = "item_tags"

    item_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tags.id", ondelete="RESTRICT"), primary_key=True, index=True)
