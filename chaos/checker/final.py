"""When all is over: Postgres holds what was acknowledged, and MongoDB holds what Postgres does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chaos.checker.content import Shown, shown
from chaos.checker.findings import Finding, Kind
from chaos.checker.model import Model, Place
from chaos.history.records import Op, Outcome, Write
from chaos.tokens import Tokens


@dataclass
class Final:
    """The rows and documents of this run in both databases, each in the form in which the API shows it.

    `divergent` are documents of the whole database that differ from SQL (`monitor.verify`), None where nobody could look;
    `parked` are dead letters that wait.
    """

    postgres: dict[Place, dict[str, Any]] = field(default_factory=dict)
    mongo: dict[Place, dict[str, Any]] = field(default_factory=dict)
    divergent: int | None = 0
    parked: int = 0


@dataclass
class Outcomes:
    """What the final states say: violations, and writes that were made although nobody said so."""

    findings: list[Finding] = field(default_factory=list)
    unacknowledged_applied: int = 0


def check_final(final: Final, model: Model, tokens: Tokens) -> Outcomes:
    """Compare both databases with the history and with each other."""
    found = Outcomes()
    for place in sorted({*model.keys, *final.postgres, *final.mongo}):
        truth = _look(final.postgres, place, model, tokens)
        copy = _look(final.mongo, place, model, tokens)
        found.findings += _source(place, truth, model)
        found.findings += _copy(place, truth, copy, final)
        found.findings += [Finding(kind, *place, text) for seen in (truth, copy) if seen for kind, text in seen.wrong]
        found.unacknowledged_applied += _unacknowledged(place, truth, model)
    for side, documents in (("Postgres", final.postgres), ("MongoDB", final.mongo)):
        found.findings += _twice(side, documents, tokens)
    return found


def _look(documents: Mapping[Place, Mapping[str, Any]], place: Place, model: Model, tokens: Tokens) -> Shown | None:
    document = documents.get(place)
    return None if document is None else shown(model, tokens, *place, document)


def _source(place: Place, truth: Shown | None, model: Model) -> Iterator[Finding]:
    """Postgres itself: the last acknowledged write, or one whose outcome nobody knew."""
    known = model.keys.get(place)
    if known is None or not any(write.outcome is Outcome.OK for write in known.writes):
        return
    allowed = known.acceptable
    if truth is None:
        if not any(write.op is Op.DELETE for write in allowed):
            yield Finding(Kind.LOST, *place, f"Postgres has no row; version {allowed[0].version} was acknowledged")
    elif truth.version not in {write.version for write in allowed if write.op is not Op.DELETE}:
        wanted = " or ".join(_name(write) for write in allowed)
        yield Finding(Kind.LOST, *place, f"Postgres has version {truth.version}; acknowledged was {wanted}")


def _name(write: Write) -> str:
    return f"its deletion ({write.version})" if write.op is Op.DELETE else f"version {write.version}"


def _copy(place: Place, truth: Shown | None, copy: Shown | None, final: Final) -> Iterator[Finding]:
    if truth is None:
        if copy is not None:
            yield Finding(Kind.RESURRECTED, *place, f"MongoDB shows version {copy.version} of a row that is not there")
        return
    if copy is None:
        yield Finding(Kind.LOST, *place, f"MongoDB has no document; Postgres has version {truth.version}")
    elif (copy.version or 0) < (truth.version or 0):
        yield Finding(Kind.STALE, *place, f"MongoDB has version {copy.version}, Postgres version {truth.version}")
    elif (copy.owner, copy.owner_version) != (truth.owner, truth.owner_version):
        text = (
            f"MongoDB shows owner {copy.owner} version {copy.owner_version}, Postgres has owner {truth.owner} version {truth.owner_version}"
        )
        yield Finding(Kind.STALE, *place, text)
    elif place[0] == "items" and _tags(final.mongo[place]) != _tags(final.postgres[place]):
        text = f"MongoDB shows tags {_tags(final.mongo[place])}, Postgres has {_tags(final.postgres[place])}"
        yield Finding(Kind.STALE, *place, text)


def _tags(document: Mapping[str, Any]) -> list[str]:
    return sorted(set(document.get("tags") or ()))


def _unacknowledged(place: Place, truth: Shown | None, model: Model) -> int:
    known = model.keys.get(place)
    if truth is None:
        return int(known is not None and known.acceptable[-1:] != [] and _unknown(known.acceptable[-1]) and _deletes(known.acceptable[-1]))
    write = model.write(*place, truth.version) if truth.version is not None else None
    return int(write is not None and _unknown(write))


def _unknown(write: Write) -> bool:
    return write.outcome is Outcome.UNKNOWN


def _deletes(write: Write) -> bool:
    return write.op is Op.DELETE


def _twice(side: str, documents: Mapping[Place, Mapping[str, Any]], tokens: Tokens) -> Iterator[Finding]:
    """A version that stands in two rows: one write was made twice."""
    numbers = Counter(
        (table, tokens.number(document.get("name" if table == "users" else "title"))) for (table, _), document in documents.items()
    )
    for (table, version), count in numbers.items():
        if version is not None and count > 1:
            yield Finding(Kind.DUPLICATED, table, None, f"{side} has {count} rows of version {version}")
