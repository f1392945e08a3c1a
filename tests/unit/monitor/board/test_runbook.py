"""docs/runbook.md as a page."""

from monitor.board.runbook import page, render

TEXT = """# Runbook

## CdcSlotMissing

| a | b |
|---|---|
| 1 | `x` |

<script>alert(1)</script>
"""


def test_a_heading_is_reached_by_the_alerts_name():
    assert '<h2 id="cdcslotmissing">' in render(TEXT)
    assert "<table>" in render(TEXT)


def test_html_is_shown_and_not_obeyed():
    assert "<script>" not in render(TEXT)
    assert "&lt;script&gt;" in render(TEXT)


def test_a_runbook_that_is_not_there_says_so(tmp_path):
    assert page(tmp_path / "runbook.md")[0] == 404
    (tmp_path / "runbook.md").write_text(TEXT)
    status, html = page(tmp_path / "runbook.md")
    assert status == 200
    assert "/page/style.css" in html
