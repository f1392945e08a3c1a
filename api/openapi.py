"""What OpenAPI says about problems: every operation declares those it can end in, with an example each."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from api import problems
from api.problem import MEDIA_TYPE, Problem

Responses = dict[int | str, dict[str, Any]]

READ = (problems.MongoUnavailable,)
WRITE = (problems.PostgresUnavailable,)
BODY = (problems.MalformedJson, problems.BodyTooLarge, problems.UnsupportedMediaType)
CURSOR = (problems.MalformedCursor, problems.CursorMismatch)


class InvalidValue(BaseModel):
    """One value that is not valid."""

    in_: str = Field(alias="in", examples=["body"])
    pointer: str = Field(examples=["/price"])
    code: str
    detail: str


class ProblemBody(BaseModel):
    """RFC 9457 problem details. `type` identifies the kind of problem and is a page that explains it."""

    type: str = Field(json_schema_extra={"format": "uri-reference"})
    title: str
    status: int
    detail: str
    instance: str
    trace_id: str
    errors: list[InvalidValue] | None = Field(None, description="Only of /problems/invalid-request")


def declare(*kinds: type[Problem]) -> Responses:
    """The `responses` of an operation that can end in these problems, or in a mistake of the API."""
    found: Responses = {}
    every: tuple[type[Problem], ...] = (*kinds, problems.InternalError)
    for kind in every:
        response = found.setdefault(kind.status, {"description": kind.title, "content": {MEDIA_TYPE: {"examples": {}}}})
        if kind.title not in response["description"]:
            response["description"] += f", or: {kind.title}"
        content = response["content"][MEDIA_TYPE]
        content["schema"] = {"$ref": "#/components/schemas/ProblemBody"}
        body = {
            "title": kind.title,
            "status": kind.status,
            "detail": kind.example,
            "instance": "/v1/...",
            "trace_id": "0af7651916cd43dd8448eb211c80319c",
        }
        content["examples"][kind.slug] = {"value": {"type": f"/problems/{kind.slug}", **body}}
    return found


def operation_id(route: APIRoute) -> str:
    """The function's name; a test sees to it that they are unique."""
    return route.name


def install(app: FastAPI) -> None:
    """Adds the schema that `declare` refers to, and drops FastAPI's own error schemas, which are never answered."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schemas = original().setdefault("components", {}).setdefault("schemas", {})
            schema = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= schema.pop("$defs")
            schemas["ProblemBody"] = schema
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            for operation in (operation for path in original()["paths"].values() for operation in path.values()):
                # FastAPI's default for any parameter, also for one that no text is wrong for.
                if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                    del operation["responses"]["422"]
        return original()

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way
