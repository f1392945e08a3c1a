"""The server: reads, and nothing else."""

from __future__ import annotations

import hashlib
import json
import re
import shutil

import pytest
from fastapi.testclient import TestClient

from monitor.board.app import PAGE, create_app
from monitor.board.prometheus import Prometheus
from stack.settings import ROOT
from tests.browser.fake_prometheus import fake_prometheus


@pytest.fixture(scope="module")
def client():
    with fake_prometheus() as fake, TestClient(create_app(Prometheus(fake.url, 4), clock=lambda: 1_700_000_000.0)) as found:
        yield found


def test_the_page_and_everything_it_names_is_served(client):
    html = client.get("/").text
    named = re.findall(r'(?:href|src)="(/page/[^"]+)"', html)
    assert named
    assert [client.get(path).status_code for path in named] == [200] * len(named)


def test_every_module_that_a_module_imports_is_there():
    for script in PAGE.glob("*.js"):
        for name in re.findall(r'from "\./([\w.]+)"', script.read_text()):
            assert (PAGE / name).exists(), f"{script.name} imports {name}"


def test_nothing_comes_from_elsewhere(client):
    answer = client.get("/")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    own = [*PAGE.glob("*.js"), *PAGE.glob("*.css"), PAGE / "index.html"]
    addresses = [found for path in own for found in re.findall(r"https?://[\w./]+", path.read_text())]
    assert set(addresses) <= {"http://www.w3.org/2000/svg"}


def test_the_definitions_hold_no_expressions(client):
    text = client.get("/api/dashboards").text
    assert len(json.loads(text)) == 7
    assert "rate(" not in text
    assert "cdc_canary" not in text


@pytest.mark.parametrize(
    "path", ["/api/dashboards/nobody/data", "/api/dashboards/nobody/variables", "/api/query?query=up", "/api/v1/query?query=up"]
)
def test_there_is_no_way_to_ask_anything_else(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("minutes", ["0", "7", "100000", "x"])
def test_other_ranges_than_those_offered_are_refused(client, minutes):
    assert client.get(f"/api/dashboards/cdc-api/data?minutes={minutes}").status_code == 422


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_written(client, method):
    assert client.request(method, "/api/dashboards/cdc-api/data").status_code == 405


def test_data_follows_what_is_chosen(client):
    answer = client.get("/api/dashboards/cdc-kafka/data?minutes=5&var=topic%3Dcdc.public.users&var=topic%3Dcdc.public.items").json()
    assert answer["step"] == 5
    assert answer["panels"]


def test_grafanas_addresses_lead_to_the_tabs(client):
    answer = client.get("/d/cdc-slo", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/#cdc-slo")


def test_a_panel_that_cannot_be_drawn_is_named(tmp_path):
    shutil.copytree(ROOT / "grafana" / "dashboards", tmp_path / "boards")
    path = next((tmp_path / "boards").glob("*overview.json"))
    path.write_text(path.read_text().replace('"type": "table"', '"type": "piechart"'))
    with pytest.raises(ValueError, match="cannot draw piechart"):
        create_app(Prometheus("http://127.0.0.1:1", 1), tmp_path / "boards")


def test_the_chart_library_is_the_pinned_one():
    vendor = PAGE / "vendor"
    (pins,) = vendor.glob("*.sha256")
    for line in pins.read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest
    assert "MIT" in (vendor / "uPlot.LICENSE").read_text()
