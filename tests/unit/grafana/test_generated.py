"""The committed JSON is what the code makes, and nothing but the board's five kinds of panels."""

from __future__ import annotations

from pathlib import Path

from grafana.source import mongo, shared
from grafana.source.generate import DIRECTORY, generated, write
from monitor.board.definitions import load
from monitor.prober import connector, replica_set, slot
from tests.unit.grafana.boards import BOARDS, panels

UIDS = ["cdc-overview", "cdc-source", "cdc-kafka", "cdc-worker", "cdc-api", "cdc-slo", "cdc-chaos"]


def test_the_committed_dashboards_are_those_of_the_code():
    there = {path.name: path.read_text() for path in DIRECTORY.glob("*.json")}
    assert there == generated(), "run: make dashboards"


def test_the_uids_are_those_that_alerts_link_to():
    assert list(BOARDS) == UIDS


def test_every_state_that_the_prober_tells_has_a_code_and_a_colour():
    assert set(connector.STATES) | {connector.MISSING} == set(shared.CONNECTOR_CODES)
    assert set(shared.CONNECTOR_CODES.values()) == set(shared.CONNECTOR_STATES)
    assert set(slot.STATUSES) == set(shared.WAL_CODES)
    assert set(replica_set.STATES) == set(mongo.MEMBER_CODES)


def test_a_dashboard_that_is_gone_is_removed(tmp_path):
    (tmp_path / "9-old.json").write_text("{}")
    assert [path.name for path in write(tmp_path)] == sorted(path.name for path in Path(tmp_path).glob("*.json"))


def test_the_board_draws_every_panel():
    drawn = load(DIRECTORY)
    assert list(drawn) == UIDS
    assert {uid: len(dashboard.panels) for uid, dashboard in drawn.items()} == {uid: len(panels(board)) for uid, board in BOARDS.items()}


def test_the_first_row_of_the_overview_is_six_numbers():
    first = next(iter(load(DIRECTORY).values())).rows[0][1]
    assert [panel.shown["title"] for panel in first] == [
        "Freshness",
        "End to end, p99",
        "Error budget left",
        "Divergent documents",
        "Dead letters",
        "Alerts firing",
    ]
    assert {panel.shown["kind"] for panel in first} == {"stat"}


def test_states_stand_above_the_lag_on_the_same_time_axis():
    kinds = [(panel.shown["kind"], panel.shown["width"]) for panel in next(iter(load(DIRECTORY).values())).rows[1][1]]
    assert kinds == [("state-timeline", 24), ("timeseries", 24)]
