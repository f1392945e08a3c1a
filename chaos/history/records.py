"""The lines of a history. Times are seconds since 1970 on one clock; `version` numbers the writes of a run, 1, 2, ..."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias


class Op(StrEnum):
    """What a write does."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Outcome(StrEnum):
    """How an operation ended for its client. FAIL: it certainly was not done. UNKNOWN: nobody said; it may still be done later."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Write:
    """One write. `key` is None when the creation was not acknowledged.

    `due` is when the schedule wanted it, so that `end - due` is the latency its user would see. Writes of one key never overlap, and
    after an UNKNOWN one the key is not written any more: the versions of a key are in the order of their commits.
    """

    version: int
    table: str
    key: int | None
    op: Op
    due: float
    start: float
    end: float
    outcome: Outcome
    owner: int | None = None
    tags: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """One read of a document. `document` is what was shown, None when nothing was there; `promised` the greatest age in seconds.

    `client` reads one after the other, `source` is "api" or "mongo". A watcher writes down only what differs from its last look.
    """

    client: str
    source: str
    table: str
    key: int
    due: float
    start: float
    end: float
    outcome: Outcome
    document: dict[str, Any] | None = None
    promised: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A watcher saw that the write `version` of a document, or a later one, can be read. `acknowledged` is when its client knew."""

    version: int
    acknowledged: float
    end: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Something the experiment did: `fault`, `effect`, `heal`, `serves`, `load`, `load_end`, `converged`, `gave_up`."""

    name: str
    at: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """The state of things at a moment; None, or a name that is not there, where it could not be known."""

    at: float
    lag: float  # seconds that the oldest acknowledged write has been waiting to be seen; 0 when none waits
    waiting: int  # acknowledged writes that have not been seen
    records: int | None = None  # in Kafka, not yet committed by the worker
    wal: int | None = None  # bytes that the slot holds back
    states: dict[str, str] = field(default_factory=dict)  # by component: up, down, frozen
    alerts: tuple[str, ...] = ()  # firing, as name/severity
    freshness: float | None = None  # what the prober measures, in seconds


Line: TypeAlias = Write | Read | Seen | Mark | Sample

KINDS: dict[str, type[Any]] = {kind.__name__.lower(): kind for kind in (Write, Read, Seen, Mark, Sample)}


def to_json(line: Line) -> dict[str, Any]:
    """A line as it is written."""
    return {"kind": type(line).__name__.lower(), **dataclasses.asdict(line)}


def from_json(raw: dict[str, Any]) -> Line:
    """A line as it was written. Raises KeyError, TypeError or ValueError for anything else."""
    values = {name: value for name, value in raw.items() if name != "kind"}
    for name in ("tags", "alerts"):
        if name in values:
            values[name] = tuple(values[name])
    if "outcome" in values:
        values["outcome"] = Outcome(values["outcome"])
    if "op" in values:
        values["op"] = Op(values["op"])
    made: Line = KINDS[raw["kind"]](**values)
    return made
