"""One whole experiment on a real stack: steady state, load, kill, healing, convergence, verdict, report."""

import dataclasses
import json

import pytest

from chaos.backends import Local
from chaos.checker.verdict import Result
from chaos.experiments.catalogue import entry
from chaos.run import run
from chaos.session import Options
from stack import layout, passwords, settings
from stack.handle import Stack


@pytest.mark.timeout(240)
def test_a_killed_worker_loses_nothing_and_the_report_says_so(stack, tmp_path):
    found = settings.load({"STACK_DIR": str(stack.directory)})
    backend = Local(Stack(found, layout.layout(found.directory), passwords.load_or_create(found.directory)))
    experiment = dataclasses.replace(entry("kill-worker"), recover_within=None)  # the machine is shared
    done = run(experiment, backend, Options(duration=3, warm_up=4, after=2, rate=12), tmp_path)
    assert done.verdict, done.aborted
    assert done.verdict.result is Result.PASS, done.verdict.reasons
    assert done.verdict.acknowledged > 30
    assert done.verdict.times
    assert done.verdict.times.peak_lag > 2
    names = {path.name for path in done.directory.iterdir()}
    assert {"report.html", "report.md", "journal.json", "history.jsonl", "junit.xml", "verdict.json", "experiment.json"} <= names
    assert json.loads((done.directory / "verdict.json").read_text())["result"] == "PASS"
    assert (tmp_path / "kill-worker" / "latest" / "report.html").stat().st_size > 10_000
