"""The rules of Grafana's dashboard-linter, and some of this project's own, over the committed JSON. That every expression parses is tested
with promtool in tests/integration/grafana."""

from __future__ import annotations

import re

import pytest

from tests.unit.grafana.boards import BOARDS, metrics, panels, targets

EVERY_BOARD = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS.keys())
ALL_TARGETS = list(targets())
EVERY_TARGET = pytest.mark.parametrize(
    ("panel", "target"),
    [(panel, target) for _, panel, target in ALL_TARGETS],
    ids=[f"{uid}-{panel['id']}{target['refId']}" for uid, panel, target in ALL_TARGETS],
)
NO_JOB = {
    "ALERTS": "written by Prometheus' rules, not scraped: its job is that of the alert's cause, or none",
    "vector": "a constant",
}
"""Metrics without `job` and `instance`; recording rules, whose names hold a colon, fold them away and need no entry."""
NO_UNIT = {"table": "its cells are words", "state-timeline": "codes with a text each"}
COUNTERS_AS_THEY_ARE = {
    "cdc_canary_emitted_total": "times 0: a witness that the prober is there",
    "cdc_missed_offsets_total": "one lost record since the start is bad, however long ago",
}


def variable(board, name):
    found = [one for one in board["templating"]["list"] if one["name"] == name]
    assert found, f"no variable {name}"
    return found[0]


@EVERY_BOARD
def test_template_datasource(board):
    source = variable(board, "datasource")
    assert (source["type"], source["query"], source["label"]) == ("datasource", "prometheus", "Data source")


@EVERY_BOARD
def test_template_job_and_instance(board):
    for one in board["templating"]["list"]:
        if one["type"] != "query":
            continue
        assert one["datasource"]["uid"] == "${datasource}"
        assert (one["multi"], one["includeAll"], one["allValue"]) == (True, True, ".+"), one["name"]
        assert one["refresh"] == 2, "on every change of the time range"
        assert one["label"]
    assert {"job", "instance"} <= {one["name"] for one in board["templating"]["list"]}


@EVERY_BOARD
def test_uneditable_and_linked(board):
    assert board["editable"] is False
    assert board["graphTooltip"] == 1, "a shared crosshair"
    assert [(link["type"], link.get("tags")) for link in board["links"]] == [("dashboards", ["cdc"]), ("link", [])]
    assert board["links"][0]["keepTime"]
    assert board["links"][0]["includeVars"]
    assert board["links"][1]["url"].endswith("/runbook")


@EVERY_BOARD
def test_annotations_come_from_data(board):
    assert [one["name"] for one in board["annotations"]["list"]] == ["Faults", "Alerts", "Restarts", "Rebalances"]
    assert all(one["enable"] and one["expr"] and one["datasource"]["uid"] == "${datasource}" for one in board["annotations"]["list"])


@EVERY_BOARD
def test_a_row_is_a_question_or_names_the_method(board):
    rows = [panel["title"] for panel in board["panels"] if panel["type"] == "row"]
    assert rows
    assert [title for title in rows if not title.endswith("?")] in ([], ["Rate, errors, duration"])


@EVERY_BOARD
def test_panels_have_what_a_reader_needs(board):
    for panel in panels(board):
        defaults = panel["fieldConfig"]["defaults"]
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["title"]
        assert re.fullmatch(r"(?s).{20,}\n\n\*\*Good:\*\* .+\n\n\*\*Next:\*\* .+", panel["description"]), panel["title"]
        assert panel["targets"], panel["title"]
        assert "/runbook" in panel["links"][-1]["url"]
        assert defaults["unit"]
        assert defaults["unit"] != "short" or panel["type"] in NO_UNIT or not panel["title"].endswith(("time", "bytes")), panel["title"]
        assert defaults["noValue"] == "NO DATA"
        assert defaults["thresholds"]["steps"]


@EVERY_BOARD
def test_ids_and_places_are_unique(board):
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels(board)]
    assert len(set(places)) == len(places)


@EVERY_BOARD
def test_nothing_is_green_without_data(board):
    """A stat's and a bar's missing value is mapped to grey; both ask for this instant, since `last` of a range is an old value."""
    for panel in panels(board):
        if panel["type"] in ("stat", "bargauge"):
            assert all(target.get("instant") and not target.get("range") for target in panel["targets"]), panel["title"]
        if panel["type"] in ("stat", "bargauge", "state-timeline"):
            special = [one["options"] for one in panel["fieldConfig"]["defaults"]["mappings"] if one["type"] == "special"]
            assert [(one["match"], one["result"]["text"], one["result"]["color"]) for one in special] == [
                ("null+nan", "NO DATA", "#8e8e8e")
            ]
        if panel["type"] in ("timeseries", "state-timeline"):
            assert panel["fieldConfig"]["defaults"]["custom"]["spanNulls"] is False, "a gap stays a gap"
        if panel["type"] == "timeseries":
            assert panel["fieldConfig"]["defaults"]["custom"]["lineInterpolation"] == "linear"


@EVERY_TARGET
def test_job_and_instance_narrow_every_metric(panel, target):
    exempt = all(name in NO_JOB or ":" in name for name in metrics(target["expr"])) or "__name__=~" in target["expr"]
    selectors = re.findall(r"[a-z_A-Z]\w*\{([^}]*)\}", target["expr"])
    assert exempt or selectors
    assert exempt or all('job=~"$job"' in one and 'instance=~"$instance"' in one for one in selectors)


@EVERY_TARGET
def test_rates_use_the_rate_interval(panel, target):
    windows = re.findall(r"\b(?:i?rate|increase|changes)\([^[]*\[([^]]+)\]", target["expr"])
    long = {"5m"} if target.get("instant") else set()  # a number of this instant may look back over a fixed time
    assert set(windows) <= {"$__rate_interval", "$__range", *long}


@EVERY_TARGET
def test_a_counter_is_never_shown_as_it_is(panel, target):
    counters = [name for name in metrics(target["expr"]) if name.endswith(("_total", "_count", "_sum", "_bucket"))]
    bare = [name for name in counters if not re.search(rf"(?:rate|increase|changes)\({name}\{{", target["expr"])]
    assert set(bare) - COUNTERS_AS_THEY_ARE.keys() - {name for name in bare if name.startswith("kafka_connect_task_error")} == set()


@EVERY_TARGET
def test_series_have_names(panel, target):
    assert target["legendFormat"] or panel["type"] == "table"
    grouped = re.search(r"by \(([\w, ]+)\)", target["expr"])
    labels = [label for label in grouped[1].split(", ") if label != "le"] if grouped else []
    if panel["type"] != "table":
        assert [label for label in labels if f"{{{{{label}}}}}" not in target["legendFormat"]] in ([], ["context"])
