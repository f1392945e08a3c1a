from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from api.fields import Email, Id, Model, Moment, Name


class UserIn(Model):
    """A user as a client writes it; PUT replaces all of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Ada Lovelace", "email": "ada@example.org"}]})

    name: Name
    email: Email


class UserOut(BaseModel):
    """A user as it is answered."""

    model_config = ConfigDict(from_attributes=True)

    id: Id
    name: str
    email: str
    created_at: Moment
    updated_at: Moment


class UserPage(BaseModel):
    """Users, newest first. `next` is null on the last page."""

    items: list[UserOut]
    next: str | None
