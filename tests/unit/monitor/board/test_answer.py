"""One refresh: what the page gets when Prometheus has values, has none, refuses, is slow or is away."""

from __future__ import annotations

import socket
import threading

import pytest

from monitor.board.answer import choices, refresh, stretches
from monitor.board.definitions import load
from monitor.board.prometheus import Prometheus, PrometheusError
from stack.settings import ROOT
from tests.browser.fake_prometheus import fake_prometheus

NOW = 1_700_000_000.7
OVERVIEW = load(ROOT / "grafana" / "dashboards")["cdc-overview"]


@pytest.fixture
def fake():
    with fake_prometheus() as running:
        yield running


def asked(fake, minutes=15, chosen=None, timeout=4.0):
    return refresh(OVERVIEW, Prometheus(fake.url, timeout), chosen or {}, minutes, NOW)


def test_every_panel_has_its_series(fake):
    answer = asked(fake)
    assert answer["panels"].keys() == {str(panel.id) for panel in OVERVIEW.panels}
    assert all(panel["series"] for panel in answer["panels"].values())
    length = (answer["end"] - answer["start"]) // answer["step"] + 1
    assert {len(one["values"]) for panel in answer["panels"].values() for one in panel["series"] if "values" in one} == {length}
    assert answer["end"] == int(NOW)


def test_a_long_range_keeps_its_grid_between_refreshes(fake):
    answer = asked(fake, minutes=360)
    assert (answer["step"], answer["end"] % 90) == (90, 0)


def test_only_expressions_of_the_dashboard_are_asked(fake):
    asked(fake, chosen={"topic": ["cdc.public.users"], "nobody": ["x"], "job": []})
    whole = " ".join(fake.asked)
    assert 'topic=~"cdc\\\\.public\\\\.users"' in whole
    assert "$" not in whole
    assert "nobody" not in whole
    assert len(fake.asked) == sum(len(panel.targets) for panel in OVERVIEW.panels) + len(OVERVIEW.annotations)


def test_no_data_is_no_series_and_no_error(fake):
    fake.mode = "empty"
    assert {str(panel) for panel in asked(fake)["panels"].values()} == {"{'series': [], 'more': 0}"}


def test_a_refusal_is_told_by_every_panel(fake):
    fake.mode = "refusing"
    errors = [panel["error"]["message"] for panel in asked(fake)["panels"].values()]
    assert len(errors) == len(OVERVIEW.panels)
    assert set(errors) == {"Prometheus refused: query timed out in expression evaluation"}


def test_one_that_is_away_is_told_by_every_panel():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        answer = refresh(OVERVIEW, Prometheus(f"http://127.0.0.1:{nobody.getsockname()[1]}", 1), {}, 5, NOW)
    assert all("Prometheus does not answer" in panel["error"]["message"] for panel in answer["panels"].values())
    assert answer["annotations"] == []


def test_one_that_hangs_costs_one_wait_and_not_one_for_each_expression():
    connections = []
    with socket.create_server(("127.0.0.1", 0), backlog=200) as silent:
        silent.settimeout(20)

        def take():
            while True:
                try:
                    connections.append(silent.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        answer = refresh(OVERVIEW, Prometheus(f"http://127.0.0.1:{silent.getsockname()[1]}", 0.3), {}, 5, NOW)
        silent.shutdown(socket.SHUT_RDWR)
    thread.join(20)
    for one in connections:
        one.close()
    assert {panel["error"]["message"] for panel in answer["panels"].values()} == {"Prometheus does not answer: no answer within 0.3 s"}
    assert len(connections) <= 12, "the first that waited in vain answers for the others"


def test_annotations_are_stretches_of_time(fake):
    names = {mark["name"] for mark in asked(fake)["annotations"]}
    assert {"Alerts", "Restarts"} <= names
    assert all(mark["start"] <= mark["end"] for mark in asked(fake)["annotations"])


def test_stretches():
    assert stretches([None, 1, 1, None, 0, None]) == [(1, 2), (4, 4)]
    assert stretches([]) == []


def test_choices_are_the_values_of_each_variable(fake):
    found = choices(OVERVIEW, Prometheus(fake.url, 4), 15, NOW)
    assert found["topic"] == ["cdc.public.users", "cdc.public.items", "cdc.public.tags", "cdc.public.item_tags"]
    assert found.keys() == {"job", "instance", "topic"}


def test_infinite_and_missing_numbers_are_no_values(fake, monkeypatch):
    monkeypatch.setattr(fake, "value", lambda *_: float("nan"))
    series = [one for panel in asked(fake)["panels"].values() for one in panel["series"]]
    assert {value for one in series for value in one.get("values", [one.get("value")])} == {None}


def test_an_answer_that_is_no_json_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection, _ = server.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\noops")
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(PrometheusError, match="answered 502 and no JSON") as caught:
            Prometheus(f"http://127.0.0.1:{server.getsockname()[1]}", 4).instant("up", NOW)
        thread.join()
    assert caught.value.away
