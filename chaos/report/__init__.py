"""What is kept of a run: report.html, report.md, journal.json, history.jsonl, junit.xml, verdict.json, experiment.json."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from chaos.experiments.entry import Entry
from chaos.history.book import History
from chaos.report import html, junit, markdown
from chaos.session import Options

if TYPE_CHECKING:
    from chaos.run import Done


def write(
    directory: Path, *, entry: Entry, options: Options, experiment: dict[str, Any], journal: dict[str, Any], history: History, done: Done
) -> None:
    """Everything but history.jsonl, which was written while it happened."""
    _json(directory / "experiment.json", experiment)
    _json(directory / "journal.json", journal)
    if done.verdict is not None:
        _json(directory / "verdict.json", {"experiment": done.name, **dataclasses.asdict(done.verdict)})
    (directory / "report.md").write_text(markdown.report(entry, options, done))
    (directory / "report.html").write_text(html.report(entry, options, history, done))
    (directory / "junit.xml").write_text(junit.report([done]))


def _json(path: Path, value: Any) -> None:
    path.write_bytes(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS))
