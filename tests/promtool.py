"""The cases of grafana/prometheus/tests as promtool reads them.

A case begins healthy (healthy.yml), changes some series after FAULT seconds, and names every alert that fires at certain times after that.
The whole set is compared, so a case fails for a page too many as well. Keys of `change`: a series, a metric (all its series), or
`job: worker` (all series of a job). Shapes, besides those of healthy.yml: `gone` (the series ends), `never` (it does not begin),
`new 26` (it begins, with 26), `frozen` (keeps its value), `jump 3` (grows by 3 once), `reset` (a counter begins anew at 0),
`value 0 600 30`: those values, a step each.
"""

import functools
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

DIRECTORY = Path(__file__).resolve().parent.parent / "grafana" / "prometheus"
STEP = 5
FAULT = 90
UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True)
class Case:
    """One case in one profile: what changes, and what fires how many seconds after that. `start` is the time of the change."""

    name: str
    file: str
    profile: str
    change: dict[str, str]
    checks: dict[int, list[str]]
    fault: int = FAULT
    extra: dict[str, str] = field(default_factory=dict)


def seconds(text):
    """1m30s is 90."""
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([smh])", text))


@functools.cache
def cases():
    """Every case of every profile."""
    found = []
    for path in sorted((DIRECTORY / "tests").glob("*.yml")):
        if path.name == "healthy.yml":
            continue
        for row in yaml.safe_load(path.read_text()):
            for profile, times in row["checks"].items():
                checks = {seconds(str(at)): fires or [] for at, fires in times.items()}
                fault = seconds(str(row.get("fault", f"{FAULT}s")))
                found.append(Case(row["name"], path.name, profile, row.get("change", {}), checks, fault, row.get("extra", {})))
    return found


@functools.cache
def rules(profile):
    """The alerting rules of a profile."""
    groups = yaml.safe_load((DIRECTORY / "rules" / f"{profile}.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


def _with_job(series, job):
    name, _, labels = series.partition("{")
    own = f'job="{job}",instance="{job}:1"'
    return f"{name}{{{own},{labels}" if labels else f"{name}{{{own}}}"


def healthy():
    """series -> shape of a healthy pipeline."""
    jobs = yaml.safe_load((DIRECTORY / "tests" / "healthy.yml").read_text())
    return {_with_job(series, job): shape for job, rows in jobs.items() for series, shape in rows.items()}


def _chosen(series, key):
    if key.startswith("job: "):
        return f'job="{key[5:]}"' in series
    name, _, labels = key.partition("{")
    return series.partition("{")[0] == name and all(label in series for label in labels.rstrip("}").split(",") if label)


def _slope(shape):
    kind, _, number = shape.partition(" ")
    return {"=": (float(number or 0), 0.0), "+": (0.0, float(number or 0)), "clock": (0.0, float(STEP))}[kind]


def _values(shape, change, before, after):
    """promtool's notation: `before` healthy samples, then `after` changed ones."""
    start, slope = _slope(shape)
    end = start + slope * before
    head = f"{start:g}+{slope:g}x{before - 1}" if before > 0 else ""
    if change == "never":
        return f"_x{before + after}"
    kind, _, rest = (change or "").partition(" ")
    if kind == "new":
        return f"_x{before} {float(rest):g}+0x{after}"
    tails = {
        "": lambda: f"{end:g}+{slope:g}x{after}",
        "gone": lambda: "stale" if before else "_",
        "frozen": lambda: f"{end - slope:g}+0x{after}",
        "=": lambda: f"{float(rest):g}+0x{after}",
        "+": lambda: f"{end:g}+{float(rest):g}x{after}",
        "clock": lambda: f"{end:g}+{STEP}x{after}",
        "jump": lambda: f"{end + float(rest):g}+{slope:g}x{after}",
        "reset": lambda: f"0+{slope:g}x{after}",
        "value": lambda: rest,
    }
    return f"{head} {tails[kind]()}".strip()


def _expected(selector, severities):
    name, _, labels = selector.partition("{")
    text = "".join(f",{label}" for label in labels.rstrip("}").split(",") if label)
    return {"labels": f'ALERTS{{alertname="{name}",alertstate="firing",severity="{severities[name]}"{text}}}', "value": 1}


def as_test(case, rule_file):
    """One case as a promtool test file."""
    severities = {rule["alert"]: rule["labels"]["severity"] for rule in rules(case.profile)}
    before, after = case.fault // STEP, max(case.checks) // STEP + 2
    series = {}
    for name, shape in {**healthy(), **case.extra}.items():
        change = next((new for key, new in reversed(case.change.items()) if _chosen(name, key)), None)
        series[name] = _values(shape, change, before, after)
    expressions = [
        {
            "expr": 'ALERTS{alertstate="firing",alertname!="Watchdog"}',
            "eval_time": f"{case.fault + at}s",
            "exp_samples": [_expected(selector, severities) for selector in fires],
        }
        for at, fires in ([(-STEP, [])] if before else []) + list(case.checks.items())
    ]
    interval = {"laptop": "5s", "30d": "15s"}[case.profile]
    return {
        "rule_files": [str(rule_file)],
        "evaluation_interval": interval,
        "tests": [
            {
                "name": f"{case.name} ({case.profile})",
                "interval": f"{STEP}s",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": expressions,
            }
        ],
    }
