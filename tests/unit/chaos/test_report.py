import dataclasses
import re
from xml.etree import ElementTree as ET

import pytest

from chaos.checker.findings import Finding, Kind
from chaos.checker.verdict import Claims, Result
from chaos.experiments.catalogue import entry
from chaos.report import html, junit, markdown
from chaos.report.lanes import runs
from chaos.report.line import line
from chaos.report.summary import summary
from chaos.report.svg import ticks
from chaos.run import Done
from chaos.session import Options
from tests.unit.chaos.histories import history
from tests.unit.chaos.test_verdict import BURN, run, samples

SEEN = samples(alerts=lambda at: (BURN,) if at > 25 else (), states=lambda at: {"worker": "down" if 20 <= at < 30 else "up"})


@pytest.fixture
def done(tmp_path):
    verdict = run(seen=SEEN, claims=Claims())
    return Done("kill-worker", tmp_path, verdict)


def test_the_page_needs_nothing_else_and_shows_the_run(done):
    page = html.report(entry("kill-worker"), Options(), history(*SEEN), done)
    assert not re.findall(r"(?:src|href)\s*=|url\(|@import", page)
    picture = ET.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
    classes = {element.get("class") for element in picture.iter()}
    assert {"fault", "state down", "state page", "area b"} <= classes
    assert "CdcFreshnessBurnFast" in page


def test_what_was_found_is_escaped(done):
    bad = dataclasses.replace(done.verdict, result=Result.FAIL, findings=(Finding(Kind.LOST, "users", 1, "<b>gone"),))
    page = html.report(entry("kill-worker"), Options(), history(), dataclasses.replace(done, verdict=bad))
    assert "&lt;b&gt;gone" in page


def test_the_line(done):
    assert line(done).startswith("FAIL  kill-worker  lost 0  stale 0  resurrected 0  detect 6.0 s  recover ")
    assert line(dataclasses.replace(done, verdict=None, skipped="not root")).startswith("SKIPPED  kill-worker  not root")


def test_the_summary_names_what_is_not_well_and_the_pages(done):
    good = dataclasses.replace(done, name="kill-api", verdict=dataclasses.replace(done.verdict, result=Result.PASS))
    skipped = dataclasses.replace(done, name="kill-brokers", verdict=None, skipped="one broker")
    first, *rest = summary([good, good, done, skipped]).splitlines()
    assert first == "4 experiments: 2 PASS, 1 FAIL, 1 SKIPPED"
    assert rest[:2] == ["  FAIL  kill-worker", "  SKIPPED  kill-brokers"]
    assert rest[-2].startswith("  longest recovery ")
    assert rest[-1] == "  pages raised: CdcFreshnessBurnFast"


def test_text_and_xml(done):
    text = markdown.report(entry("kill-worker"), Options(), done)
    assert "make chaos-kill-worker DURATION=20" in text
    suite = ET.fromstring(junit.report([done, dataclasses.replace(done, verdict=None, aborted="not steady")]).partition("\n")[2])
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "1")


def test_equal_neighbours_are_one_box_and_the_unknown_is_a_gap():
    assert runs([(0, "up"), (1, "up"), (2, None), (3, "down"), (4, "down")]) == [(0, 2, "up"), (3, 4, "down")]


@pytest.mark.parametrize(("low", "high"), [(0, 0.004), (0, 1), (-8, 61), (0, 3.2e8), (0, 0)])
def test_ticks_are_few_and_inside(low, high):
    found = ticks(low, high, 6)
    assert 1 <= len(found) <= 7
    assert all(low <= tick <= max(high, low) + 1e-9 for tick in found)
