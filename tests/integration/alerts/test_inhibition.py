"""A dead component is one page, not twelve: the alerts of each outage, sent to a real Alertmanager with the project's routes."""

import re
import subprocess

import pytest
import yaml

from stack.render import fill
from tests.integration.alerts.alertmanager import post, running, states
from tests.promtool import DIRECTORY, cases, rules
from tests.waiting import eventually

EXPECTED = yaml.safe_load((DIRECTORY / "expectations.yml").read_text())["components"]
SEVERITY = {rule["alert"]: rule["labels"]["severity"] for rule in rules("laptop")}
OUTAGES = {
    "worker": "the worker stays down",
    "kafka": "Kafka stays down",
    "connect": "Connect stays down",
    "mongo": "MongoDB stays down",
    "postgres": "Postgres stays down",
    "api": "the API stays down",
    "prober": "the prober is dead",
    "keeper": "an exporter is down",
    "redis": "a component that no client notices is down",
}


def labels(selector):
    """Name{key="value"} as labels, with its severity."""
    name, _, rest = selector.partition("{")
    return {"alertname": name, "severity": SEVERITY[name], **dict(re.findall(r'(\w+)="([^"]*)"', rest))}


def among(found, selectors):
    """Whether one of the selectors fits these labels."""
    return any(labels(selector).items() <= found.items() for selector in selectors)


def worst(component):
    """What fires at the last look of the component's case."""
    (case,) = [case for case in cases() if case.name == OUTAGES[component] and case.profile == "laptop"]
    return [labels(selector) for selector in case.checks[max(case.checks)]]


def settled(url, count):
    """Every alert's state, once all of them are there."""
    found = states(url)
    return found if len(found) == count else None


@pytest.mark.parametrize("component", OUTAGES)
def test_a_dead_component_shows_the_alerts_it_should(component, components, tmp_path):
    expected = EXPECTED[component]["stopped"]
    loud = [*expected["pages"], *expected["tickets"]]
    fired = worst(component)
    with running(components, tmp_path) as url:
        post(url, fired)

        def shown():
            found = settled(url, len(fired))
            active = [row for row, state in found or [] if state == "active"]
            return found and len(active) == len(loud) and found

        found = eventually(shown, seconds=15, what=f"{len(loud)} of {len(fired)} alerts active: {loud}")
    for row, state in found:
        assert among(row, loud if state == "active" else expected["explained"]), (row, state)


def test_an_outage_is_explained_only_as_long_as_its_cause_fires(components, tmp_path):
    with running(components, tmp_path) as url:
        post(url, [labels('ExporterDown{job="kafka",instance="kafka:1"}'), labels('CdcComponentDown{target="connect"}')])
        eventually(lambda: len(states(url)) == 2, seconds=15, what="both there")
        assert {state for _, state in states(url)} == {"active"}
        post(url, [labels('CdcComponentDown{target="kafka"}')])
        eventually(lambda: [s for _, s in states(url)].count("suppressed") == 2, seconds=15, what="both explained by Kafka")


def test_nothing_silences_the_page_of_what_clients_see():
    mutes = [rule["target_matchers"] for rule in yaml.safe_load(fill("alertmanager.yml", {}))["inhibit_rules"]]
    about = [matchers for matchers in mutes if "CdcFreshnessBurnFast" in str(matchers)]
    sources = [rule["source_matchers"] for rule in yaml.safe_load(fill("alertmanager.yml", {}))["inhibit_rules"]]
    assert len(about) == 2, "unknown because nobody measures, and its own longer window"
    assert [s for s, m in zip(sources, mutes, strict=True) if m in about] == [
        ['alertname="CdcCanaryAbsent"'],
        ['alertname="CdcFreshnessBurnFast"', 'window=~"5m|1h"'],
    ]


def test_every_alert_that_a_route_names_exists():
    text = fill("alertmanager.yml", {}) + (DIRECTORY / "expectations.yml").read_text()
    named = set(re.findall(r"\b(?:Cdc|Kafka|Mongo|Exporter|Watchdog)\w*", re.sub(r"#.*", "", text)))
    assert named - SEVERITY.keys() - {"Kafka"} == set()


@pytest.mark.parametrize(
    ("selector", "receiver"),
    [("CdcSlotMissing", "page"), ("CdcLagGrowing", "ticket"), ("Watchdog", "watchdog"), ("ExporterDown", "ticket")],
)
def test_an_alert_goes_to_its_receiver(selector, receiver, components, tmp_path):
    config = tmp_path / "alertmanager.yml"
    config.write_text(fill("alertmanager.yml", {}))
    pairs = [f"{key}={value}" for key, value in labels(selector).items()]
    command = [components.amtool, "config", "routes", "test", f"--config.file={config}", *pairs]
    assert subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip() == receiver
