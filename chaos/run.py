"""Runs one experiment: Chaos Toolkit walks through it, the checker says what it showed, a report is written."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chaoslib.run import Runner
from chaoslib.types import Strategy

from chaos.active import published
from chaos.backends import Backend
from chaos.checker.verdict import Claims, Result, Verdict, judge_run
from chaos.ending import gather
from chaos.experiments.build import build
from chaos.experiments.entry import Entry
from chaos.measure.sources import Prometheus
from chaos.nemesis import Nemesis
from chaos.report import write
from chaos.session import Options, Session, begin
from stack.settings import ROOT

ARTIFACTS = ROOT / "artifacts" / "chaos"


@dataclass(frozen=True)
class Done:
    """One experiment that was run. `skipped` or `aborted` say why there is no verdict; `carries` that others are to take over."""

    name: str
    directory: Path
    verdict: Verdict | None
    skipped: str = ""
    aborted: str = ""
    interrupted: bool = False
    carries: bool = False

    @property
    def word(self) -> str:
        """PASS, FAIL, UNKNOWN, SKIPPED or ABORTED."""
        if self.verdict is not None:
            return self.verdict.result.value
        return "SKIPPED" if self.skipped else "ABORTED"

    @property
    def good(self) -> bool:
        """Whether it passed, or was skipped and says so."""
        return self.word in {Result.PASS.value, "SKIPPED"}


def run(entry: Entry, backend: Backend, options: Options, artifacts: Path = ARTIFACTS) -> Done:
    """The experiment and its report. Whatever happens, the fault is healed and the clients end. Skipped at once without what it needs."""
    if lacking := entry.lacks(backend):
        return Done(entry.name, artifacts / entry.name, None, skipped=lacking)
    directory = _directory(artifacts / entry.name)
    fault = entry.fault()
    session = Session(backend, fault, options, directory)
    if isinstance(fault, Nemesis):
        fault.note = lambda text: session.mark("turn", text)
    begin(session)
    experiment = build(entry, fault.describe(), options)
    with published(backend, entry.name), _quiet(directory / "chaostoolkit.log"):
        try:
            journal = _walk(experiment)
        finally:
            session.heal()
        done = _conclude(entry, session, journal, directory)
    history = session.book.history
    write(directory, entry=entry, options=options, experiment=experiment, journal=journal, history=history, done=done)
    return done


def _walk(experiment: dict[str, Any]) -> dict[str, Any]:
    """The toolkit's journal. Rollbacks run whatever happens, also after Ctrl-C."""
    with Runner(Strategy.BEFORE_METHOD) as runner:
        found: dict[str, Any] = runner.run(experiment, settings={"runtime": {"rollbacks": {"strategy": "always"}}})
    return found


def _conclude(entry: Entry, session: Session, journal: dict[str, Any], directory: Path) -> Done:
    """The toolkit's own status and exit code are not asked: it calls a run that never began completed."""
    try:
        interrupted = journal["status"] == "interrupted"
        before = (journal.get("steady_states") or {}).get("before") or {}
        broken = _exceptions(journal)
        if skipped := next((text for text in broken if "SkippedError" in text), ""):
            return Done(entry.name, directory, None, skipped=skipped.rpartition("SkippedError: ")[2].strip(), interrupted=interrupted)
        if not before.get("steady_state_met"):
            missing = [probe["activity"]["name"] for probe in before.get("probes", ()) if not probe.get("tolerance_met")]
            return Done(entry.name, directory, None, aborted=f"not steady before the fault: {', '.join(missing)}", interrupted=interrupted)
        if late := next((mark.detail for mark in session.book.history.marks if mark.name == "unsteady"), ""):
            return Done(entry.name, directory, None, aborted=f"not steady under load: {late}")
        if interrupted:
            return Done(entry.name, directory, None, aborted="interrupted; the fault was healed", interrupted=True)
        claims = Claims(
            entry.alerts(),
            _has_rules(session.backend),
            entry.stops_writes,
            recover_within=entry.recovers_within(session.options.phase),
            carry_within=entry.carry_within,
        )
        session.load.stop()
        verdict = judge_run(session.book.history, gather(session), session.tokens, claims)
        return Done(entry.name, directory, _with_journal(verdict, broken), carries=entry.carry_within is not None)
    finally:
        session.close()


def _exceptions(journal: dict[str, Any]) -> list[str]:
    """The last words of every action and probe that raised."""
    activities = [*journal.get("run", ()), *journal.get("rollbacks", ())]
    return ["".join(found["exception"]).strip() for found in activities if found.get("exception")]


def _with_journal(verdict: Verdict, broken: list[str]) -> Verdict:
    """An action that raised makes the run worthless, whatever the data say."""
    if not broken:
        return verdict
    words = tuple(f"an action broke: {text.splitlines()[-1][:200]}" for text in broken)
    return replace(verdict, result=Result.FAIL, reasons=(*verdict.reasons, *words))


def _has_rules(backend: Backend) -> bool:
    try:
        return Prometheus(backend.env).has_rules()
    except (OSError, ValueError, KeyError):
        return False


def _directory(parent: Path) -> Path:
    """A new directory named after the time, and `latest` leads to it."""
    made = parent / dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    made.mkdir(parents=True, exist_ok=True)
    link = parent / "latest"
    link.unlink(missing_ok=True)
    link.symlink_to(made.name)
    return made


@contextlib.contextmanager
def _quiet(log: Path) -> Iterator[None]:
    """The toolkit's log goes into a file."""
    handlers = [logging.getLogger("chaostoolkit"), logging.getLogger("chaostoolkit-lib")]
    file = logging.FileHandler(log)
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    for found in handlers:
        found.addHandler(file)
        found.propagate = False
        found.setLevel(logging.INFO)
    try:
        yield
    finally:
        for found in handlers:
            found.removeHandler(file)
        file.close()
