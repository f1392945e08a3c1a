"""The dashboards' JSON as the board needs it: what to ask, how to show it. The files stay Grafana's; nothing is added to them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KINDS = {"stat", "timeseries", "state-timeline", "bargauge", "table"}


@dataclass(frozen=True)
class Target:
    """One expression. `instant` asks for this moment, otherwise for the range."""

    ref: str
    expr: str
    legend: str
    instant: bool


@dataclass(frozen=True)
class Panel:
    """A panel; `shown` is what the page draws it from."""

    id: int
    targets: tuple[Target, ...]
    shown: dict[str, Any]


@dataclass(frozen=True)
class Annotation:
    """Marks in every graph; `legend` is a template of labels as of a series."""

    name: str
    target: Target
    color: str


@dataclass(frozen=True)
class Variable:
    """A choice: values of `label` among the series of `metric`, an expression that may hold earlier variables."""

    name: str
    title: str
    metric: str
    label: str


@dataclass(frozen=True)
class Dashboard:
    """One tab."""

    uid: str
    title: str
    question: str
    rows: tuple[tuple[str, tuple[Panel, ...]], ...]
    variables: tuple[Variable, ...]
    annotations: tuple[Annotation, ...]

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All panels, row by row."""
        return tuple(panel for _, panels in self.rows for panel in panels)

    def shown(self) -> dict[str, Any]:
        """What the page gets to know: no expressions, those stay here."""
        rows = [{"title": title, "panels": [panel.shown for panel in panels]} for title, panels in self.rows]
        variables = [{"name": variable.name, "title": variable.title} for variable in self.variables]
        return {"uid": self.uid, "title": self.title, "question": self.question, "rows": rows, "variables": variables}


def load(directory: Path) -> dict[str, Dashboard]:
    """Every dashboard of a directory by uid, in the order of the files' names. Raises ValueError for a panel that cannot be drawn."""
    found = (read(json.loads(path.read_text())) for path in sorted(directory.glob("*.json")))
    return {dashboard.uid: dashboard for dashboard in found}


def read(source: dict[str, Any]) -> Dashboard:
    """One dashboard of its JSON."""
    rows: list[tuple[str, list[Panel]]] = []
    for one in source["panels"]:
        if one["type"] == "row":
            rows.append((one["title"], []))
        else:
            rows[-1][1].append(_panel(one))
    return Dashboard(
        uid=source["uid"],
        title=source["title"].partition(" / ")[2] or source["title"],
        question=source.get("description", ""),
        rows=tuple((title, tuple(panels)) for title, panels in rows),
        variables=tuple(_variable(one) for one in source["templating"]["list"] if one["type"] == "query"),
        annotations=tuple(_annotation(one) for one in source["annotations"]["list"] if "expr" in one),
    )


def _panel(source: dict[str, Any]) -> Panel:
    if source["type"] not in KINDS:
        raise ValueError(f"panel {source['title']}: the board cannot draw {source['type']}")
    defaults, options = source["fieldConfig"]["defaults"], source.get("options", {})
    custom = defaults.get("custom", {})
    shown = {
        "id": source["id"],
        "kind": source["type"],
        "title": source["title"],
        "about": source["description"],
        "links": _links(source.get("links", [])),
        "width": source["gridPos"]["w"],
        "height": source["gridPos"]["h"],
        "unit": defaults["unit"],
        "noValue": defaults["noValue"],
        "thresholds": defaults["thresholds"]["steps"],
        "drawThresholds": custom.get("thresholdsStyle", {}).get("mode", "off") != "off",
        "stacked": custom.get("stacking", {}).get("mode") == "normal",
        "mappings": _mappings(defaults.get("mappings", [])),
        "colors": _colors(source["fieldConfig"].get("overrides", [])),
        "columns": _columns(source.get("transformations", [])),
        "horizontal": options.get("orientation") == "horizontal",
    }
    return Panel(source["id"], tuple(_target(one) for one in source["targets"]), shown)


def _links(source: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Those to other dashboards; to the runbook the page links by itself."""
    return [{"title": link["title"], "uid": link["url"].split("/d/")[1].split("?")[0]} for link in source if "/d/" in link["url"]]


def _target(source: dict[str, Any]) -> Target:
    return Target(source["refId"], source["expr"], source.get("legendFormat", ""), bool(source.get("instant")))


def _mappings(source: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    values = (one["options"] for one in source if one["type"] == "value")
    return {code: {"text": to["text"], "color": to["color"]} for options in values for code, to in options.items()}


def _colors(source: list[dict[str, Any]]) -> dict[str, str]:
    by_name = [one for one in source if one["matcher"]["id"] == "byName"]
    return {
        one["matcher"]["options"]: fixed["value"]["fixedColor"] for one in by_name for fixed in one["properties"] if fixed["id"] == "color"
    }


def _columns(source: list[dict[str, Any]]) -> list[str]:
    return [name for one in source if one["id"] == "filterFieldsByName" for name in one["options"]["include"]["names"]]


def _annotation(source: dict[str, Any]) -> Annotation:
    return Annotation(source["name"], Target("Anno", source["expr"], source.get("titleFormat", ""), instant=False), source["iconColor"])


def _variable(source: dict[str, Any]) -> Variable:
    metric, _, label = source["query"].removeprefix("label_values(").removesuffix(")").rpartition(", ")
    return Variable(source["name"], source.get("label", source["name"]), metric, label)
