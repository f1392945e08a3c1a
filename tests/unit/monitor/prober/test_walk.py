"""The verify that never ends, on two dictionaries: what it calls wrong, and when."""

from typing import Any

import pytest

from cdc_consumer.readmodel.documents import USERS
from monitor.prober import metrics
from monitor.prober.barrier import Evidence
from monitor.prober.lag import Offsets
from monitor.prober.walk import Walk

ENDLESS = float("inf")


class Postgres:
    def __init__(self, rows):
        self.rows = rows

    def page(self, after, size):
        keys = sorted(key for key in self.rows if after is None or key > after)[:size]
        return {key: self.rows[key] for key in keys}

    def documents(self, keys):
        return {key: self.rows[key] for key in keys if key in self.rows}


class Mongo(Postgres):
    def between(self, after, upto):
        known = [key for key in self.rows if isinstance(key, int)]
        return [(key, self.rows[key]) for key in sorted(known) if (after is None or key > after) and (upto is None or key <= upto)]

    def strangers(self):
        return [(key, row) for key, row in self.rows.items() if not isinstance(key, int)]


class Both:
    """Ten documents that agree; a step compares four. `applied` says whether all that was committed has been applied."""

    def __init__(self):
        self.rows: dict[Any, Any] = {number: {"name": f"name {number}"} for number in range(1, 11)}
        self.found: dict[Any, Any] = {key: dict(row) for key, row in self.rows.items()}
        self.postgres, self.mongo = Postgres(self.rows), Mongo(self.found)
        self.applied = True
        offsets = Offsets(ENDLESS, {}, {})
        self.walk = Walk(USERS, Evidence(lambda _: self.applied, lambda: offsets))

    def step(self, times=1):
        for _ in range(times):
            self.walk.again(self, 4)  # type: ignore[arg-type]
            self.walk.step(self, 4)  # type: ignore[arg-type]
        return {sample.labels[1]: sample.value for sample in self.walk.samples()}

    @property
    def up_to(self):
        return metrics.REGISTRY.get_sample_value("cdc_verified_up_to_timestamp_seconds", {"collection": "users_read"})


@pytest.fixture
def both(monkeypatch):
    monkeypatch.setattr("monitor.prober.walk.RECHECK_SECONDS", 0)
    metrics.UP_TO.clear()
    return Both()


def test_nothing_is_said_before_a_pass_is_complete(both):
    assert both.step(2) == {}
    assert both.up_to is None
    assert both.step() == {"missing": 0, "extra": 0, "different": 0}
    first = both.up_to
    assert first
    both.step(3)
    assert both.up_to > first
    assert both.walk.passes == 2


def test_each_kind_of_wrong_is_counted_until_it_is_mended(both):
    both.found[2] = {"name": "planted"}
    del both.found[6]
    both.found[90] = both.found["stranger"] = {"name": "planted"}
    assert both.step(6) == {"missing": 1, "extra": 2, "different": 1}
    assert both.up_to is None
    both.found[2], both.found[6] = both.rows[2], both.rows[6]
    del both.found[90], both.found["stranger"]
    assert both.step() == {"missing": 0, "extra": 0, "different": 0}
    both.step(6)
    assert both.up_to


def test_what_is_not_applied_yet_is_open_and_holds_up_the_end_of_the_pass(both):
    both.applied = False
    both.rows[2] = {"name": "new"}
    assert both.step(10) == {}
    assert (list(both.walk.questions), both.walk.passes, both.up_to) == ([2], 0, None)
    both.found[2] = {"name": "new"}
    assert both.step() == {"missing": 0, "extra": 0, "different": 0}
    assert both.up_to


def test_a_row_that_changes_asks_anew_although_all_before_is_applied(both):
    both.found[2] = {"name": "late"}
    both.step()
    for number in range(5):
        both.rows[2] = {"name": f"moving {number}"}
        assert both.step() == {}
    both.step(3)
    assert both.step() == {"missing": 0, "extra": 0, "different": 1}, "it stands still, and what was committed is applied"


def test_a_document_that_shows_a_state_of_its_row_was_only_late(both):
    both.found[2] = {"name": "old"}
    both.rows[2] = {"name": "first"}
    both.step()
    both.rows[2] = {"name": "second"}
    both.found[2] = {"name": "first"}
    both.step()
    assert not both.walk.questions
    assert not both.walk.wrong


def test_many_open_questions_pause_the_walk(both, monkeypatch):
    monkeypatch.setattr("monitor.prober.walk.OPEN", 3)
    both.applied = False
    for key in both.found:
        both.found[key] = {"name": "x"}
    both.step(10)
    assert (len(both.walk.questions), both.walk.after) == (4, 4)
