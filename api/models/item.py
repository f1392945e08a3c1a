from __future__ import annotations

from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Numeric, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base, BigId, Timestamps, Traced

STATUSES = ("draft", "active", "sold", "archived")


class Item(Timestamps, Traced, Base):
    """A thing with a price that belongs to a user."""

    __tablename__ = "items"
    __table_args__ = (
        # BETWEEN, not >= 0: in PostgreSQL NaN is greater than every number.
        CheckConstraint("price BETWEEN 0 AND 9999999999.99", name="price"),
        CheckConstraint("status IN ('draft', 'active', 'sold', 'archived')", name="status"),
    )

    id: Mapped[BigId]
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"), index=True)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    price: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    status: Mapped[str] = mapped_column(Text, server_default=text("'draft'"))
