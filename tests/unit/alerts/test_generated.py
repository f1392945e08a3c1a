"""The rule files are what the source makes, and every alert has what an alert needs."""

import re

import pytest
import yaml

from monitor.alerts.rules.files import text
from monitor.alerts.rules.profile import LAPTOP, PRODUCTION, PROFILES, Burn, seconds
from monitor.metric_names import EVERY_JOB, known
from stack.rules import local_rules
from stack.rules import rules as filled
from stack.settings import ROOT, Settings, State, load
from tests.metrics_page import series
from tests.promtool import DIRECTORY, cases, rules

PROFILE_RULES = [(profile, rule) for profile in PROFILES for rule in rules(profile)]
IDS = [f"{profile}-{rule['alert']}-{n}" for n, (profile, rule) in enumerate(PROFILE_RULES)]
SECTIONS = re.findall(r"^## (\w+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE)
FUNCTIONS = set(
    re.findall(
        r"\w+",
        "absent absent_over_time and avg_over_time bool by "
        "changes clamp_min count_over_time delta deriv group_left increase max min min_over_time "
        "on or predict_linear rate sum sum_over_time time unless vector",
    )
)
BOUNDED = {
    *("job", "instance", "topic", "canary", "collection", "kind", "status", "member", "state", "target"),
    *("window", "tier", "reason", "hop", "buffer", "severity", "alertname"),
}


def all_rules(profile):
    return [rule for group in yaml.safe_load((DIRECTORY / "rules" / f"{profile}.yml").read_text())["groups"] for rule in group["rules"]]


def names_used(expr):
    """Metrics and recording rules of an expression."""
    bare = re.sub(r'"[^"]*"', "", expr)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", bare)
    bare = re.sub(r"\boffset \d+[smhd]", "", bare)
    bare = re.sub(r"\b(by|on|group_left)\s*\([^)]*\)", "", bare)
    return set(re.findall(r"[a-zA-Z_][\w:]*", bare)) - FUNCTIONS


@pytest.mark.parametrize("profile", PROFILES)
def test_the_committed_file_is_what_the_source_makes(profile):
    assert (DIRECTORY / "rules" / f"{profile}.yml").read_text() == text(PROFILES[profile]), "run: make rules"


@pytest.mark.parametrize(("profile", "rule"), PROFILE_RULES, ids=IDS)
def test_an_alert_says_what_to_do(profile, rule):
    name, annotations = rule["alert"], rule["annotations"]
    assert rule["labels"]["severity"] in ({"none"} if name == "Watchdog" else {"page", "ticket"})
    assert annotations["runbook_url"] == f"docs/runbook.md#{name.lower()}"
    assert annotations["dashboard_url"].startswith("/d/cdc-")
    for part in ("Impact: ", "Causes: ", "First steps: "):
        assert part in annotations["description"]
    assert len(annotations["summary"]) < 120


@pytest.mark.parametrize(("profile", "rule"), PROFILE_RULES, ids=IDS)
def test_an_alert_fires_in_one_case_and_is_silent_in_another(profile, rule):
    own = {key: value for key, value in rule["labels"].items() if key != "severity"}

    def names_it(selector):
        name, _, labels = selector.partition("{")
        return name == rule["alert"] and all(f'{key}="{value}"' in labels for key, value in own.items())

    checks = [fires for case in cases() if case.profile == profile for fires in case.checks.values()]
    assert rule["alert"] == "Watchdog" or any(names_it(selector) for fires in checks for selector in fires)
    assert any(not any(names_it(selector) for selector in fires) for fires in checks)


@pytest.mark.parametrize(("profile", "rule"), PROFILE_RULES, ids=IDS)
def test_labels_are_few_and_those_that_texts_use_are_kept(profile, rule):
    used = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
    kept = set(rule["labels"]) | {label for group in re.findall(r"by \(([^)]*)\)", rule["expr"]) for label in group.split(", ")}
    if "cdc:consumer_lag_records:sum" in rule["expr"]:
        kept.add("topic")
    if "cdc:canary_overdue:sum" in rule["expr"]:
        kept.add("canary")
    assert used <= kept
    assert kept <= BOUNDED


@pytest.mark.parametrize("profile", PROFILES)
def test_every_metric_is_known(profile):
    recorded = {rule["record"] for rule in all_rules(profile) if "record" in rule}
    used = set().union(*(names_used(rule["expr"]) for rule in all_rules(profile)))
    assert used - recorded - known() == set()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_foreign_name_stands_in_one_rule(profile):
    used = [name for rule in all_rules(profile) if "alert" in rule for name in names_used(rule["expr"])]
    assert [name for name in used if name.startswith(("kafka_", "debezium_"))] == []


def test_every_alert_has_one_section_of_the_runbook_and_no_section_is_left_over():
    assert sorted({rule["alert"] for rule in rules("laptop")}) == sorted(SECTIONS)


def test_both_profiles_have_the_same_alerts():
    assert [rule["alert"] for rule in rules("laptop")] == [rule["alert"] for rule in rules("30d")]


def test_the_burn_rates_are_those_of_the_workbook():
    assert [(burn.long, burn.short, burn.factor) for burn in PRODUCTION.burns] == [
        ("1h", "5m", 14.4),
        ("6h", "30m", 6),
        ("1d", "2h", 3),
        ("3d", "6h", 1),
    ]
    assert [round(PRODUCTION.spent(burn), 4) for burn in PRODUCTION.burns] == [0.02, 0.05, 0.1, 0.1]
    assert [burn.factor for burn in LAPTOP.burns] == [burn.factor for burn in PRODUCTION.burns]


def test_a_page_of_the_laptop_needs_more_than_a_restart_and_less_than_a_minute():
    fast = LAPTOP.burns[0]
    burning = fast.factor * LAPTOP.budget * seconds(fast.long)
    assert isinstance(fast, Burn)
    assert 40 < burning < 50


def test_alerts_lead_where_the_settings_say():
    shared = dict(load({}).shared)
    assert shared["ALERT_PROFILE"] == "laptop"
    text = filled(shared | {"RUNBOOK_URL": "https://x.example/book", "DASHBOARD_URL": "https://g.example/d"})
    rule = yaml.safe_load(text)["groups"][0]["rules"][-1]
    assert rule["annotations"]["runbook_url"] == "https://x.example/book#cdcfreshnessburnfast"
    assert rule["annotations"]["dashboard_url"] == "https://g.example/d/cdc-slo"
    as_committed = {"ALERT_PROFILE": "30d", "RUNBOOK_URL": "docs/runbook.md", "DASHBOARD_URL": "/d"}
    assert filled(load(as_committed).shared) == text_of("30d")


def text_of(profile):
    return (DIRECTORY / "rules" / f"{profile}.yml").read_text()


def test_every_metric_that_rules_may_use_is_on_the_page():
    assert known() - EVERY_JOB <= series()


def test_a_shifted_stacks_alerts_lead_to_its_own_board(tmp_path):
    text = local_rules(Settings(tmp_path, State(offset=500), load({}).shared))
    assert "runbook_url: http://127.0.0.1:13600/runbook#" in text
    assert "dashboard_url: http://127.0.0.1:13600/d/cdc-overview" in text
