"""The kinds of panels in the house style. Each function takes what differs and nothing else; units are Grafana's ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from typing import TypeVar

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.cog import builder as cogbuilder
from grafana_foundation_sdk.models import common as c
from grafana_foundation_sdk.models import dashboard as m
from grafana_foundation_sdk.models import prometheus as p

from grafana.source.look import HUES, NO_DATA, State, mappings, plain, runbook
from grafana.source.query import Query

DATASOURCE = c.DataSourceRef(type_val="prometheus", uid="${datasource}")
Panel = stat.Panel | timeseries.Panel | statetimeline.Panel | bargauge.Panel | table.Panel
_Kind = TypeVar("_Kind", stat.Panel, timeseries.Panel, statetimeline.Panel, bargauge.Panel, table.Panel)


def number(
    title: str,
    expr: str,
    text: str,
    *,
    unit: str,
    limits: dashboard.ThresholdsConfig | None = None,
    states: Mapping[int, State] | None = None,
    span: int = 4,
    drill: str = "",
) -> Panel:
    """One number, asked for this instant: a series that has ended shows NO DATA, not the last value it had."""
    panel = (
        _dressed(stat.Panel(), title, text, unit=unit, span=span, height=5, drill=drill)
        .thresholds(limits or plain())
        .mappings(mappings(states))
    )
    panel.graph_mode(c.BigValueGraphMode.NONE).color_mode(c.BigValueColorMode.VALUE).reduce_options(_last())
    return panel.with_target(_target(0, (expr, title)).instant())


def lines(
    title: str,
    queries: Sequence[Query],
    text: str,
    *,
    unit: str,
    limits: dashboard.ThresholdsConfig | None = None,
    span: int = 12,
    height: int = 8,
    parts: bool = False,
    drill: str = "",
) -> Panel:
    """Values over time. `limits` are drawn as dashed lines; `parts` stacks the parts of a whole."""
    panel = _dressed(timeseries.Panel(), title, text, unit=unit, span=span, height=height, drill=drill)
    panel.thresholds(limits or plain())
    drawn = c.GraphThresholdsStyleMode.DASHED if limits else c.GraphThresholdsStyleMode.OFF
    panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(drawn))
    panel.line_interpolation(c.LineInterpolation.LINEAR).line_width(2).fill_opacity(30 if parts else 8).show_points(c.VisibilityMode.NEVER)
    panel.span_nulls(False).axis_soft_min(0)
    panel.tooltip(common.VizTooltipOptions().mode(c.TooltipDisplayMode.MULTI).sort(c.SortOrder.DESCENDING))
    panel.legend(common.VizLegendOptions().display_mode(c.LegendDisplayMode.LIST).placement(c.LegendPlacement.BOTTOM).show_legend(True))
    if parts:
        panel.stacking(common.StackingConfig().mode(c.StackingMode.NORMAL))
    for position, query in enumerate(queries):
        panel.with_target(_target(position, query).range())
        if color := HUES.get(query[1]):
            fixed = m.DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": color})
            panel.override_by_name(query[1], [fixed])
    return panel


def timeline(
    title: str, queries: Sequence[Query], text: str, *, states: Mapping[int, State], span: int = 24, height: int = 8, drill: str = ""
) -> Panel:
    """States over time, a row for each series. A gap is a time about which nothing is known."""
    panel = (
        _dressed(statetimeline.Panel(), title, text, unit="short", span=span, height=height, drill=drill)
        .thresholds(plain())
        .mappings(mappings(states))
    )
    panel.merge_values(True).show_value(c.VisibilityMode.AUTO).row_height(0.8).fill_opacity(85).line_width(0)
    panel.span_nulls(False).legend(common.VizLegendOptions().show_legend(False))
    for position, query in enumerate(queries):
        panel.with_target(_target(position, query).range())
    return panel


def bars(
    title: str,
    queries: Sequence[Query],
    text: str,
    *,
    unit: str,
    limits: dashboard.ThresholdsConfig | None = None,
    span: int = 12,
    height: int = 8,
    drill: str = "",
) -> Panel:
    """Values of this instant beside each other, one bar for each series."""
    panel = (
        _dressed(bargauge.Panel(), title, text, unit=unit, span=span, height=height, drill=drill)
        .thresholds(limits or plain())
        .mappings(mappings(None))
    )
    panel.orientation(c.VizOrientation.HORIZONTAL).display_mode(c.BarGaugeDisplayMode.BASIC).reduce_options(_last()).min(0)
    for position, query in enumerate(queries):
        panel.with_target(_target(position, query).instant())
    return panel


def listing(title: str, expr: str, text: str, *, columns: Sequence[str], span: int = 24, height: int = 7, drill: str = "") -> Panel:
    """A table of the series of this instant with these of their labels."""
    panel = _dressed(table.Panel(), title, text, unit="short", span=span, height=height, drill=drill)
    panel.thresholds(plain())
    panel.with_transformation(m.DataTransformerConfig(id_val="filterFieldsByName", options={"include": {"names": list(columns)}}))
    return panel.with_target(_target(0, (expr, title)).format(p.PromQueryFormat.TABLE).instant())


def _target(position: int, query: Query) -> prometheus.Dataquery:
    expr, legend = query
    return prometheus.Dataquery().expr(expr).legend_format(legend).ref_id(ascii_uppercase[position]).datasource(DATASOURCE)


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["last"]).values(False)


def _dressed(panel: _Kind, title: str, text: str, *, unit: str, span: int, height: int, drill: str) -> _Kind:
    panel.title(title).description(text).unit(unit).span(span).height(height).datasource(DATASOURCE).no_value(NO_DATA)
    links: list[cogbuilder.Builder[m.DashboardLink]] = [_link("Runbook", runbook(text))]
    if drill:
        links.insert(0, _link("Go deeper", f"/d/{drill}?${{__url_time_range}}"))
    panel.links(links)
    return panel


def _link(title: str, url: str) -> dashboard.DashboardLink:
    return dashboard.DashboardLink(title).type(m.DashboardLinkType.LINK).url(url)
