"""What the documents name is there: files, make targets, tests, ports."""

from __future__ import annotations

import re

import pytest

from chaos.experiments.catalogue import ENTRIES
from stack.settings import ROOT, parse_env

PAGES = (
    *("README.md", "CONTRIBUTING.md"),
    *sorted(str(page.relative_to(ROOT)) for page in (*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "decisions").glob("*.md"))),
)
MADE_WHEN_USED = (".stack", ".venv", "artifacts")


def page(name):
    return (ROOT / name).read_text()


def quoted(text):
    """What stands in backticks in running text and tables, without blocks of code."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("name", PAGES)
def test_every_file_named_is_there(name):
    named = [word for word in quoted(page(name)) if re.match(r"[\w.-]+/[\w./*<>-]*$", word) and "<" not in word and "*" not in word]
    assert [word for word in named if not word.startswith(MADE_WHEN_USED) and not (ROOT / word).exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page(name))
    assert [link for link in links if not ((ROOT / name).parent / link).exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_test_named_is_there(name):
    for path, test in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page(name)):
        assert f"def {test}(" in (ROOT / path).read_text(), f"{path}::{test}"


def targets():
    text = "".join((ROOT / name).read_text() for name in ("Makefile", "stack/setup.mk", "chaos/chaos.mk", "bench/bench.mk"))
    return set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))


@pytest.mark.parametrize("name", [*PAGES, "CHANGELOG.md", ".env.example"])
def test_every_make_target_named_is_there(name):
    experiments = {f"chaos-{name}" for name in ENTRIES}  # a pattern of chaos.mk
    assert set(re.findall(r"`make ([a-z-]+)", page(name))) <= targets() | experiments


def test_the_readme_lists_every_target():
    assert targets() - set(re.findall(r"make ([a-z-]+)", page("README.md"))) == {"help"}


def test_the_ports_are_those_of_stack_env():
    shared = parse_env((ROOT / "stack" / "stack.env").read_text())
    ports = {value for key, value in shared.items() if key.endswith("_PORT")}
    table = page("docs/ARCHITECTURE.md").partition("## Ports")[2].partition("\n## ")[0]
    assert ports == set(re.findall(r"\b\d{4,5}\b", table)) - {"9102"}
    assert set(re.findall(r"(?:localhost|127\.0\.0\.1):(\d+)", page("README.md"))) <= ports
