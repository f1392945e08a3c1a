"""docs/metrics.md against what a running stack serves."""

import json

import pytest

from stack.layout import layout
from stack.settings import ROOT
from tests.e2e.api import until
from tests.metrics_page import SECTIONS, rows
from tests.scraping import scrape

OF_LIBRARIES = ("process_", "python_", "jvm_", "jmx_", "go_", "prometheus_")
NOT_YET = {
    "debezium_metrics_MilliSecondsBehindSource",
    "debezium_metrics_MilliSecondsSinceLastEvent",
    "debezium_metrics_RowsScanned",
}  # absent until they are known

MAY_BE_ABSENT = {"prober"}  # what it does not know it does not show: that it could is read from its source


@pytest.fixture(scope="module")
def served(stack, api):
    """A scrape by job, after a row has gone the whole way."""
    user = api.post("/v1/users", json={"name": "Metric", "email": "metric@example.org"}).json()
    until(lambda: api.get(f"/v1/users/{user['id']}").status_code, lambda status: status == 200)
    files = (layout(stack.directory).etc / "targets").glob("*.json")
    addresses = {file.stem: json.loads(file.read_text())[0]["targets"][0] for file in files if file.stem in SECTIONS}
    return {job: scrape(address) for job, address in addresses.items()}


def test_every_job_that_serves_our_own_metrics_has_a_section(stack):
    jobs = {file.stem for file in (layout(stack.directory).etc / "targets").glob("*.json")}
    assert jobs - {"prometheus", "alertmanager", "chaos"} <= set(SECTIONS)


@pytest.mark.parametrize("job", SECTIONS)
def test_the_page_lists_what_is_served(served, job):
    if job not in served:
        pytest.skip(f"this stack has no job {job}")
    found, listed = served[job], rows(job)
    ours = {name for name in found.types if name.startswith(("cdc_", "api_"))}
    assert {name for name in ours if not name.endswith("_created")} <= listed.keys()
    if job in MAY_BE_ABSENT:
        source = "".join(path.read_text() for path in (ROOT / "monitor" / job).glob("*.py"))
        assert [name for name in listed if f'"{name}"' not in source] == []
    else:
        assert listed.keys() - NOT_YET <= found.types.keys() | {name for name, _ in found.samples}
    for name, (kind, labels) in listed.items():
        if found.labels(name):
            assert found.types.get(name, kind) in {kind, "unknown"}, name
            assert max(found.labels(name), key=len) == labels, name


def test_nothing_served_is_without_bounds(served):
    for job, found in served.items():
        assert len(found.samples) < 2_000, job
        assert not [name for name in found.types if job in {"worker", "api"} and not name.startswith(("cdc_", *OF_LIBRARIES))]


def test_a_scrape_of_a_jvm_is_small_and_quick(served):
    for job in ("kafka", "connect"):
        assert served[job].value("jmx_scrape_error") == 0
        assert len(served[job].samples) < 600
        assert served[job].value("jmx_scrape_duration_seconds") < 3.0  # 0.04 on a quiet machine; Prometheus waits 4 s


def test_what_is_not_known_is_absent_and_never_minus_one(served):
    assert not [key for key, value in served["connect"].samples.items() if key[0].startswith("debezium_") and value < 0]
    assert served["connect"].total("kafka_connect_connector_task_status", status="running") == 1
    assert served["kafka"].value("kafka_controller_kafkacontroller_activecontrollercount") == 1
    assert 0 <= served["kafka"].value("kafka_server_brokermetadata_last_applied_record_lag_ms") < 10_000
