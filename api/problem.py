"""RFC 9457: what an error looks like. Which errors there are is in `problems`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse

from api.metrics import PROBLEMS

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818  # the RFC's word
    """One kind of error. A subclass is the kind (its docstring says what to do), an instance the occurrence."""

    slug: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]
    example: ClassVar[str]
    kinds: ClassVar[dict[str, type[Problem]]] = {}

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        """`members` are added to the answer's body as extension members."""
        super().__init__(detail)
        self.detail = detail
        self.headers: Mapping[str, str] | None = headers
        self.members = members

    def __init_subclass__(cls) -> None:
        if "slug" in cls.__dict__:
            if cls.slug in Problem.kinds:
                raise TypeError(f"two problems are called {cls.slug!r}")
            Problem.kinds[cls.slug] = cls
            PROBLEMS.labels(cls.slug)  # shown as 0 from the start: the first one is then a rise

    @classmethod
    def body_of(cls, detail: str, instance: str, trace_id: str) -> dict[str, Any]:
        """The problem document without extension members."""
        return {
            "type": f"/problems/{cls.slug}",
            "title": cls.title,
            "status": cls.status,
            "detail": detail,
            "instance": instance,
            "trace_id": trace_id,
        }


def respond(request: Request, problem: Problem) -> JSONResponse:
    """The answer to a request that ended in a problem."""
    PROBLEMS.labels(problem.slug).inc()
    body = problem.body_of(problem.detail, quote(request.url.path), getattr(request.state, "trace_id", "")) | problem.members
    return JSONResponse(body, status_code=problem.status, headers=problem.headers, media_type=MEDIA_TYPE)
