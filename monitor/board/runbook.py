"""docs/runbook.md as a page, with an anchor for each alert."""

from __future__ import annotations

import re
from html import escape
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="/page/style.css"><script type="module" src="/page/theme.js"></script></head>
<body class="prose"><p><a href="/">Back to the dashboards</a></p>{body}</body></html>
"""


def page(source: Path) -> tuple[int, str]:
    """Status and HTML. The file is read each time: it may be edited while the board runs."""
    try:
        text = source.read_text()
    except FileNotFoundError:
        return 404, _PAGE.format(title="No runbook", body=f"<h1>No runbook</h1><p>{escape(source.name)} is not there.</p>")
    return 200, _PAGE.format(title="Runbook", body=render(text))


def render(text: str) -> str:
    """Markdown as HTML; HTML inside it is shown, not obeyed. A heading's id is its text in lower case, other characters as dashes."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    for token, inline in pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", re.sub(r"[^a-z0-9]+", "-", inline.content.lower()).strip("-"))
    return str(markdown.renderer.render(tokens, markdown.options, {}))
