"""docs/metrics.md as data. `tests/e2e/test_metrics_page.py` compares it with a running stack; others take it for what is served."""

import re

from stack.settings import ROOT

PAGE = (ROOT / "docs" / "metrics.md").read_text()
SECTIONS = re.findall(r"^## (\w+)$", PAGE, re.MULTILINE)
_PARTS = {"histogram": ("_bucket", "_count", "_sum")}


def rows(section):
    """The table of a section: (type, labels) by name."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^\|[^|]*\| `(\w+)` \| (\w+) \| ([\w, ]*)\|", text, re.MULTILINE)
    return {name: (kind, frozenset(labels.replace(",", " ").split())) for name, kind, labels in found}


def series():
    """The name of every series on the page."""
    listed = [(name, kind) for section in SECTIONS for name, (kind, _) in rows(section).items()]
    return {name + part for name, kind in listed for part in _PARTS.get(kind, ("",))}
