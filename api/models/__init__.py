"""The write model: every table of the database, as SQLAlchemy declarations."""

from api.models.base import Base
from api.models.item import STATUSES, Item
from api.models.pipeline import Canary, Heartbeat, Signal
from api.models.tag import ItemTag, Tag
from api.models.user import User

__all__ = ["STATUSES", "Base", "Canary", "Heartbeat", "Item", "ItemTag", "Signal", "Tag", "User"]
