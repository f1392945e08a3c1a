"""The write model: users, items, tags and their links.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

TOUCHED = ("users", "items")


def identity() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False)


def moment(name: str) -> sa.Column[object]:
    return sa.Column(name, TIMESTAMP(timezone=True, precision=3), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "users",
        identity(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        moment("created_at"),
        moment("updated_at"),
        sa.PrimaryKeyConstraint("id", name="users_pkey"),
        sa.UniqueConstraint("email", name="users_email_key"),
    )
    op.create_table(
        "items",
        identity(),
        sa.Column("owner_id", sa.BigInteger, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=True),
        sa.Column("price", sa.Numeric(12, 2), nullable=False),
        sa.Column("status", sa.Text, server_default=sa.text("'draft'"), nullable=False),
        moment("created_at"),
        moment("updated_at"),
        sa.PrimaryKeyConstraint("id", name="items_pkey"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="items_owner_id_fkey", ondelete="RESTRICT"),
        sa.CheckConstraint("price BETWEEN 0 AND 9999999999.99", name=op.f("items_price_check")),
        sa.CheckConstraint("status IN ('draft', 'active', 'sold', 'archived')", name=op.f("items_status_check")),
    )
    op.create_index("items_owner_id_idx", "items", ["owner_id"])
    op.create_table(
        "tags",
        identity(),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="tags_pkey"),
        sa.UniqueConstraint("name", name="tags_name_key"),
    )
    op.create_table(
        "item_tags",
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("tag_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("item_id", "tag_id", name="item_tags_pkey"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="item_tags_item_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name="item_tags_tag_id_fkey", ondelete="RESTRICT"),
    )
    op.create_index("item_tags_tag_id_idx", "item_tags", ["tag_id"])
    op.execute(
        """
        CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.updated_at := now();
            RETURN NEW;
        END $$
        """
    )
    for table in TOUCHED:
        op.execute(f"CREATE TRIGGER set_updated_at BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION set_updated_at()")


def downgrade() -> None:
    for table in ("item_tags", "tags", "items", "users"):
        op.drop_table(table)
    op.execute("DROP FUNCTION set_updated_at()")
