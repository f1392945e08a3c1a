import threading

import pytest

from stack.errors import CancelledError
from stack.plan import Step, execute


class Quiet:
    def started(self, step): ...
    def note(self, step, text): ...
    def finished(self, step, text): ...


def recorder():
    done = []
    lock = threading.Lock()

    def step(name, *needs):
        def run(_watch):
            with lock:
                done.append(name)
            return ""

        return Step(name, run, needs)

    return done, step


def test_a_step_runs_after_all_that_it_needs():
    done, step = recorder()
    execute([step("api", "schema", "mongo"), step("schema", "postgres"), step("mongo"), step("postgres")], Quiet())
    assert sorted(done) == ["api", "mongo", "postgres", "schema"]
    assert done.index("postgres") < done.index("schema") < done.index("api")
    assert done.index("mongo") < done.index("api")


def test_independent_steps_run_beside_each_other():
    meeting = threading.Barrier(2, timeout=10)

    def run(_watch):
        meeting.wait()
        return ""

    execute([Step("left", run), Step("right", run)], Quiet())


def test_the_first_failure_cancels_the_others_and_is_raised():
    begun, ended = threading.Event(), []

    def waits(watch):
        begun.set()
        try:
            watch.pause(60)
        except CancelledError:
            ended.append("cancelled")
            raise
        return ""

    def fails(_watch):
        begun.wait(10)
        raise RuntimeError("broken")

    done, step = recorder()
    with pytest.raises(RuntimeError, match="broken"):
        execute([Step("waits", waits), Step("fails", fails), step("later", "fails")], Quiet())
    assert ended == ["cancelled"]
    assert done == []


def test_needs_that_are_no_step_are_an_error():
    _, step = recorder()
    with pytest.raises(ValueError, match="postgers"):
        execute([step("schema", "postgers")], Quiet())


def test_steps_that_need_each_other_are_an_error():
    _, step = recorder()
    with pytest.raises(ValueError, match="need each other: a, b"):
        execute([step("a", "b"), step("b", "a")], Quiet())
