"""Which errors a retry can help, and how long to wait."""

from __future__ import annotations

import random
from typing import Final

from bson import json_util
from bson.errors import InvalidDocument, InvalidStringData
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DocumentTooLarge,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WaitQueueTimeoutError,
    WriteConcernError,
)

from cdc_consumer.poison import Poison
from cdc_consumer.schemas import NewerSchema

LONGEST: Final = 2.0  # seconds; with 3 s of server selection an outage is noticed to be over well within 10 s
_TRANSIENT_CODES: Final = frozenset(
    {
        6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11601, 11602, 13435, 13436,  # network, not primary, shutdown
        50, 64, 100,  # MaxTimeMSExpired, write concern
        43, 175, 237, 290,  # a cursor or its plan was killed: the server restarted or the transaction ended
        24, 46, 112, 117, 202, 225, 246, 251,  # lock and conflict: LockTimeout, WriteConflict, SnapshotUnavailable, NoSuchTransaction ...
        11000,  # two writers met on one new key
    }
)  # fmt: skip


_TOO_LARGE: Final = frozenset({10334, 17419, 17420})  # BSONObjectTooLarge, and the document an update would make
_INVALID: Final = 121  # DocumentValidationFailure: not of the declared shape
_REFUSED: Final = _TOO_LARGE | {2, 9, 14, 15, 16, 22, 52, 54, 55, 57, 171, 17280}  # bad values and names, too deep, not indexable
_BY_CLASS: Final = (
    (NewerSchema, "newer_schema"),
    (WaitQueueTimeoutError, "pool"),  # before its base class, ConnectionFailure
    (ConnectionFailure, "network"),
    (ExecutionTimeout, "timeout"),
    (WriteConcernError, "write_concern"),
)


def transient_cause(error: BaseException) -> str | None:
    """A short stable word for an error that passes by itself (network, primary, timeout, write concern, conflict); else None."""
    for kind, cause in _BY_CLASS:
        if isinstance(error, kind):
            return cause
    if isinstance(error, BulkWriteError):
        codes = {e["code"] for e in error.details["writeErrors"]}
        return ("conflict" if codes else "write_concern") if codes <= _TRANSIENT_CODES else None
    if isinstance(error, PyMongoError) and error.timeout:
        return "timeout"
    if isinstance(error, OperationFailure) and (error.code in _TRANSIENT_CODES or _labelled(error)):
        return "server"
    return None


def _labelled(error: OperationFailure) -> bool:
    return error.has_error_label("TransientTransactionError") or error.has_error_label("RetryableWriteError")


def data_cause(error: BaseException) -> str | None:
    """A short stable word for an error that lies in the record itself, so that no retry can help; else None."""
    if isinstance(error, Poison):
        return error.cause
    if isinstance(error, DocumentTooLarge):
        return "too_large"
    if isinstance(error, InvalidDocument | InvalidStringData | ArithmeticError | UnicodeEncodeError | RecursionError):
        return "not_bson"
    codes = set()
    if isinstance(error, BulkWriteError):
        codes = {e["code"] for e in error.details["writeErrors"]} - _TRANSIENT_CODES
    elif isinstance(error, OperationFailure):
        codes = {error.code}
    if codes == {_INVALID}:
        return "schema"
    if not codes or not codes <= _REFUSED | {_INVALID}:
        return None
    # An insert just over the limit is refused as a bad value (2), only its text says why.
    return "too_large" if codes <= _TOO_LARGE or "too large" in str(error) else "refused"


def explain(error: BaseException) -> str:
    """What the server says about a refused document, without the document."""
    if not isinstance(error, BulkWriteError):
        return str(error)
    first = error.details["writeErrors"][0]
    details = first.get("errInfo", {}).get("details")
    return f"{first.get('errmsg')} {json_util.dumps(details) if details else ''}".strip()


def pause(attempt: int) -> float:
    """Seconds to wait before attempt number `attempt` (from 1): exponential with full jitter, at most LONGEST."""
    return random.uniform(0.05, min(LONGEST, 0.1 * 2.0 ** min(attempt, 10)))  # noqa: S311 - jitter, not a secret
