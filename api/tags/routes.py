from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api import problems
from api.deps import AllResources
from api.fields import PageParameters
from api.openapi import CURSOR, READ, declare
from api.tags import queries
from api.tags.schemas import TagPage

router = APIRouter(prefix="/v1/tags", tags=["tags"])


@router.get("", responses=declare(*READ, *CURSOR, problems.InvalidRequest))
async def list_tags(held: AllResources, parameters: Annotated[PageParameters, Query()]) -> TagPage:
    """A page of the tags that items carry, with the number of items, counted at most two seconds ago."""
    return await queries.page(held.read_model, held.cache, held.settings.tags_cache_s, parameters)
