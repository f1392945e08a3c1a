"""A dashboard from rows of panels: variables, annotations and links are the same in all of them."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.builders import dashboard as d
from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.models import dashboard as m

from grafana.source.look import BAD, INFO, RUNBOOK, WARN
from grafana.source.panels import DATASOURCE, Panel

Row = tuple[str, Sequence[Panel]]
"""A question and the panels that answer it."""

TAG = "cdc"
_VARIABLES = {
    "job": ("Job", "label_values(up, job)"),
    "instance": ("Instance", 'label_values(up{job=~"$job"}, instance)'),
    "table": ("Table", 'label_values(cdc_records_total{job=~"$job",instance=~"$instance"}, table)'),
    "topic": ("Topic", 'label_values(cdc_consumer_lag_records{job=~"$job",instance=~"$instance"}, topic)'),
}
_ANNOTATIONS = (
    ("Faults", 'max by (experiment) (cdc_chaos_active{job=~"$job",instance=~"$instance"}) > 0', "{{experiment}}", BAD),
    ("Alerts", 'max by (alertname) (ALERTS{alertstate="firing",alertname!="Watchdog"})', "{{alertname}}", WARN),
    ("Restarts", 'changes(process_start_time_seconds{job=~"$job",instance=~"$instance"}[$__rate_interval]) > 0', "restart: {{job}}", INFO),
    ("Rebalances", 'changes(cdc_rebalances_total{job=~"$job",instance=~"$instance"}[$__rate_interval]) > 0', "rebalance", "purple"),
)


def dashboard(uid: str, title: str, question: str, rows: Sequence[Row], *, variables: Sequence[str] = ()) -> d.Dashboard:
    """A whole dashboard. `variables` are those besides datasource, job and instance; panel ids are 100 x row + position."""
    made = d.Dashboard(f"CDC / {title}").uid(uid).description(question).tags([TAG]).readonly().refresh("10s").time("now-15m", "now")
    made.timezone("browser").tooltip(m.DashboardCursorSync.CROSSHAIR)
    made.with_variable(d.DatasourceVariable("datasource").label("Data source").type("prometheus"))
    for name in ("job", "instance", *variables):
        made.with_variable(_variable(name))
    for name, expr, legend, color in _ANNOTATIONS:
        made.annotation(_annotation(name, expr, legend, color))
    made.link(
        d.DashboardLink("CDC dashboards")
        .type(m.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(True)
        .include_vars(True)
        .keep_time(True)
    )
    made.link(d.DashboardLink("Runbook").type(m.DashboardLinkType.LINK).url(RUNBOOK).icon("doc").target_blank(True))
    for number, (heading, panels) in enumerate(rows, 1):
        made.with_row(d.Row(heading).id(100 * number))
        for position, panel in enumerate(panels, 1):
            made.with_panel(panel.id(100 * number + position))
    return made


def _variable(name: str) -> d.QueryVariable:
    label, query = _VARIABLES[name]
    made = d.QueryVariable(name).label(label).query(query).datasource(DATASOURCE).multi(True).include_all(True).all_value(".+")
    return made.refresh(m.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(m.VariableSort.ALPHABETICAL_ASC).current(_all())


def _all() -> m.VariableOption:
    return m.VariableOption(selected=True, text=["All"], value=["$__all"])


def _annotation(name: str, expr: str, legend: str, color: str) -> d.AnnotationQuery:
    made = d.AnnotationQuery().name(name).datasource(DATASOURCE).enable(True).icon_color(color).expr(expr).title_format(legend)
    return made.target(prometheus.Dataquery().expr(expr).legend_format(legend).ref_id("Anno").datasource(DATASOURCE)).step("5s")
