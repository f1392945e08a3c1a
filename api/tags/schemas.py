from __future__ import annotations

from pydantic import BaseModel, Field


class TagCount(BaseModel):
    """A tag that items carry, and how many do."""

    name: str = Field(examples=["vintage"])
    items: int = Field(examples=[42])


class TagPage(BaseModel):
    """Tags in the order of their names. `next` is null on the last page."""

    items: list[TagCount]
    next: str | None
