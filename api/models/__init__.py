"""The write model: every table of the database, as SQLAlchemy declarations."""

from api.models.base import Base
from api.models.heartbeat import Heartbeat
from api.models.item import STATUSES, Item
from api.models.tag import ItemTag, Tag
from api.models.user import User

__all__ = ["STATUSES", "Base", "Heartbeat", "Item", "ItemTag", "Tag", "User"]
