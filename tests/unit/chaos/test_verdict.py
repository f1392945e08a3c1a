import dataclasses

import pytest

from chaos.checker.alerts import Expected, text
from chaos.checker.final import Final
from chaos.checker.verdict import Claims, Result, judge_run
from tests.unit.chaos.histories import RUN, Mark, Op, Outcome, Sample, history, user, wrote

BURN, NO_PRIMARY = (text(name, {"severity": "page"}) for name in ("CdcFreshnessBurnFast", "MongoNoPrimary"))
PLAIN = Claims()
ALARM = Claims(Expected(must={"CdcFreshnessBurnFast": 8}))


def samples(lag=lambda at: 0.1, alerts=lambda at: (), states=lambda at: {}):
    return [Sample(at, lag(at), 0, records=at, wal=1000 * at, states=states(at), alerts=alerts(at)) for at in range(60)]


def run(*, marks=("fault", "effect", "heal", "converged"), seen=None, lost=False, divergent=0, parked=0, claims=PLAIN, outcome=Outcome.OK):
    """Users 1 to 58, one a second; a fault from 20 to 30."""
    times = {"fault": 20.0, "effect": 20.5, "heal": 30.0, "serves": 36.0, "converged": 59.0, "gave_up": 59.0}
    writes = [wrote(n, n, Op.CREATE, outcome=outcome if 20 <= n <= 30 else Outcome.OK) for n in range(1, 59)]
    rows = {("users", write.key): user(write.version) for write in writes if write.outcome is Outcome.OK}
    mongo = dict(rows)
    if lost:
        mongo.popitem()
    kept = history(*writes, *(seen or samples()), *(Mark(name, times[name]) for name in marks))
    return judge_run(kept, Final(rows, mongo, divergent, parked), RUN, claims)


def test_all_is_well():
    verdict = run()
    assert (verdict.result, verdict.reasons, verdict.acknowledged) == (Result.PASS, (), 58)
    assert verdict.writes["during"].attempts == 10
    assert verdict.writes["during"].availability == 1.0
    assert verdict.times.peak_wal == 59_000


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"lost": True}, "1 lost"),
        ({"divergent": 3}, "3 documents differ from SQL"),
        ({"divergent": None}, "verify could not look at the end"),
        ({"parked": 2}, "2 dead letters wait"),
        ({"marks": ("fault", "effect", "heal", "gave_up")}, "did not converge: "),
        ({"seen": samples(lag=lambda at: 30.0)}, "no recovery was seen after the healing"),
        (
            {"seen": samples(lambda at: 9.0 if 20 < at < 45 else 0.1), "claims": Claims(recover_within=10)},
            "recovery took 15.0 s, at most 10 s are claimed",
        ),
        ({"claims": ALARM}, "CdcFreshnessBurnFast did not fire"),
        ({"seen": samples(alerts=lambda at: (NO_PRIMARY,) if at > 25 else ())}, f"wrong page: {NO_PRIMARY}"),
    ],
)
def test_what_fails(changed, said):
    verdict = run(**changed)
    assert (verdict.result, verdict.reasons) == (Result.FAIL, (said,))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"marks": ("fault", "heal", "converged")}, "the fault did not take effect"),
        ({"marks": ("converged",)}, "no fault was made"),
        ({"outcome": Outcome.FAIL}, "no write was acknowledged while the fault lasted"),
    ],
)
def test_what_shows_nothing(changed, said):
    verdict = run(**changed)
    assert (verdict.result, verdict.reasons) == (Result.UNKNOWN, (said,))


def test_a_fault_that_stops_writes_needs_attempts_only():
    assert run(outcome=Outcome.FAIL, claims=Claims(stops_writes=True)).result is Result.PASS


def test_the_expected_alert_fired_and_was_the_first():
    verdict = run(seen=samples(alerts=lambda at: (BURN,) if 24 <= at < 40 else ()), claims=ALARM)
    assert (verdict.result, verdict.times.detect, verdict.times.first_alert) == (Result.PASS, 4.0, BURN)


def test_an_alert_that_fired_before_is_not_a_detection():
    verdict = run(seen=samples(alerts=lambda at: (text("Old", {}),)))
    assert (verdict.result, verdict.times.detect) == (Result.PASS, None)


def test_a_burn_rate_that_remembers_an_older_outage_may_fire_in_another_window_too():
    other = text("CdcFreshnessBurnFast", {"severity": "page", "window": "30m"})
    late = samples(alerts=lambda at: (BURN,) if at < 24 else (BURN, other))
    assert run(seen=late).result is Result.PASS
    verdict = run(seen=samples(alerts=lambda at: () if at < 24 else (other,)), claims=Claims(Expected()))
    assert verdict.reasons == (f"wrong page: {other}",)


def test_a_fault_too_short_for_its_alert_is_not_judged_by_it():
    verdict = run(claims=Claims(Expected(must={"CdcFreshnessBurnFast": 80})))
    assert verdict.result is Result.PASS
    assert "not judged" in verdict.notes[0]


def test_recovery_needs_everything_up_again_and_counts_from_the_healing():
    verdict = run(seen=samples(states=lambda at: {"kafka": "down" if 20 <= at < 37 else "up"}))
    assert verdict.times.recover == 7.0


def test_how_long_a_process_takes_to_start_is_told_apart_from_recovery():
    seen = samples(lag=lambda at: 9.0 if 20 < at < 40 else 0.1)
    times = run(seen=seen, marks=("fault", "effect", "heal", "serves", "converged")).times
    assert (times.mend, times.recover) == (6.0, 4.0)


def test_a_kept_history_gives_the_same_verdict(tmp_path):
    from chaos.history.book import Book, load

    book = Book(tmp_path / "history.jsonl")
    for line in (wrote(1, 1, Op.CREATE, tags=("a",)), Mark("fault", 1.0), Sample(2.0, 0.1, 0, alerts=(BURN,))):
        book.write(line)
    book.close()
    assert dataclasses.asdict(load(tmp_path / "history.jsonl")) == dataclasses.asdict(book.history)
