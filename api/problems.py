"""The catalogue of problems. A slug is part of the API: it never changes and is never used for something else.

The docstrings are written for clients: each is what the page at /problems/<slug> advises.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.problem import Problem

RETRY_AFTER_S = 2


class MalformedJson(Problem):
    """Send one JSON object, encoded in UTF-8."""

    slug, status, title = "malformed-json", 400, "The body is not JSON"
    example = "Expecting ',' delimiter at character 17."


class MalformedCursor(Problem):
    """Pass `next` of the previous page unchanged, or leave `cursor` out to start at the first page."""

    slug, status, title = "malformed-cursor", 400, "The cursor is not one of ours"
    example = "The cursor cannot be read."


class CursorMismatch(Problem):
    """A cursor continues the list it came from: keep the filters as they were, or start again without a cursor."""

    slug, status, title = "cursor-mismatch", 400, "The cursor belongs to another list"
    example = "The cursor was made with other filters."


class BadRequest(Problem):
    """Check how the request is encoded."""

    slug, status, title = "bad-request", 400, "The request cannot be read"
    example = "There was an error parsing the body."


class NoSuchPath(Problem):
    """The paths that exist are listed at /docs and in /openapi.json."""

    slug, status, title = "no-such-path", 404, "Nothing is served at this path"
    example = "Nothing is served at this path."


class UnknownId(Problem):
    """Check the id. A resource that was written a moment ago can be missing in reads until it has been replicated."""

    slug, status, title = "unknown-id", 404, "There is no such resource"
    example = "There is no item 7."


class MethodNotAllowed(Problem):
    """The header Allow names the methods that the path takes."""

    slug, status, title = "method-not-allowed", 405, "The path does not take this method"
    example = "The path does not take PATCH."


class DuplicateEmail(Problem):
    """Choose another email, or update the user that has it."""

    slug, status, title = "duplicate-email", 409, "Another user has this email"
    example = "Another user has the email ada@example.org."


class UserOwnsItems(Problem):
    """Delete the user's items or give them to another owner first: GET /v1/items?owner=<id> lists them."""

    slug, status, title = "user-owns-items", 409, "The user still owns items"
    example = "User 3 still owns items."


class BodyTooLarge(Problem):
    """Send less: the limit is in `max_bytes`."""

    slug, status, title = "body-too-large", 413, "The body is too large"
    example = "The body is larger than 65536 bytes."


class UnsupportedMediaType(Problem):
    """Send the header Content-Type: application/json."""

    slug, status, title = "unsupported-media-type", 415, "The body is not declared as JSON"
    example = "Content-Type is text/plain."


class InvalidRequest(Problem):
    """`errors` names each value: `in` says where it is, `pointer` (RFC 6901) which it is, `detail` what is wrong."""

    slug, status, title = "invalid-request", 422, "Some values are not valid"
    example = "1 value is not valid."


class UnknownOwner(Problem):
    """Create the user first, or name one that exists in `owner_id`."""

    slug, status, title = "unknown-owner", 422, "The owner does not exist"
    example = "There is no user 3."


class InternalError(Problem):
    """Report it with its `trace_id`, under which the log tells more."""

    slug, status, title = "internal-error", 500, "The API made a mistake"
    example = "The request could not be completed."


class PostgresUnavailable(Problem):
    """Repeat the request after Retry-After seconds. `outcome` is `none` if nothing was written, `unknown` if it may have been."""

    slug, status, title = "postgres-unavailable", 503, "The write database does not answer"
    example = "PostgreSQL did not answer in time; nothing was written."

    def __init__(self, detail: str, *, outcome: str = "none") -> None:
        super().__init__(detail, headers={"Retry-After": str(RETRY_AFTER_S)}, outcome=outcome)


class MongoUnavailable(Problem):
    """Repeat the request after Retry-After seconds. Writes may go on meanwhile: nothing is lost."""

    slug, status, title = "mongo-unavailable", 503, "The read database does not answer"
    example = "MongoDB did not answer in time."

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": str(RETRY_AFTER_S)})


class NotReady(Problem):
    """`components` says which. The API recovers by itself when the component does."""

    slug, status, title = "not-ready", 503, "A component that requests need is down"
    example = "Down: postgres."

    def __init__(self, detail: str, components: Mapping[str, Any]) -> None:
        super().__init__(detail, headers={"Retry-After": str(RETRY_AFTER_S)}, components=dict(components))
