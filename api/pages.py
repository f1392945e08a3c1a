"""A page for each kind of problem, at the address that is its `type`."""

from __future__ import annotations

from html import escape

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.openapi import declare
from api.problem import Problem
from api.problems import NoSuchPath

router = APIRouter(prefix="/problems", tags=["problems"], default_response_class=HTMLResponse)

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<h1>{title}</h1><p><code>{status}</code> <code>/problems/{slug}</code></p><p>{advice}</p><p>Example: {example}</p></html>
"""


@router.get("/{slug}", responses=declare(NoSuchPath))
async def explain_problem(slug: str) -> HTMLResponse:
    """What a problem means and what to do about it."""
    kind = Problem.kinds.get(slug)
    if kind is None:
        raise NoSuchPath("There is no such problem.")
    texts = {"title": kind.title, "advice": kind.__doc__ or "", "example": kind.example, "slug": slug}
    return HTMLResponse(PAGE.format(status=kind.status, **{name: escape(text) for name, text in texts.items()}))
