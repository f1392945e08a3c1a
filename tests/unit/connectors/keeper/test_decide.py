from itertools import pairwise

import pytest

from connectors.diagnosis import Diagnosis, Kind
from connectors.keeper.decide import Halt, Memory, Restart, Shout, Sweep, decide
from connectors.keeper.settings import KeeperSettings

LIMITS = KeeperSettings()
FAILED = Diagnosis(Kind.FAILED, "boom", 9, cause="task")
GAP = Diagnosis(Kind.GAP, "the slot is gone", 9)
STREAMING = Diagnosis(Kind.STREAMING, "", 9, snapshot_epoch=8)


def history(looks, *, every=2.0, chance=1.0):
    """Every action with the time it came at, and the last memory, when the looks come at this pace."""
    memory, done = Memory(), []
    for number, found in enumerate(looks):
        memory, actions = decide(memory, found, LIMITS, number * every, chance)
        done += [(number * every, action) for action in actions]
    return done, memory


def restarts(done):
    return [when for when, action in done if isinstance(action, Restart)]


def test_a_failed_task_is_restarted_with_growing_pauses_and_a_cap():
    done, memory = history([FAILED] * 2000, every=0.5)
    times = restarts(done)
    assert len(times) == LIMITS.restart_tries
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses == sorted(pauses)
    assert pauses[0] >= 2
    assert max(pauses) <= LIMITS.restart_longest_seconds + 1
    assert times[0] <= 2
    assert memory.gave_up


def test_after_the_last_try_it_says_so_again_and_again_ever_less_often():
    done, _ = history([FAILED] * 2000)
    said = [when for when, action in done if isinstance(action, Shout)]
    pauses = [later - earlier for earlier, later in pairwise(said)]
    assert said[0] >= restarts(done)[-1]
    assert pauses == sorted(pauses)
    assert 5 <= pauses[0] < 10
    assert 300 <= pauses[-1] <= 302


def test_chance_spreads_the_restarts():
    assert history([FAILED] * 9, every=0.1, chance=0.0)[0] != history([FAILED] * 9, every=0.1, chance=1.0)[0]


def test_minutes_of_running_forgive_earlier_failures():
    short = [FAILED] * 30 + [STREAMING] * 10
    assert history(short)[1].tries == history([FAILED] * 30)[1].tries > 0
    assert history(short + [STREAMING] * 150)[1].tries == 0


def test_who_brings_it_back_after_the_keeper_gave_up_gets_all_tries():
    _, memory = history([FAILED] * 300)
    assert memory.gave_up
    memory, _ = decide(memory, STREAMING, LIMITS, 601.0, 0.0)
    assert (memory.gave_up, memory.tries) == (False, 0)


@pytest.mark.parametrize("kind", [Kind.PAUSED, Kind.STOPPED, Kind.MISSING, Kind.STARTING])
def test_what_somebody_asked_for_is_left_alone(kind):
    assert history([Diagnosis(kind, "", 9, snapshot_epoch=8)] * 100)[0] == []


def test_a_gap_is_never_restarted_but_halted_and_said_at_the_second_look():
    done, memory = history([FAILED, GAP, GAP, GAP])
    assert restarts(done) == []
    assert done[0] == (4.0, Halt("the slot is gone"))
    assert isinstance(done[1][1], Shout)
    assert memory.gap == "the slot is gone"


def test_one_odd_look_is_no_gap():
    done, memory = history([STREAMING, GAP, STREAMING, GAP, STREAMING])
    assert [action for _, action in done if not isinstance(action, Sweep)] == []
    assert memory.gap == ""


def test_a_gap_ends_when_the_connector_is_made_anew():
    assert history([GAP, GAP, Diagnosis(Kind.MISSING, ""), STREAMING])[1].gap == ""


def test_a_sweep_is_wanted_only_after_a_snapshot_of_its_own():
    assert history([STREAMING])[0] == [(0.0, Sweep(8))]
    assert history([Diagnosis(Kind.SNAPSHOT, "", 9, snapshot_epoch=9)])[0] == []
    assert history([Diagnosis(Kind.STREAMING, "", 9, snapshot_epoch=0)])[0] == []
