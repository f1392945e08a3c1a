"""Panels about MongoDB, from outside it."""

from __future__ import annotations

from typing import Final

from grafana.source.look import BAD, OK, WARN, State, about, falling
from grafana.source.panels import Panel, lines, timeline
from grafana.source.query import coded, least, quantiles

MEMBER_CODES: Final = {
    "primary": 1,
    "secondary": 2,
    "arbiter": 2,
    "recovering": 3,
    "startup": 4,
    "startup2": 4,
    "rollback": 5,
    "down": 6,
    "unknown": 6,
    "removed": 6,
}
_STATES: dict[int, State] = {
    1: ("PRIMARY", OK),
    2: ("SECONDARY", OK),
    3: ("RECOVERING", WARN),
    4: ("STARTUP", WARN),
    5: ("ROLLBACK", BAD),
    6: ("DOWN", BAD),
}


def panels() -> list[Panel]:
    """State of the members, oplog, how long an answer takes."""
    return [_members(), _oplog(), _answers()]


def _members() -> Panel:
    text = about(
        "State of each member of the replica set.",
        good="one PRIMARY.",
        then="no primary: MongoNoPrimary in the runbook. Writes wait and go on by themselves.",
    )
    query = (coded("cdc_mongo_member_state", "state", MEMBER_CODES, by="member"), "{{member}}")
    return timeline("Members", [query], text, states=_STATES, height=4)


def _oplog() -> Panel:
    text = about(
        "Time between the oldest and the newest entry of the oplog: how long a member may be away.",
        good="hours; a young database has less.",
        then="shorter than an outage you want to survive: a larger oplog.",
    )
    return lines("Oplog window", [(least("cdc_mongo_oplog_window_seconds"), "window")], text, unit="s", limits=falling(600, 3600))


def _answers() -> Panel:
    text = about(
        "How long MongoDB takes to answer the prober: half of its questions, and all but one of a hundred.",
        good="below 50 ms.",
        then="slow: `make logs S=mongo` names slow operations.",
    )
    queries = quantiles("cdc_probe_seconds", 'target="mongo"')
    return lines("Answers", queries, text, unit="s")
