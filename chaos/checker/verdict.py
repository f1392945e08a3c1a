"""The verdict of one experiment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from chaos.checker.alerts import Expected, judge
from chaos.checker.final import Final, check_final
from chaos.checker.findings import Finding, Kind
from chaos.checker.model import model
from chaos.checker.reads import check_reads
from chaos.checker.service import Service, service
from chaos.checker.times import Times, fired, times
from chaos.history.book import History
from chaos.history.records import Outcome
from chaos.tokens import Tokens


class Result(StrEnum):
    """UNKNOWN: nothing was exercised, so nothing was shown."""

    PASS = "PASS"  # noqa: S105 - a word, not a password
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Claims:
    """What an experiment says in advance. `stops_writes`: no write can be acknowledged while it lasts, so none is asked for.

    `carry_within`: so soon after the fault the others have taken over, and nothing waits although it lasts.
    """

    alerts: Expected = field(default_factory=Expected)
    alerts_known: bool = True
    stops_writes: bool = False
    has_fault: bool = True
    recover_within: float | None = None
    carry_within: float | None = None


@dataclass(frozen=True)
class Verdict:
    """`reasons` say why it is not PASS, `notes` what could not be judged. Services are by window: before, during, after."""

    result: Result
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    counts: dict[Kind, int]
    findings: tuple[Finding, ...]
    acknowledged: int
    reads: int
    unacknowledged_applied: int
    divergent: int | None
    parked: int
    times: Times | None
    writes: dict[str, Service]
    api_reads: dict[str, Service]
    alerts: tuple[tuple[float, str], ...]


def judge_run(history: History, final: Final | None, tokens: Tokens, claims: Claims) -> Verdict:
    """The verdict from data. `final` is None when the databases could not be read at the end."""
    known, when = model(history.writes), times(history)
    end = check_final(final, known, tokens) if final else None
    findings = [*check_reads(history.reads, known, tokens), *(end.findings if end else ())]
    held = when.heal - when.fault if when else 0.0
    alerts = fired(history, when.fault) if when else []
    wrong, notes = judge(claims.alerts, alerts, when.fault, held) if when and claims.alerts_known else ([], [])
    if not claims.alerts_known:
        notes.append("this stack has no alert rules: alerts were not judged")
    reasons = [*_data(findings, final, history), *_times(when, claims), *wrong]
    unexercised = _unexercised(history, when, claims)
    result = Result.FAIL if reasons else Result.UNKNOWN if unexercised else Result.PASS
    windows = _windows(when)
    return Verdict(
        result,
        (*reasons, *unexercised),
        tuple(notes),
        dict(Counter(finding.kind for finding in findings)),
        tuple(findings),
        sum(write.outcome is Outcome.OK for write in history.writes),
        sum(read.outcome is Outcome.OK for read in history.reads),
        end.unacknowledged_applied if end else 0,
        final.divergent if final else None,
        final.parked if final else 0,
        when,
        {name: service(history.writes, *window) for name, window in windows.items()},
        {name: service((r for r in history.reads if r.source == "api"), *window) for name, window in windows.items()},
        tuple(alerts),
    )


def _data(findings: Sequence[Finding], final: Final | None, history: History) -> list[str]:
    counts = Counter(finding.kind for finding in findings)
    said = [f"{counts[kind]} {kind.value}" for kind in Kind if counts[kind]]
    if history.mark("gave_up") is not None:
        said.append("did not converge: " + next(mark.detail for mark in history.marks if mark.name == "gave_up"))
    if final is None:
        said.append("the databases could not be read at the end")
    elif final.divergent is None:
        said.append("verify could not look at the end")
    elif final.divergent:
        said.append(f"{final.divergent} documents differ from SQL")
    if final and final.parked:
        said.append(f"{final.parked} dead letters wait")
    return said


def _times(when: Times | None, claims: Claims) -> list[str]:
    if when is None or not claims.has_fault:
        return []
    if when.recover is None:
        return ["no recovery was seen after the healing"]
    if claims.carry_within is not None and (when.carry is None or when.carry > claims.carry_within):
        took = "were not on time before the healing" if when.carry is None else f"took {when.carry:.1f} s"
        return [f"those that carry on {took}, at most {claims.carry_within:g} s are claimed"]
    if claims.recover_within is not None and when.recover > claims.recover_within:
        return [f"recovery took {when.recover:.1f} s, at most {claims.recover_within:g} s are claimed"]
    return []


def _unexercised(history: History, when: Times | None, claims: Claims) -> list[str]:
    said = ""
    if not any(write.outcome is Outcome.OK for write in history.writes):
        said = "no write was acknowledged"
    elif claims.has_fault and when is None:
        said = "no fault was made"
    elif claims.has_fault and when is not None:
        inside = [write for write in history.writes if when.fault <= write.end and write.start <= when.heal]
        if history.mark("effect") is None:
            said = "the fault did not take effect"
        elif not inside:
            said = "nobody wrote while the fault lasted"
        elif not claims.stops_writes and not any(write.outcome is Outcome.OK for write in inside):
            said = "no write was acknowledged while the fault lasted"
    return [said] if said else []


def _windows(when: Times | None) -> dict[str, tuple[float, float]]:
    start, end = float("-inf"), float("inf")
    if when is None:
        return {"all": (start, end)}
    return {"before": (start, when.fault), "during": (when.fault, when.heal), "after": (when.heal, end)}
