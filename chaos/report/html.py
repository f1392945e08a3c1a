"""The report as one file that needs nothing else: numbers first, then the timeline, then the details."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from chaos.checker.findings import Kind
from chaos.checker.verdict import Verdict
from chaos.experiments.entry import Entry
from chaos.history.book import History
from chaos.report.line import seconds
from chaos.report.markdown import SERVICE_HEADER, facts, services
from chaos.report.timeline import timeline
from chaos.session import Options

if TYPE_CHECKING:
    from chaos.run import Done

_SHOWN = 100
_STYLE = (Path(__file__).parent / "style.css").read_text()


def report(entry: Entry, options: Options, history: History, done: Done) -> str:
    """The page."""
    found = done.verdict
    said = (*found.reasons, *found.notes) if found else (done.skipped or done.aborted,)
    command = f"make chaos-{done.name} DURATION={options.duration:g} RATE={options.rate:g} PHASE={options.phase} SEED={options.seed}"
    body = [
        f'<header><p class="word {done.word.lower()}">{done.word}</p><div><h1>{escape(done.name)}</h1>',
        f"<p>{escape(entry.fault().describe())}. <b>Must hold:</b> {escape(entry.holds)}.</p></div></header>",
        _list(said, "said"),
        _tiles(found) if found else "",
        f"<figure>{timeline(history, found.times if found else None)}</figure>",
        _legend(),
    ]
    if found:
        body += [
            '<div class="columns"><section><h2>Violations</h2>',
            _table(("kind", "count"), [(kind.value, str(found.counts.get(kind, 0))) for kind in Kind]),
            "</section><section><h2>Measured</h2>",
            _table(("", ""), facts(done)),
            "</section></div><h2>What clients got</h2>",
            _table(SERVICE_HEADER, services(done)),
            "<p>Latencies count from the moment at which the schedule wanted the request, so a server that hangs is measured hanging.</p>",
            _alerts(found),
            _findings(found),
            _marks(history),
        ]
    body.append(
        f"<footer><code>{escape(command)}</code><br>{escape(done.directory.name)}. Beside this page: history.jsonl (every answer), "
    )
    body.append("verdict.json, journal.json and experiment.json (Chaos Toolkit), junit.xml.</footer>")
    title = f"{done.word} {escape(done.name)}"
    page = "\n".join(body)
    head = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    return f"{head}<title>{title}</title><style>{_STYLE}</style></head><body><main>\n{page}\n</main></body></html>\n"


def _tiles(found: Verdict) -> str:
    times, during = found.times, found.writes.get("during")
    available = f"{100 * during.availability:.0f} %" if during and during.availability is not None else "-"
    rows = [
        *((kind.value, str(found.counts.get(kind, 0)), bool(found.counts.get(kind))) for kind in (Kind.LOST, Kind.STALE, Kind.RESURRECTED)),
        ("detected after", seconds(times.detect if times else None), False),
        ("recovered after", seconds(times.recover if times else None), False),
        ("greatest lag", seconds(times.peak_lag if times else None), False),
        ("writes that succeeded in the fault", available, False),
    ]
    tiles = [
        f'<div class="tile{" bad" if bad else ""}"><b>{escape(value)}</b><span>{escape(name)}</span></div>' for name, value, bad in rows
    ]
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _legend() -> str:
    names = (("up", "runs"), ("down", "down"), ("frozen", "frozen"), ("page", "page fires"), ("ticket", "ticket fires"))
    return '<p class="legend">' + "".join(f'<span class="swatch {name}"></span>{words} ' for name, words in names) + "</p>"


def _alerts(found: Verdict) -> str:
    if not found.alerts:
        return "<h2>Alerts</h2><p>None fired.</p>"
    start = found.times.fault if found.times else 0.0
    return "<h2>Alerts</h2>" + _table(("after the fault", "alert"), [(f"{at - start:.0f} s", alert) for at, alert in found.alerts])


def _findings(found: Verdict) -> str:
    if not found.findings:
        return ""
    rows = [(f.kind.value, f.table, str(f.key), f.text) for f in found.findings[:_SHOWN]]
    left = len(found.findings) - len(rows)
    return "<h2>What was found</h2>" + _table(("kind", "table", "key", ""), rows) + (f"<p>and {left} more</p>" if left else "")


def _marks(history: History) -> str:
    zero = history.mark("fault") or 0.0
    rows = [(f"{mark.at - zero:.1f} s", mark.name, mark.detail) for mark in history.marks]
    return "<h2>What happened when</h2>" + _table(("after the fault", "", ""), rows)


def _list(lines: Iterable[str], name: str) -> str:
    inner = "".join(f"<li>{escape(text)}</li>" for text in lines if text)
    return f'<ul class="{name}">{inner}</ul>' if inner else ""


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = f"<tr>{''.join(f'<th>{escape(cell)}</th>' for cell in header)}</tr>" if any(header) else ""
    lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{head}{lines}</table>"
