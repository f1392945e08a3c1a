from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from api.fields import Description, Id, Model, Moment, PageParameters, Price, PriceOut, TagName, Title, Words

MAX_TAGS = 20


class Status(StrEnum):
    """Where an item is in its life."""

    DRAFT = "draft"
    ACTIVE = "active"
    SOLD = "sold"
    ARCHIVED = "archived"


def _distinct(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise ValueError("a tag is named twice")
    return sorted(names)


class ItemIn(Model):
    """An item as a client writes it; PUT replaces all of it, so what is left out goes back to its default."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"owner_id": 1, "title": "Oak chair", "price": "12.50", "status": "active", "tags": ["oak", "vintage"]}]
        }
    )

    owner_id: Id
    title: Title
    description: Description | None = None
    price: Price
    status: Status = Status.DRAFT
    tags: Annotated[list[TagName], AfterValidator(_distinct)] = Field([], max_length=MAX_TAGS)


class OwnerOut(BaseModel):
    """The owner of an item. Name and email are null in a read that came before the owner was replicated."""

    id: Id
    name: str | None
    email: str | None


class ItemOut(BaseModel):
    """An item as it is answered, with its owner and its tags in alphabetical order."""

    id: Id
    title: str
    description: str | None
    price: PriceOut
    status: Status
    owner: OwnerOut
    tags: list[str]
    created_at: Moment
    updated_at: Moment


class ItemPage(BaseModel):
    """Items. `next` is null on the last page."""

    items: list[ItemOut]
    next: str | None


class ItemParameters(PageParameters):
    """Which items a list has. Newest first; with a price range cheapest first."""

    owner: Id | None = Field(None, description="Id of the owner")
    tag: TagName | None = Field(None, description="Name of a tag the items carry")
    status: Status | None = None
    min_price: Price | None = Field(None, description="At least this price; orders by price")
    max_price: Price | None = Field(None, description="At most this price; orders by price")
    text: Words | None = Field(None, description="Words that the title has, all of them, in any case")

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.min_price is not None and self.max_price is not None and self.min_price > self.max_price:
            raise ValueError("min_price is greater than max_price")
        return self
