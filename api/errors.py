"""Everything that frameworks raise, as problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api import problems
from api.problem import Problem, respond


def pointer(location: Iterable[int | str]) -> str:
    """JSON pointer (RFC 6901) of a place in a body, or of a parameter."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def from_validation(errors: Iterable[Mapping[str, Any]]) -> Problem:
    """Broken JSON is 400, values that are not valid are 422. Never repeats the input, which may be secret or huge."""
    found = []
    for error in errors:
        place, *path = error["loc"]
        if error["type"] == "json_invalid":
            return problems.MalformedJson(f"{error['ctx']['error']} at character {path[0]}.")
        detail = error["msg"].removeprefix("Value error, ")  # pydantic's mark of our own checks
        found.append({"in": place, "pointer": pointer(path), "code": error["type"], "detail": detail})
    count = f"{len(found)} values are" if len(found) > 1 else "1 value is"
    return problems.InvalidRequest(f"{count} not valid.", errors=found)


def from_http(error: HTTPException, method: str) -> Problem:
    """What Starlette and FastAPI raise on their own: routing and reading of the body."""
    headers = dict(error.headers or {})
    match error.status_code:
        case 400:  # not UTF-8, nested too deeply, a number of thousands of digits: not even a JSONDecodeError
            return problems.MalformedJson("The body cannot be parsed.", headers=headers)
        case 404:
            return problems.NoSuchPath("Nothing is served at this path.", headers=headers)
        case 405:
            return problems.MethodNotAllowed(f"The path does not take {method}.", headers=headers)
        case status if status < 500:
            return problems.BadRequest(str(error.detail), headers=headers)
        case _:
            return problems.InternalError("The request could not be completed.", headers=headers)


def install(app: FastAPI) -> None:
    """Every error answer of the app becomes problem+json."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)  # noqa: S101
        return respond(request, error)

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return respond(request, from_validation(error.errors()))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        return respond(request, from_http(error, request.method))

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
