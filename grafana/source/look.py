"""The house style: what one colour means, thresholds, states, and the words of a description."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grafana_foundation_sdk.builders import dashboard as d
from grafana_foundation_sdk.models import dashboard as m

OK, WARN, BAD, INFO, UNKNOWN = "green", "orange", "red", "blue", "#8e8e8e"
NO_DATA = "NO DATA"

RUNBOOK = "http://127.0.0.1:13100/runbook"
"""Served by the board, in both modes on the port of stack.env."""
_ALERT = re.compile(r"\b(?:Cdc|Kafka|Mongo)[A-Z][a-z]\w+")

State = tuple[str, str]
"""The text and colour of one code of a state."""

UP_DOWN: Mapping[int, State] = {0: ("DOWN", BAD), 1: ("UP", OK)}
YES_NO: Mapping[int, State] = {0: ("NO", BAD), 1: ("YES", OK)}
ALARM: Mapping[int, State] = {0: ("NO", OK), 1: ("YES", BAD)}


def about(what: str, *, good: str, then: str) -> str:
    """A description: what is shown, the good range, the next step when it is not."""
    return f"{what}\n\n**Good:** {good}\n\n**Next:** {then}"


def runbook(text: str) -> str:
    """Where to read on about a panel: the section of the first alert that its description names, else the whole runbook."""
    found = _ALERT.search(text)
    return f"{RUNBOOK}#{found[0].lower()}" if found else RUNBOOK


def rising(warn: float | None, bad: float | None = None) -> d.ThresholdsConfig:
    """More is worse: green, from `warn` orange, from `bad` red."""
    return _steps((None, OK), (warn, WARN), (bad, BAD))


def falling(bad: float, warn: float | None = None) -> d.ThresholdsConfig:
    """Less is worse: below `bad` red, below `warn` orange, then green."""
    return _steps((None, BAD), (bad, WARN if warn is not None else OK), (warn, OK))


def plain() -> d.ThresholdsConfig:
    """A number that is neither good nor bad by itself."""
    return _steps((None, INFO))


def _steps(*steps: tuple[float | None, str]) -> d.ThresholdsConfig:
    kept = [steps[0], *(step for step in steps[1:] if step[0] is not None)]
    return d.ThresholdsConfig().mode(m.ThresholdsMode.ABSOLUTE).steps([m.Threshold(value=value, color=color) for value, color in kept])


def mappings(states: Mapping[int, State] | None) -> list[m.ValueMap | m.RangeMap | m.RegexMap | m.SpecialValueMap]:
    """Texts and colours of codes. What is not there is grey and says so: it must never take the colour of a good value."""
    nothing = m.ValueMappingResult(text=NO_DATA, color=UNKNOWN, index=len(states or ()))
    found: list[m.ValueMap | m.RangeMap | m.RegexMap | m.SpecialValueMap] = []
    if states:
        results = enumerate(states.items())
        found.append(m.ValueMap({str(code): m.ValueMappingResult(text=text, color=color, index=n) for n, (code, (text, color)) in results}))
    return [
        *found,
        m.SpecialValueMap(m.DashboardSpecialValueMapOptions(match=m.SpecialValueMatch.NULL_AND_NAN, result=nothing)),
    ]


HUES: Mapping[str, str] = {
    "p50": "blue",
    "p99": "purple",
    "canary": "blue",
    "read back": "purple",
    "limit": BAD,
    "failed": BAD,
    "lost": BAD,
    "errors": BAD,
    "5xx": BAD,
    "4xx": WARN,
    "2xx": OK,
}
"""One thing has one colour everywhere; series that are not here take the next colour of the palette."""
