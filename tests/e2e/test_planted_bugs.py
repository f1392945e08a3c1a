"""The verdict of chaos/ tells a worker with a bug from the product: each bug is provoked in a real process and must be called FAIL.

The same provocations with the worker as it is must be called PASS. One of them runs always, all with `make chaos-planted`.
"""

import os
import signal

import pytest

from chaos.backends.processes import stopped
from chaos.checker.findings import Kind
from chaos.checker.verdict import Result
from chaos.session import Options
from tests.e2e.api import until
from tests.planted.scene import Scene

LONG = [pytest.mark.long, pytest.mark.timeout(400)]


def zombie(scene):
    """A worker stops with old records in its hands; another one takes over; the first one wakes up and goes on."""
    with scene.worker("a", PLANTED_STOP="40") as asleep:
        scene.session.start()
        until(lambda: stopped(asleep.pid), bool)
        with scene.worker("b"):
            scene.written(100)
            scene.caught_up()
            os.kill(asleep.pid, signal.SIGCONT)
            scene.written(5)
            return scene.verdict()


def killed(scene):
    """A worker is killed right after it committed offsets, and starts again."""
    with scene.worker("a", CDC_CRASH_AT="after_commit:3") as dying:
        scene.session.start()
        assert dying.wait(60) == -signal.SIGKILL
    with scene.worker("a"):
        scene.written(20)
        return scene.verdict()


def crowd(scene):
    """Rows that belong together change at the same time, in transactions that take their time."""
    with scene.worker("a", PLANTED_STRETCH="0.15"):
        scene.session.start()
        scene.written(150)
        return scene.verdict()


QUICK = Options(rate=20, read_rate=1, converge=10, after=1)
RENAMES = Options(rate=20, read_rate=1, converge=60, after=1, weights={"user": 3, "rename": 57, "create": 10, "retitle": 30})
REMOVES = Options(rate=20, read_rate=1, converge=60, after=1, weights={"user": 3, "create": 20, "retitle": 37, "remove": 40})
CROWDED = Options(rate=12, read_rate=1, converge=90, after=1, weights={"user": 10, "create": 50, "rename": 40})
CASES = [
    ("no_version_guard", zombie, RENAMES),
    ("no_tombstone", zombie, REMOVES),
    ("mirror_inside_transaction", crowd, CROWDED),
]


def judged(stack, bug, provoke, options):
    scene = Scene(stack, bug, options)
    try:
        return provoke(scene)
    finally:
        scene.session.close()


@pytest.mark.timeout(200)
def test_acknowledging_before_writing_loses_rows_and_is_called_fail(stack):
    verdict = judged(stack, "acknowledge_before_write", killed, QUICK)
    assert verdict.result is Result.FAIL, verdict
    assert {Kind.LOST, Kind.STALE} & verdict.counts.keys(), (verdict.counts, verdict.reasons)


@pytest.mark.parametrize(("bug", "provoke", "options"), [pytest.param(*case, marks=LONG, id=case[0]) for case in CASES])
def test_a_planted_bug_is_called_fail(stack, bug, provoke, options):
    verdict = judged(stack, bug, provoke, options)
    assert verdict.result is Result.FAIL, verdict


@pytest.mark.parametrize(
    ("provoke", "options"), [pytest.param(case[1], case[2], marks=LONG, id=case[0]) for case in (*CASES, ("killed", killed, QUICK))]
)
def test_the_product_passes_the_same(stack, provoke, options):
    verdict = judged(stack, "none", provoke, options)
    assert verdict.result is Result.PASS, (verdict.reasons, verdict.findings[:5])
